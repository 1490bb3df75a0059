#pragma once
// Slicing strategies for input text: pure functions, one file each, one interface.
// Every strategy returns slices that cover the text exactly: concatenated they are the input.

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

struct TextSlice {
  std::size_t begin = 0, end = 0;  // bytes [begin, end)
};

struct SlicingBudget {
  std::size_t slices = 1;  // at most so many; fewer where the text has fewer units
};

// Cost of a piece of text, tokens; additive enough for packing.
using TextCost = std::function<std::size_t(std::string_view)>;

// Equal token blocks, never inside a grapheme.
Expected<std::vector<TextSlice>> slice_block(std::string_view text, SlicingBudget budget,
                                             const TextCost& cost);
// ICU sentence boundaries, packed so that the largest slice is as small as possible.
Expected<std::vector<TextSlice>> slice_sentence(std::string_view text, SlicingBudget budget,
                                                const TextCost& cost);
// Blank-line paragraphs, packed likewise.
Expected<std::vector<TextSlice>> slice_paragraph(std::string_view text, SlicingBudget budget,
                                                 const TextCost& cost);

// Linear partition: cuts `costs` into at most `parts` runs with the smallest possible largest sum;
// returns the exclusive end index of every run. O(n log sum).
std::vector<std::size_t> linear_partition(const std::vector<std::size_t>& costs, std::size_t parts);

}  // namespace pecia::kernels
