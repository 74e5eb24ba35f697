# cmake -DSOURCE=… -DBUILD=… -DGENERATOR=… -DCOMPILER=… -P without_npm.cmake: where npm is not found, and where it is told not to be used, the program is
# built without it, with the page that says so: the project is configured anew, and what is compiled into the program is looked at.
cmake_minimum_required(VERSION 3.25)

function(expect condition)
  if(NOT (${ARGV}))
    list(JOIN ARGV " " text)
    message(SEND_ERROR "${way}: not so: ${text}")
  endif()
endfunction()

foreach(way "-DMALAPOSTA_NPM=" "-DMALAPOSTA_WEB=OFF")
  file(REMOVE_RECURSE "${BUILD}")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BUILD}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}" -DMALAPOSTA_TESTS=OFF
      -DMALAPOSTA_LIBRARY=OFF "${way}"
    OUTPUT_VARIABLE told ERROR_VARIABLE told COMMAND_ERROR_IS_FATAL ANY)
  expect(told MATCHES "The program is built without its web page")
  file(READ "${BUILD}/generated/web_files.inc" table)
  expect(table STREQUAL "MALAPOSTA_FILE(web_file_0, \"index.html\")\n")
  file(READ "${BUILD}/generated/web_files.S" assembler)
  string(FIND "${assembler}" ".incbin \"${SOURCE}/web/without/index.html\"" at)
  expect(at GREATER 0)
endforeach()
