#pragma once
// How much memory the calling thread asked for at once, by any operator new of the program.

#include <cstddef>

namespace pecia::test {

// The largest request since the last call.
std::size_t largest_allocation();

}  // namespace pecia::test
