#include <algorithm>

#include "kernels/text/blank_line.hpp"
#include "kernels/text/slice_units.hpp"

namespace pecia::kernels {
namespace {

// A paragraph ends where a line of text follows a blank one. Blank lines at the start of the text
// belong to the first.
std::vector<std::size_t> paragraph_ends(std::string_view text) {
  std::vector<std::size_t> ends;
  bool has_text = false;
  bool after_blank = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const bool blank = is_blank(text.substr(begin, end - begin));
    if (!blank && has_text && after_blank) ends.push_back(begin);
    has_text = has_text || !blank;
    after_blank = blank;
    begin = end;
  }
  if (!text.empty()) ends.push_back(text.size());
  return ends;
}

}  // namespace

Expected<std::vector<TextSlice>> slice_paragraph(std::string_view text, SlicingBudget budget,
                                                 const TextCost& cost) {
  if (Status status = check_slicing(text, budget); !status) return status.error();
  return pack_units(text, paragraph_ends(text), budget, cost);
}

}  // namespace pecia::kernels
