#pragma once
// Words of a user in messages: shown so that they stay on one line, and set right where they are
// nearly a word that is known. Thread rule: pure functions.

#include <span>
#include <string>
#include <string_view>

namespace pecia::runtime {

inline constexpr std::size_t kShownBytesMax = 64;

// In single quotes, control characters as '?', cut behind kShownBytesMax.
std::string quoted(std::string_view word);

// The known word with the fewest letters to insert, remove or replace; the first of equals.
// REQUIRES at least one known word.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace pecia::runtime
