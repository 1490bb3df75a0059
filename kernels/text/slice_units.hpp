#pragma once
// What the slicing strategies share: where units of text end, and how units become slices.
// Ends are byte offsets, ascending, the last being the end of the text.

#include <cstddef>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/slicing.hpp"

namespace pecia::kernels {

enum class TextUnit { grapheme, sentence };

// Ends of the units that ICU's break iterator finds (Unicode Annex 29).
Expected<std::vector<std::size_t>> unit_ends(std::string_view text, TextUnit unit);

// Words as ICU's break iterator finds them (dictionaries where no spaces divide them), in order.
// White space and marks between them are none.
Expected<std::vector<TextSlice>> words_of(std::string_view text);

// Refuses what no strategy takes: a budget of no slice, a text beyond kSlicedTextBytesMax.
Status check_slicing(std::string_view text, SlicingBudget budget);

// Slices between consecutive ends.
std::vector<TextSlice> slices_at(const std::vector<std::size_t>& ends);

// Packs whole units into slices by linear_partition() of their costs.
std::vector<TextSlice> pack_units(std::string_view text, const std::vector<std::size_t>& ends,
                                  SlicingBudget budget, const TextCost& cost);

}  // namespace pecia::kernels
