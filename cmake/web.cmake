# The web page (web/): npm installs what its lock file names, Vite builds it, and what comes out is compiled into the program.
# Packages and output stay in the build folder. Without npm, or with -DMALAPOSTA_WEB=OFF, the program has a page that says so.
option(MALAPOSTA_WEB "Build the web page, where npm is installed" ON)
find_program(MALAPOSTA_NPM npm)

# malaposta_embed_web(TARGET): the table is web_files.inc.
function(malaposta_embed_web target)
  set(source "${PROJECT_SOURCE_DIR}/web")
  set(prefix "${PROJECT_BINARY_DIR}/generated/web_files")
  if(NOT MALAPOSTA_WEB OR NOT MALAPOSTA_NPM)
    message(STATUS "The program is built without its web page (MALAPOSTA_WEB is ${MALAPOSTA_WEB}, npm is ${MALAPOSTA_NPM})")
    malaposta_write_files("${prefix}" web_file "${source}/without" "${source}/without/index.html")
    set_source_files_properties("${prefix}.S" PROPERTIES OBJECT_DEPENDS "${source}/without/index.html")
    target_sources(${target} PRIVATE "${prefix}.S")
    return()
  endif()
  # What the tests need as well is left out where there are none.
  set(omit "")
  if(NOT MALAPOSTA_TESTS)
    set(omit dev)
  endif()
  set(script "${PROJECT_SOURCE_DIR}/cmake/build_web.cmake")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${source}/src/*")
  add_custom_command(OUTPUT "${prefix}.S" "${prefix}.inc"
    COMMAND "${CMAKE_COMMAND}" "-DNPM=${MALAPOSTA_NPM}" "-DSOURCE=${source}" "-DBUILD=${PROJECT_BINARY_DIR}/web" "-DPREFIX=${prefix}"
      "-DOMIT=${omit}" -P "${script}"
    DEPENDS ${sources} "${source}/package.json" "${source}/package-lock.json" "${source}/.npmrc" "${source}/index.html"
      "${source}/vite.config.ts" "${source}/tsconfig.json" "${script}" "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
    COMMENT "Building the web page"
    VERBATIM)
  target_sources(${target} PRIVATE "${prefix}.S" "${prefix}.inc")
endfunction()
