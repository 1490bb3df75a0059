// Chronicles as documents to train on: whole sequences, weighted by what they teach.

#include "apps/pecia/chronicle_documents.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "kernels/chronicle/facts.hpp"
#include "kernels/text/bpe_training.hpp"
#include "kernels/text/bpe_vocabulary.hpp"
#include "tests/catch.hpp"

using namespace pecia;
using namespace pecia::kernels;
using apps::ChronicleContent;
using apps::ChronicleDocuments;

namespace {

constexpr int kRoomy = 1 << 16;

// Names are single tokens, all else is bytes and a few merges.
const Tokenizer& chronicle_tokenizer() {
  static const Tokenizer tokenizer = [] {
    WordCounts counts;
    for (std::uint64_t i = 0; i < 20; ++i) {
      const TrainingText text = training_text(TextKind::whole, Split::train, 1, i);
      REQUIRE(counts.add(text.prompt + text.completion).ok());
      REQUIRE(counts.end_text().ok());
    }
    const std::vector<std::string> words = chronicle_words();
    const auto bpe = train_bpe(counts, {.vocabulary = 3'300, .words = words});
    REQUIRE(bpe.ok());
    GgufHeader header;
    add_bpe_vocabulary(header, *bpe);
    return load_vocabulary(header).value();
  }();
  return tokenizer;
}

// Without the names.
Tokenizer byte_tokenizer() {
  WordCounts counts;
  const TrainingText text = training_text(TextKind::whole, Split::train, 1, 0);
  REQUIRE(counts.add(text.completion).ok());
  REQUIRE(counts.end_text().ok());
  const auto bpe = train_bpe(counts, {.vocabulary = 280, .words = {}});
  REQUIRE(bpe.ok());
  GgufHeader header;
  add_bpe_vocabulary(header, *bpe);
  return load_vocabulary(header).value();
}

Sequence told(ChronicleContent content, std::uint64_t index, int length = kRoomy,
              Split split = Split::train) {
  const ChronicleDocuments documents(chronicle_tokenizer(), content, split, 7);
  Expected<Sequence> sequence = documents.document(index, length);
  INFO((sequence ? "" : sequence.error().message));
  REQUIRE(sequence.ok());
  REQUIRE(sequence->weights.size() + 1 == sequence->tokens.size());
  return *sequence;
}

// What a sequence asks for, token by token.
struct Target {
  float weight = 0;
  std::string_view piece;
  bool in_heading = false;
};
std::vector<Target> targets_of(const Sequence& tale) {
  std::vector<Target> targets;
  bool heading = false;
  for (std::size_t i = 0; i < tale.weights.size(); ++i) {
    const std::string_view piece = chronicle_tokenizer().piece(tale.tokens[i + 1]);
    heading = heading || piece == "#";
    targets.push_back({tale.weights[i], piece, heading});
    heading = heading && piece.find('\n') == std::string_view::npos;
  }
  return targets;
}

}  // namespace

TEST_CASE("a fingerprint tells content, split, seed and vocabulary apart, and nothing else") {
  const auto of = [](ChronicleContent content, Split split, std::uint64_t seed,
                     const Tokenizer& tokenizer) {
    return ChronicleDocuments(tokenizer, content, split, seed).fingerprint();
  };
  const Tokenizer& words = chronicle_tokenizer();
  const Tokenizer bytes = byte_tokenizer();
  const Id id = of(ChronicleContent::slice, Split::train, 7, words);
  CHECK(id == of(ChronicleContent::slice, Split::train, 7, words));
  CHECK(id != of(ChronicleContent::tales, Split::train, 7, words));
  CHECK(id != of(ChronicleContent::slice, Split::held_out, 7, words));
  CHECK(id != of(ChronicleContent::slice, Split::train, 8, words));
  CHECK(id != of(ChronicleContent::slice, Split::train, 7, bytes));
}

TEST_CASE("a slice is learnt from its prompt to its end, as the writer will be asked for it") {
  const Sequence slice = told(ChronicleContent::slice, 3);
  CHECK(slice.tokens.front() == chronicle_tokenizer().bos());
  CHECK(slice.tokens.back() == chronicle_tokenizer().eos());
  const auto begun = std::find_if(slice.weights.begin(), slice.weights.end(),
                                  [](float weight) { return weight >= 1; });
  const auto prompt_tokens = begun - slice.weights.begin() + 1;
  const std::string prompt = chronicle_tokenizer().decode(
      std::span(slice.tokens).first(static_cast<std::size_t>(prompt_tokens)));
  CHECK(prompt.starts_with("Title: "));
  CHECK(prompt.ends_with("\n\n"));
  CHECK(chronicle_tokenizer().encode(prompt, {}) ==
        std::vector<TokenId>(slice.tokens.begin(), slice.tokens.begin() + prompt_tokens));
}

TEST_CASE("words that say a fact weigh most, rare facts above all, the prompt least") {
  const std::map<Role, float> rare = {{Role::season, 24.0f},
                                      {Role::landmark, 8.0f},
                                      {Role::mentor, 8.0f},
                                      {Role::gift, 8.0f},
                                      {Role::rival, 8.0f}};
  std::set<Role> seen;
  bool completion = false;
  for (const Target& target : targets_of(told(ChronicleContent::whole, 0))) {
    completion = completion || target.weight >= 1;
    std::string_view piece = target.piece;
    if (piece.starts_with(' ')) piece.remove_prefix(1);
    if (!completion) CHECK(target.weight == 0.1f);
    const auto fact = fact_word(piece);
    if (!completion || target.in_heading || !fact) continue;
    seen.insert(fact->role);
    CHECK(target.weight == (rare.contains(fact->role) ? rare.at(fact->role) : 4.0f));
  }
  CHECK(seen.size() == kRoleCount - 1);  // a promise is a phrase
}

TEST_CASE("the first word of a promise weighs more than the words that follow from it") {
  const std::vector<Target> targets = targets_of(told(ChronicleContent::whole, 0));
  int promises = 0;
  for (std::size_t i = 0; i + 1 < targets.size(); ++i) {
    if (targets[i].in_heading || targets[i].weight != 16.0f) continue;
    ++promises;
    CHECK(targets[i + 1].weight == 4.0f);
  }
  CHECK(promises >= 2);
  CHECK(promises <= 12);
}

TEST_CASE("a text that is too long is left out, never cut") {
  const Sequence roomy = told(ChronicleContent::short_tale, 0);
  const int tight = static_cast<int>(roomy.weights.size()) - 1;
  const Sequence other = told(ChronicleContent::short_tale, 0, tight);
  CHECK(other.weights.size() <= static_cast<std::size_t>(tight));
  CHECK(other.tokens.back() == chronicle_tokenizer().eos());
  const ChronicleDocuments documents(chronicle_tokenizer(), ChronicleContent::whole, Split::train,
                                     7);
  const Expected<Sequence> none = documents.document(0, 20);
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().message.find("more than 20 tokens") != std::string::npos);
}

TEST_CASE("documents are the same whenever they are asked for, and differ by index and split") {
  CHECK(told(ChronicleContent::tales, 4).tokens == told(ChronicleContent::tales, 4).tokens);
  CHECK(told(ChronicleContent::tales, 4).tokens != told(ChronicleContent::tales, 5).tokens);
  CHECK(told(ChronicleContent::slice, 4).tokens !=
        told(ChronicleContent::slice, 4, kRoomy, Split::held_out).tokens);
}

TEST_CASE("tales are whole and slices by turns") {
  CHECK(told(ChronicleContent::tales, 0).tokens == told(ChronicleContent::whole, 0).tokens);
  CHECK(told(ChronicleContent::tales, 1).tokens == told(ChronicleContent::slice, 1).tokens);
  CHECK(told(ChronicleContent::tales, 2).tokens == told(ChronicleContent::whole, 2).tokens);
}
