# How every target of ours is compiled. The contract of arithmetic (docs/NUMERICS.md) forbids fused
# contraction and fast-math everywhere, tests included.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(pecia_options INTERFACE)
target_include_directories(pecia_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(pecia_options INTERFACE
  -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)
if(PECIA_SANITIZE)
  target_compile_options(pecia_options INTERFACE
    -fsanitize=${PECIA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(pecia_options INTERFACE -fsanitize=${PECIA_SANITIZE})
  # With sanitizers gcc sees uninitialised variables and overflows inside libstdc++ (its bugs 105562
  # and 105329); the sanitizers themselves and the plain build, where the warnings stay on, judge
  # our code.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(pecia_options INTERFACE -Wno-maybe-uninitialized
      -Wno-stringop-overflow)
  endif()
endif()
if(PECIA_FUZZERS)
  # Coverage counters in every object; only the fuzzers themselves get libFuzzer's main.
  target_compile_options(pecia_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# pecia_library(name SOURCES... LINK targets...): one static library per folder.
function(pecia_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC pecia_options ${ARG_LINK})
endfunction()
