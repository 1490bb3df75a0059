#pragma once
// Longest common subsequence of two lists of numbers, by bits (Hyyro 2004, "Bit-parallel LCS-length
// computation revisited"): n m / 64 steps, so two texts of 32,000 words take a few hundredths of a
// second. Pure functions.

#include <cstdint>
#include <span>
#include <vector>

namespace pecia::kernels {

std::size_t lcs_length(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

// Places in `a` of one longest common subsequence, ascending: the one that ROUGE-1.5.5 reads out of
// its table from the end (a match is taken; else one step back in `b` where this is strictly
// better, or in `a`). Takes a bit of memory for each pair of places.
std::vector<std::size_t> lcs_places(std::span<const std::uint32_t> a,
                                    std::span<const std::uint32_t> b);

}  // namespace pecia::kernels
