#include "apps/pecia/chronicle_documents.hpp"

#include <algorithm>
#include <bit>

#include "kernels/base/philox.hpp"
#include "kernels/chronicle/facts.hpp"
#include "kernels/chronicle/script.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

// Loss weights of a target. The rarer a tale says a fact, the more one saying of it weighs.
constexpr float kPromptWeight = 0.1f;
constexpr float kTextWeight = 1.0f;
constexpr float kFactWeight = 4.0f;
constexpr float kRareFactWeight = 8.0f;
constexpr float kPromiseWeight = 16.0f;  // of its first word, which tells it from the others
constexpr float kSeasonWeight = 24.0f;
constexpr std::uint64_t kAttempts = 64;  // to find a text short enough
constexpr std::uint64_t kTextsOfFingerprint = 16;

float role_weight(Role role) {
  switch (role) {
    case Role::season:
      return kSeasonWeight;
    case Role::landmark:
    case Role::mentor:
    case Role::gift:
    case Role::rival:
      return kRareFactWeight;
    default:
      return kFactWeight;
  }
}

float piece_weight(std::string_view piece) {
  const std::size_t first = std::min(piece.find_first_not_of(' '), piece.size());
  const std::optional<FactWord> fact = fact_word(piece.substr(first));
  return fact ? role_weight(fact->role) : kTextWeight;
}

void append(const std::vector<TokenId>& tokens, std::vector<TokenId>& all) {
  all.insert(all.end(), tokens.begin(), tokens.end());
}

}  // namespace

std::optional<ChronicleContent> chronicle_content_named(std::string_view name) {
  if (name == "short") return ChronicleContent::short_tale;
  if (name == "slice") return ChronicleContent::slice;
  if (name == "whole") return ChronicleContent::whole;
  if (name == "tales") return ChronicleContent::tales;
  return std::nullopt;
}

ChronicleDocuments::ChronicleDocuments(const Tokenizer& tokenizer, ChronicleContent content,
                                       Split split, std::uint64_t seed)
    : tokenizer_(tokenizer), content_(content), split_(split), seed_(seed) {
  for (TokenId token = 0; token < tokenizer.size(); ++token) {
    weight_of_.push_back(piece_weight(tokenizer.piece(token)));
  }
  const auto add_phrase = [this](const std::string& phrase, float first_weight) {
    phrases_.push_back(
        {tokenizer_.encode(" " + phrase, EncodeOptions{.add_bos = false}), first_weight});
  };
  for (const std::string& place : script().places) add_phrase(place, kFactWeight);
  for (const std::string& promise : inventory(Role::promise)) add_phrase(promise, kPromiseWeight);
  for (const std::string& kept : promises_kept()) add_phrase(kept, kPromiseWeight);
}

TextKind ChronicleDocuments::kind_of(std::uint64_t index) const {
  switch (content_) {
    case ChronicleContent::short_tale:
      return TextKind::short_tale;
    case ChronicleContent::slice:
      return TextKind::slice;
    case ChronicleContent::whole:
      return TextKind::whole;
    case ChronicleContent::tales:
      break;
  }
  return index % 2 == 0 ? TextKind::whole : TextKind::slice;
}

std::vector<float> ChronicleDocuments::weights_in(std::span<const TokenId> tokens) const {
  std::vector<float> weights;
  for (const TokenId token : tokens) weights.push_back(weight_of_[static_cast<std::size_t>(token)]);
  for (const Phrase& phrase : phrases_) {
    for (auto at = tokens.begin();; ++at) {
      at = std::search(at, tokens.end(), phrase.tokens.begin(), phrase.tokens.end());
      if (at == tokens.end()) break;
      const auto first = weights.begin() + (at - tokens.begin());
      std::fill_n(first, phrase.tokens.size(), kFactWeight);
      *first = phrase.first_weight;
    }
  }
  return weights;
}

Sequence ChronicleDocuments::sequence(const TrainingText& text) const {
  Sequence sequence;
  sequence.tokens = tokenizer_.encode(text.prompt, EncodeOptions{});
  // Apart, for a writer is given the prompt's tokens as they are without what follows.
  const std::size_t prompt_tokens = sequence.tokens.size();
  append(tokenizer_.encode(text.completion, EncodeOptions{.add_bos = false}), sequence.tokens);
  if (tokenizer_.eos() >= 0) sequence.tokens.push_back(tokenizer_.eos());
  const std::vector<float> weights = weights_in(sequence.tokens);
  for (std::size_t i = 1; i < sequence.tokens.size(); ++i) {
    sequence.weights.push_back(i < prompt_tokens ? kPromptWeight : weights[i]);
  }
  return sequence;
}

Expected<Sequence> ChronicleDocuments::document(std::uint64_t index, int length) const {
  const TextKind kind = kind_of(index);
  for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    const std::uint64_t number = philox64(seed_, index, attempt) >> 16;
    Sequence found = sequence(training_text(kind, split_, seed_, number));
    if (found.weights.size() <= static_cast<std::size_t>(length)) return found;
  }
  return fail(ErrorKind::refuse, "{} chronicles in a row have more than {} tokens", kAttempts,
              length);
}

Id ChronicleDocuments::fingerprint() const {
  FieldHash hash;
  hash.field("pecia chronicle documents").field(seed_).field(kAttempts);
  hash.field(static_cast<std::uint32_t>(content_)).field(static_cast<std::uint32_t>(split_));
  hash.field(tokenizer_.fingerprint());
  for (const float weight :
       {kPromptWeight, kTextWeight, kFactWeight, kRareFactWeight, kPromiseWeight, kSeasonWeight}) {
    hash.field(std::bit_cast<std::uint32_t>(weight));
  }
  for (std::uint64_t number = 0; number < kTextsOfFingerprint; ++number) {
    const Sequence told = sequence(training_text(kind_of(number), split_, seed_, number));
    hash.field(std::as_bytes(std::span(told.tokens)));
    hash.field(std::as_bytes(std::span(told.weights)));
  }
  return hash.id();
}

}  // namespace pecia::apps
