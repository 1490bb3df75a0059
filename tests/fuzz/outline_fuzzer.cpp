// Outline Markdown and slicing over any bytes. An outline that parses survives being written out
// and parsed again, gives whole prompts and streams to its own merge; every strategy covers the
// input exactly.

#include <cstdint>
#include <cstdlib>

#include "kernels/text/outline.hpp"
#include "kernels/text/slicing.hpp"
#include "kernels/text/visible_text.hpp"

using namespace pecia::kernels;

namespace {

constexpr OutlineLimits kLimits{.bytes_max = 64 * 1024, .sections_max = 64};

void require(bool condition) {
  if (!condition) std::abort();
}

// A newline first: a byte order mark behind the one dropped is text.
std::string written_out(const Outline& outline) {
  std::string text = "\n" + outline.preamble + "\n\n";
  for (const OutlineSection& section : outline.sections)
    text += section.heading + "\n" + section.notes + "\n\n";
  return text;
}

void require_same(const Outline& a, const Outline& b) {
  require(a.preamble == b.preamble && a.sections.size() == b.sections.size());
  for (std::size_t k = 0; k < a.sections.size(); ++k) {
    require(a.sections[k].level == b.sections[k].level);
    require(a.sections[k].heading == b.sections[k].heading);
    require(a.sections[k].notes == b.sections[k].notes);
  }
}

void check_outline(const Outline& outline, std::string_view generated) {
  require(!outline.sections.empty() && outline.sections.size() <= kLimits.sections_max);
  require_same(outline, parse_outline(written_out(outline)).value());

  std::string streamed = document_start(outline);
  for (std::size_t k = 0; k < outline.sections.size(); ++k) {
    const std::string start = slice_start(outline, k);
    require(start == outline.sections[k].heading + "\n\n");
    require(slice_prompt(outline, k).ends_with("\n\n" + start));
    streamed += start;
    streamed += visible_text(generated);
    streamed += slice_end(outline, k);
  }
  const std::vector<std::string> slices(outline.sections.size(), std::string(generated));
  require(streamed == merge(outline, slices));
}

void check_covers(const std::vector<TextSlice>& slices, std::size_t text_bytes) {
  std::size_t end = 0;
  for (const TextSlice& slice : slices) {
    require(slice.begin == end && slice.end > slice.begin);
    end = slice.end;
  }
  require(end == text_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), count);
  if (const auto outline = parse_outline(text, kLimits)) {
    check_outline(*outline, text.substr(count / 2));
  } else {
    require(outline.error().kind == ErrorKind::refuse && !outline.error().message.empty());
  }
  const TextCost words = [](std::string_view piece) { return 1 + piece.size() / 4; };
  const SlicingBudget budget{.slices = 1 + count % 7};
  for (const auto strategy : {slice_block, slice_sentence, slice_paragraph})
    check_covers(strategy(text, budget, words).value(), count);
  return 0;
}
