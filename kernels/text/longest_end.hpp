#pragma once
// Which part of a text to keep where only its end has room: as much of it as fits, and no half
// word in front. Pure functions.

#include <cstddef>
#include <functional>
#include <string_view>

namespace pecia::kernels {

// A run of text without white space of more bytes is no word: scripts that write without spaces,
// and code, are cut between any two characters of such a run.
inline constexpr std::size_t kWordBytesMax = 256;

// The longest end of `text` that `fits`: all of it, or what begins behind white space, or with any
// character of a run beyond kWordBytesMax. Asks `fits` some log2(bytes) times, so it takes for
// granted that a shorter end fits where a longer one does; where that does not hold, what it gives
// still fits. REQUIRES fits("").
std::string_view longest_end(std::string_view text,
                             const std::function<bool(std::string_view)>& fits);

}  // namespace pecia::kernels
