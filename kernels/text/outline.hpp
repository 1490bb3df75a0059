#pragma once
// Outlines: Markdown cut into preamble and sections, the prompt of each slice, and the document
// that the slices make. Pure functions; line ends inside are "\n" whatever the file had.

#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

struct OutlineSection {
  int level = 1;        // number of '#', 1..6
  std::string heading;  // the heading line as written, without white space at its end
  std::string notes;    // text below it up to the next heading, without blank lines around it
};

struct Outline {
  std::string preamble;  // text before the first heading, without blank lines around it
  std::vector<OutlineSection> sections;
};

struct OutlineLimits {
  std::size_t bytes_max = 16 * 1024 * 1024;
  std::size_t sections_max = 4'096;
};

// ATX headings ("# Title") as in CommonMark 0.31 section 4.2, outside fenced code blocks (4.5).
// A byte order mark is dropped; LF, CRLF and CR end lines. An outline without a heading, with
// invalid UTF-8 or a NUL, or beyond a limit is refused with its line number.
Expected<Outline> parse_outline(std::string_view markdown, const OutlineLimits& limits);
inline Expected<Outline> parse_outline(std::string_view markdown) {
  return parse_outline(markdown, OutlineLimits{});
}

// Prompt of slice k: preamble, full outline, heading k.
//
//   The preamble.
//                      one blank line between the three parts
//   # One
//   Notes of one.      the outline without blank lines of ours, so that in it a heading is
//   # Two              followed by the next, while heading k is followed by a blank line: a
//                      base model goes on with text instead of listing headings again
//   # One
//                      and the prompt ends behind this blank line
//
// REQUIRES section < outline.sections.size(), here and below.
std::string slice_prompt(const Outline& outline, std::size_t section);

// Prompt of slice k, k > 0, that goes on behind what slice k - 1 says: preamble, full outline,
// heading k - 1, its text, heading k, one blank line between any two. `text_before` may be the end
// of that text alone, or empty. REQUIRES section > 0.
std::string continued_prompt(const Outline& outline, std::size_t section,
                             std::string_view text_before);
// Prompt of slice k that knows a summary of the text before it: preamble, full outline, the summary
// as a paragraph of its own, heading k. slice_prompt() where it is empty.
std::string summary_prompt(const Outline& outline, std::size_t section, std::string_view summary);

// The document: preamble, then heading k and slice k in order, one blank line between any two, one
// newline at the end. To stream it, write document_start(), then for each k slice_start(k), the
// slice's visible_text() and slice_end(k): merge() is their concatenation.
std::string document_start(const Outline& outline);
std::string slice_start(const Outline& outline, std::size_t section);
std::string slice_end(const Outline& outline, std::size_t section);
// REQUIRES one slice a section; slices are generated text as it came.
std::string merge(const Outline& outline, const std::vector<std::string>& slices);

// `total` tokens over `sections`, as even as possible, the first ones taking the remainder.
// REQUIRES total >= 0, sections > 0.
std::vector<int> share_tokens(int total, std::size_t sections);

}  // namespace pecia::kernels
