#include "kernels/text/slice_units.hpp"

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace pecia::kernels {
namespace {

struct IcuClose {
  void operator()(UText* text) const { utext_close(text); }
  void operator()(UBreakIterator* breaks) const { ubrk_close(breaks); }
};

Error icu_error(const char* call, UErrorCode code) {
  return fail(ErrorKind::elsewhere, "ICU {}: {}; is its data installed?", call, u_errorName(code));
}

// An iterator and the text it walks over.
class Breaks {
 public:
  static Expected<Breaks> open(std::string_view text, UBreakIteratorType kind) {
    Breaks breaks;
    UErrorCode code = U_ZERO_ERROR;
    breaks.text_.reset(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &code));
    if (U_FAILURE(code)) return icu_error("utext_openUTF8", code);
    // "" is the root locale: the user's own would make slices depend on the machine.
    breaks.iterator_.reset(ubrk_open(kind, "", nullptr, 0, &code));
    if (U_FAILURE(code)) return icu_error("ubrk_open", code);
    ubrk_setUText(breaks.iterator_.get(), breaks.text_.get(), &code);
    if (U_FAILURE(code)) return icu_error("ubrk_setUText", code);
    return breaks;
  }

  // The end of the next unit, bytes; none behind the last.
  std::optional<std::size_t> next() {
    const std::int32_t end = ubrk_next(iterator_.get());
    return end == UBRK_DONE ? std::nullopt : std::optional(static_cast<std::size_t>(end));
  }
  // Of the unit that next() ended.
  bool is_word() const { return ubrk_getRuleStatus(iterator_.get()) >= UBRK_WORD_NONE_LIMIT; }

 private:
  std::unique_ptr<UText, IcuClose> text_;
  std::unique_ptr<UBreakIterator, IcuClose> iterator_;
};

}  // namespace

Expected<std::vector<std::size_t>> unit_ends(std::string_view text, TextUnit unit) {
  auto breaks = Breaks::open(text, unit == TextUnit::grapheme ? UBRK_CHARACTER : UBRK_SENTENCE);
  if (!breaks) return breaks.error();
  std::vector<std::size_t> ends;
  while (const auto end = breaks->next()) ends.push_back(*end);
  return ends;
}

Expected<std::vector<TextSlice>> words_of(std::string_view text) {
  auto breaks = Breaks::open(text, UBRK_WORD);
  if (!breaks) return breaks.error();
  std::vector<TextSlice> words;
  std::size_t begin = 0;
  while (const auto end = breaks->next()) {
    if (breaks->is_word()) words.push_back({begin, *end});
    begin = *end;
  }
  return words;
}

Status check_slicing(std::string_view text, SlicingBudget budget) {
  if (budget.slices == 0)
    return fail(ErrorKind::refuse, "0 slices asked for; a text needs 1 or more");
  if (text.size() > kSlicedTextBytesMax)
    return fail(ErrorKind::refuse, "the text has {} bytes; at most {} can be sliced", text.size(),
                kSlicedTextBytesMax);
  return {};
}

std::vector<TextSlice> slices_at(const std::vector<std::size_t>& ends) {
  std::vector<TextSlice> slices;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    slices.push_back({begin, end});
    begin = end;
  }
  return slices;
}

std::vector<TextSlice> pack_units(std::string_view text, const std::vector<std::size_t>& ends,
                                  SlicingBudget budget, const TextCost& cost) {
  std::vector<std::size_t> costs;
  for (const TextSlice& unit : slices_at(ends))
    costs.push_back(cost(text.substr(unit.begin, unit.end - unit.begin)));
  std::vector<std::size_t> slice_ends;
  for (const std::size_t run_end : linear_partition(costs, budget.slices))
    slice_ends.push_back(ends[run_end - 1]);
  return slices_at(slice_ends);
}

}  // namespace pecia::kernels
