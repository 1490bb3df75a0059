#pragma once
// The corpus of chronicles as documents to train on: an endless row, told as they are asked for.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/chronicle/training_text.hpp"
#include "kernels/text/tokenizer.hpp"
#include "kernels/training/curriculum.hpp"

namespace pecia::apps {

// What a document of a stage is.
enum class ChronicleContent : std::uint8_t {
  short_tale,  // one chapter
  slice,       // one chapter of a tale, as `pecia write` prompts it
  whole,       // a tale from header to end
  tales,       // slices and whole tales by turns
};
std::optional<ChronicleContent> chronicle_content_named(std::string_view name);

class ChronicleDocuments : public kernels::DocumentSource {
 public:
  // `tokenizer` outlives this.
  ChronicleDocuments(const kernels::Tokenizer& tokenizer, ChronicleContent content,
                     kernels::Split split, std::uint64_t seed);

  // A text that has more than `length` targets is left out and another one told instead, so that
  // each one ends with its own end. The prompt weighs less than what a writer has to write, and
  // what says a fact or a place weighs more, most where a tale says it seldom.
  kernels::Expected<kernels::Sequence> document(std::uint64_t index, int length) const override;
  // Of the arguments, the weights and the first few texts: a corpus that is told otherwise, by
  // another version of the program, has another one.
  kernels::Id fingerprint() const override;

 private:
  struct Phrase {
    std::vector<kernels::TokenId> tokens;
    float first_weight;  // of its first token
  };

  kernels::TextKind kind_of(std::uint64_t index) const;
  kernels::Sequence sequence(const kernels::TrainingText& text) const;
  // Of text to write: by the fact or the place that these tokens say.
  std::vector<float> weights_in(std::span<const kernels::TokenId> tokens) const;

  const kernels::Tokenizer& tokenizer_;
  ChronicleContent content_;
  kernels::Split split_;
  std::uint64_t seed_;
  std::vector<float> weight_of_;  // by token
  std::vector<Phrase> phrases_;   // places and promises
};

}  // namespace pecia::apps
