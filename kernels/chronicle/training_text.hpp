#pragma once
// The corpus as the trainer reads it: text n of a seed, at any time and in any order.
// Pure functions, any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/chronicle/chronicle.hpp"

namespace pecia::kernels {

enum class TextKind : std::uint8_t {
  short_tale,  // one chapter with a short header: the first thing to learn
  whole,       // header, heading 1, chapter 1, ...: prompt + completion is merge() of the tale
  slice,       // prompt: slice_prompt(outline, k); completion: chapter k
};
std::optional<TextKind> text_kind_named(std::string_view name);  // short, whole, slice

// The prompt is given, the completion is what the model writes; no token of begin or end is in
// them. In a whole tale the prompt is the header, a blank line, the first heading, a blank line.
struct TrainingText {
  std::string prompt;
  std::string completion;
};

// The tale that text `index` is made from: whole and slice share it, so slice n is cut from whole
// n, at a chapter drawn for it.
Chronicle corpus_tale(TextKind kind, Split split, std::uint64_t seed, std::uint64_t index);
TrainingText training_text(TextKind kind, Split split, std::uint64_t seed, std::uint64_t index);

}  // namespace pecia::kernels
