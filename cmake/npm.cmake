# malaposta_npm(TARGET SOURCE BUILD COMMENT): installs into BUILD/node_modules what SOURCE/package-lock.json names, with every build in which that
# has changed. Without npm there is no such target.
function(malaposta_npm target source build comment)
  if(NOT MALAPOSTA_NPM)
    return()
  endif()
  set(files "${source}/package.json" "${source}/package-lock.json" "${source}/.npmrc")
  file(MAKE_DIRECTORY "${build}")
  add_custom_command(OUTPUT "${build}/node_modules/.package-lock.json"
    COMMAND "${CMAKE_COMMAND}" -E copy ${files} "${build}"
    COMMAND "${MALAPOSTA_NPM}" --prefix "${build}" ci --silent
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    DEPENDS ${files}
    COMMENT "${comment}"
    VERBATIM)
  add_custom_target(${target} ALL DEPENDS "${build}/node_modules/.package-lock.json")
endfunction()
