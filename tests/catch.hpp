#pragma once
// One door to Catch2, major version 2 (Debian 12) or 3 (Ubuntu 24.04).

#if PECIA_CATCH_MAJOR == 3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <cstdio>

// Ends a test that lacks something outside the repository. CTest counts it as skipped by this mark.
#define PECIA_SKIP(reason)                      \
  do {                                          \
    std::printf("[pecia-skip] %s\n", (reason)); \
    SUCCEED(reason);                            \
    return;                                     \
  } while (false)
