# What `cmake --install` puts where: the program, and all that an author needs
# to build an app against it by find_package(launch) or pkg-config.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/launch)
set(templates ${PROJECT_SOURCE_DIR}/modes/cmake)

install(TARGETS launch RUNTIME)
install(TARGETS launch_app EXPORT launch)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/modes/include/launch TYPE INCLUDE
  FILES_MATCHING PATTERN *.hpp)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE TYPE DOC)
install(FILES ${PROJECT_SOURCE_DIR}/docs/launch.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)

install(EXPORT launch NAMESPACE launch:: DESTINATION ${package_dir}
  FILE launch-targets.cmake)
configure_package_config_file(${templates}/launch-config.cmake.in
  ${PROJECT_BINARY_DIR}/launch-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/launch-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/launch-config.cmake
  ${PROJECT_BINARY_DIR}/launch-config-version.cmake
  ${templates}/LaunchApp.cmake
  DESTINATION ${package_dir})

configure_file(${templates}/launch.pc.in ${PROJECT_BINARY_DIR}/launch.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/launch.pc
  DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
