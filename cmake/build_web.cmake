# cmake -DNPM=… -DSOURCE=web -DBUILD=build/…/web -DPREFIX=generated/web_files [-DOMIT=dev] -P build_web.cmake: builds the web page
# in BUILD and writes the table of what came out, whose names are known only then.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/embed.cmake")

# npm is asked only when what is to be installed has changed.
file(SHA256 "${SOURCE}/package-lock.json" wanted)
string(APPEND wanted " without ${OMIT}\n")
set(stamp "${BUILD}/installed")
set(installed "")
if(EXISTS "${stamp}")
  file(READ "${stamp}" installed)
endif()
file(MAKE_DIRECTORY "${BUILD}")
file(COPY "${SOURCE}/package.json" "${SOURCE}/package-lock.json" "${SOURCE}/.npmrc" DESTINATION "${BUILD}")
if(NOT installed STREQUAL wanted)
  file(REMOVE "${stamp}")
  execute_process(COMMAND "${NPM}" ci --silent "--omit=${OMIT}" WORKING_DIRECTORY "${BUILD}" RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "npm could not install the packages of the web page; -DMALAPOSTA_WEB=OFF builds the program without it")
  endif()
  file(WRITE "${stamp}" "${wanted}")
endif()

file(REMOVE_RECURSE "${BUILD}/src" "${BUILD}/dist")
file(COPY "${SOURCE}/src" "${SOURCE}/index.html" "${SOURCE}/vite.config.ts" "${SOURCE}/tsconfig.json" DESTINATION "${BUILD}")
execute_process(COMMAND "${NPM}" run --silent build WORKING_DIRECTORY "${BUILD}" RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "the web page could not be built")
endif()

file(GLOB_RECURSE files "${BUILD}/dist/*")
list(SORT files)
malaposta_write_files("${PREFIX}" web_file "${BUILD}/dist" ${files})
# They may be the same as before while the bytes behind the names are not.
file(TOUCH "${PREFIX}.S" "${PREFIX}.inc")
