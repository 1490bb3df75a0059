#pragma once
// Slicing strategies for input text: pure functions, one file each, one interface.
// Every strategy returns slices that cover the text exactly: concatenated they are the input, none
// is empty, and an empty text has none. Boundaries are those of Unicode as the installed ICU knows
// them, in the root locale; bytes that are not UTF-8 count as single characters.

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

struct TextSlice {
  std::size_t begin = 0, end = 0;  // bytes [begin, end)
};

inline constexpr std::size_t kSlicedTextBytesMax = 64 * 1024 * 1024;

struct SlicingBudget {
  std::size_t slices = 1;  // so many; fewer where the text has fewer units
};

// Cost of a piece of text, tokens; additive enough for packing.
using TextCost = std::function<std::size_t(std::string_view)>;

// All three refuse a budget of no slice and a text above kSlicedTextBytesMax. Each byte of the
// text goes through `cost` once; slice_block() asks again for some hundred graphemes a cut.

// Equal token blocks, never inside a grapheme.
Expected<std::vector<TextSlice>> slice_block(std::string_view text, SlicingBudget budget,
                                             const TextCost& cost);
// ICU sentence boundaries, packed so that the largest slice is as small as possible.
Expected<std::vector<TextSlice>> slice_sentence(std::string_view text, SlicingBudget budget,
                                                const TextCost& cost);
// Blank-line paragraphs, packed likewise. The blank lines belong to the paragraph before them.
Expected<std::vector<TextSlice>> slice_paragraph(std::string_view text, SlicingBudget budget,
                                                 const TextCost& cost);

// Linear partition: cuts `costs` into min(parts, costs.size()) runs with the smallest possible
// largest sum, earlier runs filled first; returns the exclusive end index of every run.
// O(n log sum). REQUIRES parts > 0 and a sum below 2^64.
std::vector<std::size_t> linear_partition(const std::vector<std::size_t>& costs, std::size_t parts);

}  // namespace pecia::kernels
