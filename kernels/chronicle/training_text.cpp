#include "kernels/chronicle/training_text.hpp"

namespace pecia::kernels {

namespace {

// Streams of one text under the key of the corpus.
enum class Stream : std::uint8_t { tale, short_tale, chapter };

std::uint64_t stream_of(Stream stream, Split split, std::uint64_t index) {
  return index * 8 + static_cast<std::uint64_t>(stream) * 2 + static_cast<std::uint64_t>(split);
}

TrainingText whole_text(const Chronicle& tale) {
  std::string document = merge(tale.outline, tale.chapters);
  const std::size_t prompt_bytes =
      document_start(tale.outline).size() + slice_start(tale.outline, 0).size();
  return {document.substr(0, prompt_bytes), document.substr(prompt_bytes)};
}

}  // namespace

std::optional<TextKind> text_kind_named(std::string_view name) {
  if (name == "short") return TextKind::short_tale;
  if (name == "whole") return TextKind::whole;
  if (name == "slice") return TextKind::slice;
  return std::nullopt;
}

Chronicle corpus_tale(TextKind kind, Split split, std::uint64_t seed, std::uint64_t index) {
  const bool is_short = kind == TextKind::short_tale;
  Draws draws(seed, stream_of(is_short ? Stream::short_tale : Stream::tale, split, index));
  Facts facts = draw_facts(draws, split);
  return is_short ? tell_short_tale(facts, draws) : tell_chronicle(std::move(facts), draws);
}

TrainingText training_text(TextKind kind, Split split, std::uint64_t seed, std::uint64_t index) {
  const Chronicle tale = corpus_tale(kind, split, seed, index);
  if (kind != TextKind::slice) return whole_text(tale);
  Draws draws(seed, stream_of(Stream::chapter, split, index));
  const std::size_t k = draws.below(tale.chapters.size());
  return {slice_prompt(tale.outline, k), tale.chapters[k]};
}

}  // namespace pecia::kernels
