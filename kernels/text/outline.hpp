#pragma once
// Outlines: Markdown cut into preamble and sections, and the prompt of each slice. Pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

struct OutlineSection {
  int level = 1;            // number of '#'
  std::string heading;      // the heading line as written, without the newline
  std::string notes;        // text below it up to the next heading, trimmed at its end
};

struct Outline {
  std::string preamble;     // text before the first heading
  std::vector<OutlineSection> sections;
};

struct OutlineLimits {
  std::size_t bytes_max = 16 * 1024 * 1024;
  std::size_t sections_max = 4'096;
};

// ATX headings ("# Title"), fenced code blocks respected. An outline without a heading, with
// invalid UTF-8 or beyond a limit is refused with its line number.
Expected<Outline> parse_outline(std::string_view markdown, const OutlineLimits& limits);
inline Expected<Outline> parse_outline(std::string_view markdown) {
  return parse_outline(markdown, OutlineLimits{});
}

// Prompt of slice k: preamble, full outline, heading k.
std::string slice_prompt(const Outline& outline, std::size_t section);

// The document: preamble, then heading k and slice k in order.
// append_slice() gives the bytes that slice k adds behind what stands already, so that a document
// can be streamed; merge() is their concatenation.
std::string document_start(const Outline& outline);
std::string slice_start(const Outline& outline, std::size_t section);
std::string slice_end(const Outline& outline, std::size_t section);
std::string merge(const Outline& outline, const std::vector<std::string>& slices);

}  // namespace pecia::kernels
