# Everything the project links comes from the distribution's packages; `./dev setup` installs them.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
find_package(CapnProto REQUIRED)  # needs the language C, or says that libatomic is missing
list(APPEND CMAKE_MODULE_PATH ${PROJECT_SOURCE_DIR}/cmake)
find_package(CAF 0.17.6 EXACT REQUIRED)
if(PECIA_SANITIZE MATCHES "undefined")
  # CAF's headers bind a reference to an empty shared pointer (init_fun_factory.hpp) and never use
  # it; AddressSanitizer still sees every null that is read.
  set_property(TARGET CAF::core APPEND PROPERTY INTERFACE_COMPILE_OPTIONS -fno-sanitize=null)
endif()
