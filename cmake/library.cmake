# The library that other programs link, shared and static, from the same object files: what `cmake --install` installs, and what
# find_package(malaposta CONFIG) and pkg-config find (docs/embedding.md). client_tests/embed uses it from outside.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Of 0.x, each minor version may break what was built with another.
set(MALAPOSTA_ABI ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

# Shared: what the API needs of the rooms, and nothing visible but the API.
add_library(malaposta_shared SHARED $<TARGET_OBJECTS:malaposta_embed>)
target_link_libraries(malaposta_shared PRIVATE malaposta_net malaposta_report)
set(map "${PROJECT_SOURCE_DIR}/cmake/malaposta.map")
target_link_options(malaposta_shared PRIVATE "LINKER:--version-script=${map},--as-needed")
if(NOT MALAPOSTA_SANITIZE)
  target_link_options(malaposta_shared PRIVATE "LINKER:-z,defs")
endif()
set_target_properties(malaposta_shared PROPERTIES LINK_DEPENDS "${map}" VERSION ${PROJECT_VERSION} SOVERSION ${MALAPOSTA_ABI})

# Static: all rooms that the API stands on, in one archive. The JUnit report is in none of them: nobody has to link its XML library.
set(objects "")
foreach(room IN ITEMS embed net verify scenario protocol journal catalogue)
  list(APPEND objects $<TARGET_OBJECTS:malaposta_${room}>)
endforeach()
add_library(malaposta_static STATIC ${objects} $<FILTER:$<TARGET_OBJECTS:malaposta_report>,EXCLUDE,junit>)
target_link_libraries(malaposta_static
  PRIVATE fmt::fmt Boost::json OpenSSL::SSL PkgConfig::FYAML PkgConfig::RE2 PkgConfig::GSASL Threads::Threads)

foreach(kind IN ITEMS shared static)
  set_target_properties(malaposta_${kind} PROPERTIES OUTPUT_NAME malaposta EXPORT_NAME ${kind} LINKER_LANGUAGE CXX)
  target_compile_features(malaposta_${kind} INTERFACE cxx_std_20)
  target_include_directories(malaposta_${kind} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  install(TARGETS malaposta_${kind} EXPORT malaposta-${kind}
    LIBRARY COMPONENT library NAMELINK_COMPONENT development
    ARCHIVE COMPONENT development)
  install(EXPORT malaposta-${kind} NAMESPACE malaposta:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/malaposta COMPONENT development)
endforeach()
# The same name for programs that have the sources in their tree.
add_library(malaposta::malaposta ALIAS malaposta_shared)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/malaposta DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN *.hpp)
configure_package_config_file(cmake/malaposta-config.cmake.in "${PROJECT_BINARY_DIR}/malaposta-config.cmake"
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/malaposta NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/malaposta-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/malaposta-config.cmake" "${PROJECT_BINARY_DIR}/malaposta-config-version.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/malaposta COMPONENT development)

# Paths from where the file is, so that the tree can be moved.
file(RELATIVE_PATH MALAPOSTA_PREFIX_FROM_PC "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" MALAPOSTA_PREFIX_FROM_PC "${MALAPOSTA_PREFIX_FROM_PC}")
configure_file(cmake/malaposta.pc.in "${PROJECT_BINARY_DIR}/malaposta.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/malaposta.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
