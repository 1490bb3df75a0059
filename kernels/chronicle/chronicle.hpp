#pragma once
// A chronicle: the header of facts, the outline, and the chapters told from it. Pure: the same
// facts, key and stream give the same bytes on every machine.

#include <string>
#include <vector>

#include "kernels/chronicle/facts.hpp"
#include "kernels/text/outline.hpp"

namespace pecia::kernels {

struct Chronicle {
  Facts facts;      // title, chapters and contents filled in
  Outline outline;  // preamble: header_text(facts); a section a chapter
  // Paragraphs between blank lines, without a newline at the end: merge(outline, chapters) is the
  // document.
  std::vector<std::string> chapters;
};

// Every chapter has 150 to 350 words, and its notes say the state it starts from. REQUIRES all
// roles known.
Chronicle tell_chronicle(Facts facts, Draws& draws);

// The outline as Markdown, as parse_outline() reads it.
std::string outline_markdown(const Outline& outline);

// One chapter of 60 to 95 words, header included; the header holds only what the chapter needs.
Chronicle tell_short_tale(const Facts& facts, Draws& draws);

}  // namespace pecia::kernels
