# What `cmake --install` leaves beside the program and its model: the library with its headers and
# its CMake package, configs to begin with, and what there is to read.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/pecia)
install(TARGETS pecia_library EXPORT peciaTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(FILES pecia/error.hpp pecia/job.hpp pecia/node.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pecia COMPONENT library)
install(EXPORT peciaTargets NAMESPACE pecia:: DESTINATION ${package} COMPONENT library)
configure_package_config_file(cmake/peciaConfig.cmake.in ${PROJECT_BINARY_DIR}/peciaConfig.cmake
  INSTALL_DESTINATION ${package})
# Before 1.0 a minor version may change the classes of the front door.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/peciaConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/peciaConfig.cmake ${PROJECT_BINARY_DIR}/peciaConfigVersion.cmake
  DESTINATION ${package} COMPONENT library)

install(FILES config/all_options.toml config/one.toml config/two.toml config/local.toml
    config/lan.toml config/pecia-node@.service
  DESTINATION ${CMAKE_INSTALL_DATADIR}/pecia/config COMPONENT program)
install(FILES LICENSE README.md CHANGELOG.md ARCHITECTURE.md docs/NUMERICS.md docs/PROTOCOL.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
