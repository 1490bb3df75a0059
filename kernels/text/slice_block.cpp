#include <algorithm>

#include "kernels/text/slice_units.hpp"

namespace pecia::kernels {
namespace {

constexpr std::size_t kPieceGraphemes = 256;

// Cost of everything before each place of the text, to the grapheme. Tokens do not add up over
// graphemes, so cost is summed over pieces of 256 and searched for inside one piece only.
class CostScale {
 public:
  // REQUIRES !grapheme_ends.empty().
  CostScale(std::string_view text, const std::vector<std::size_t>& grapheme_ends,
            const TextCost& cost)
      : text_(text), ends_(grapheme_ends), cost_(cost) {
    for (std::size_t first = 0; first < ends_.size(); first += kPieceGraphemes) {
      before_.push_back(total_);
      total_ += cost_between(begin_of(first), ends_[piece_end(first) - 1]);
    }
  }

  std::size_t total() const { return total_; }

  // The first grapheme end with at least `target` before it. REQUIRES target <= total().
  std::size_t place_of(std::size_t target) const {
    const auto later = std::upper_bound(before_.begin(), before_.end(), target);
    const auto piece = static_cast<std::size_t>(later - before_.begin()) - 1;
    const std::size_t first = piece * kPieceGraphemes;
    const std::size_t begin = begin_of(first);
    const std::size_t missing = target - before_[piece];
    if (missing == 0) return begin;
    const auto from = ends_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto last = ends_.begin() + static_cast<std::ptrdiff_t>(piece_end(first)) - 1;
    return *std::partition_point(
        from, last, [&](std::size_t end) { return cost_between(begin, end) < missing; });
  }

 private:
  std::size_t begin_of(std::size_t grapheme) const {
    return grapheme == 0 ? 0 : ends_[grapheme - 1];
  }
  std::size_t piece_end(std::size_t first) const {
    return std::min(first + kPieceGraphemes, ends_.size());
  }
  std::size_t cost_between(std::size_t begin, std::size_t end) const {
    return cost_(text_.substr(begin, end - begin));
  }

  std::string_view text_;
  const std::vector<std::size_t>& ends_;
  const TextCost& cost_;
  std::vector<std::size_t> before_;  // of each piece
  std::size_t total_ = 0;
};

}  // namespace

Expected<std::vector<TextSlice>> slice_block(std::string_view text, SlicingBudget budget,
                                             const TextCost& cost) {
  if (Status status = check_slicing(text, budget); !status) return status.error();
  const auto graphemes = unit_ends(text, TextUnit::grapheme);
  if (!graphemes) return graphemes.error();
  if (graphemes->empty()) return std::vector<TextSlice>();

  const CostScale scale(text, *graphemes, cost);
  const std::size_t slices = std::min(budget.slices, graphemes->size());
  std::vector<std::size_t> ends;
  for (std::size_t k = 1; k < slices; ++k) {
    const std::size_t place = scale.place_of(scale.total() * k / slices);
    // Two cuts meet where one grapheme holds more than a slice's share.
    if (place > (ends.empty() ? 0 : ends.back()) && place < text.size()) ends.push_back(place);
  }
  ends.push_back(text.size());
  return slices_at(ends);
}

}  // namespace pecia::kernels
