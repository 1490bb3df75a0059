#include "kernels/text/bpe_training.hpp"

#include "kernels/base/hash.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/text/bpe_vocabulary.hpp"
#include "kernels/text/forced_words.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/bpe_reference.hpp"

namespace pecia::kernels {
namespace {

constexpr std::string_view kStory =
    "Lily and Tom went to the old mill. \"Lily,\" said Tom, \"the miller has lost his lantern.\"\n"
    "The miller thanked them, and the lantern was found under the mill by Lily's little dog.\n\n"
    "Tom told the miller that the dog had found it. \u201CThe dog?\u201D asked the old miller.\n";

WordCounts counts_of(std::string_view text) {
  WordCounts counts;
  REQUIRE(counts.add(text).ok());
  REQUIRE(counts.end_text().ok());
  return counts;
}

TrainedBpe trained(std::string_view text, int vocabulary,
                   const std::vector<std::string>& words = {}) {
  auto bpe = train_bpe(counts_of(text), {.vocabulary = vocabulary, .words = words});
  INFO((bpe.ok() ? "" : bpe.error().message));
  REQUIRE(bpe.ok());
  return std::move(*bpe);
}

Tokenizer tokenizer_of(const TrainedBpe& bpe) {
  GgufHeader header;
  add_bpe_vocabulary(header, bpe);
  return load_vocabulary(header).value();
}

// Words of a few letters: the fewer, the more often two merges make the same bytes.
std::string random_text(std::uint64_t key, std::size_t bytes, unsigned letters) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    const std::uint64_t draw = philox64(key, i, 0);
    text.push_back(draw % 7 == 0 ? ' ' : static_cast<char>('a' + (draw >> 8) % letters));
  }
  return text;
}

std::vector<std::pair<unsigned, unsigned>> pairs_of(const TrainedBpe& bpe) {
  std::vector<std::pair<unsigned, unsigned>> pairs;
  for (const auto& [left, right] : bpe.merges) pairs.emplace_back(left, right);
  return pairs;
}

std::string refusal(std::string_view text, int vocabulary,
                    const std::vector<std::string>& words = {}) {
  const auto bpe = train_bpe(counts_of(text), {.vocabulary = vocabulary, .words = words});
  REQUIRE_FALSE(bpe.ok());
  CHECK(bpe.error().kind == ErrorKind::refuse);
  return bpe.error().message;
}

TEST_CASE("The merges are those of a trainer that counts every pair anew after each merge") {
  for (std::uint64_t key = 0; key < 24; ++key) {
    const std::string text = random_text(key, 300 + 20 * key, 1 + static_cast<unsigned>(key % 4));
    const test::ReferenceBpe all = test::train_reference(text, 256 + 60);
    const TrainedBpe bpe = trained(text, static_cast<int>(all.symbols.size()) + kBpeControlTokens);
    CHECK(bpe.symbols == all.symbols);
    CHECK(pairs_of(bpe) == all.merges);
    CHECK(all.symbols.size() == 256 + all.merges.size());  // no two merges make the same bytes
  }
}

TEST_CASE("The story's merges are those of the reference, also where characters have many bytes") {
  const test::ReferenceBpe all = test::train_reference(kStory, 256 + 40);
  const TrainedBpe bpe = trained(kStory, 256 + 40 + kBpeControlTokens);
  CHECK(pairs_of(bpe) == all.merges);
}

TEST_CASE("The tokenizer cuts the text of the training as often as the trainer counted") {
  for (std::uint64_t key = 100; key < 112; ++key) {
    const std::string text = random_text(key, 3'000, 2 + static_cast<unsigned>(key % 3));
    const TrainedBpe bpe = trained(text, 256 + 100 + kBpeControlTokens, {"abba", "bab"});
    CHECK(tokenizer_of(bpe).encode(text, {.add_bos = false}).size() == bpe.text_tokens);
  }
}

TEST_CASE("A trained vocabulary has the size asked for and brings any text back") {
  const Tokenizer tokenizer = tokenizer_of(trained(kStory, 300));
  CHECK(tokenizer.size() == 300);
  CHECK(tokenizer.kind() == "gpt2");
  CHECK((tokenizer.bos() == 0 && tokenizer.eos() == 1));
  CHECK((tokenizer.is_control(0) && tokenizer.is_control(1) && !tokenizer.is_control(2)));
  CHECK(tokenizer.ends_generation(1));
  std::string text = "  na\u00EFve \u6211\u60F3 \U0001F636\u200D\r\n\t<|bos|> \u041F\u0440 'tis ";
  for (int byte = 0; byte < 256; ++byte) text.push_back(static_cast<char>(byte));
  const auto ids = tokenizer.encode(text, {});
  CHECK(ids.front() == tokenizer.bos());
  CHECK(tokenizer.decode(ids) == text);
}

TEST_CASE("Each forced word is one token in every place promised, known to the text or not") {
  const std::vector<std::string> words = {"Lily",   "Lilian",     "Lil",
                                          "miller", "lantern",    "Zyx",
                                          "Ottil",  "\u00C9lise", "\u041E\u043B\u044F",
                                          "1402"};
  for (const int vocabulary : {310, 320, 333}) {
    const TrainedBpe bpe = trained(kStory, vocabulary, words);
    const Tokenizer tokenizer = tokenizer_of(bpe);
    CHECK(tokenizer.size() == vocabulary);
    for (const std::string& word : words) {
      for (const std::string before : {"", " ", "\n", "\"", "He said \u201C", "(", "a  ", "\n\n"}) {
        const std::string text = before + word;
        const auto ids = tokenizer.encode(text + "'s own.", {.add_bos = false});
        const std::string piece = (before.ends_with(' ') ? " " : "") + word;
        INFO(text);
        CHECK(std::any_of(ids.begin(), ids.end(),
                          [&](TokenId id) { return tokenizer.piece(id) == piece; }));
      }
    }
    CHECK(check_single_tokens(tokenizer, words).ok());
  }
}

TEST_CASE("Forced words come as late as the size allows: the text's own merges stand first") {
  const TrainedBpe own = trained(kStory, 300), forced = trained(kStory, 300, {"Zyxwv"});
  // Z, y, x, w and v take four merges, the space before them one.
  const auto differ = std::mismatch(own.merges.begin(), own.merges.end(), forced.merges.begin());
  CHECK(differ.first == own.merges.end() - 5);
  CHECK(forced.text_tokens > own.text_tokens);

  const std::string text = "Lily saw Lily\nLily saw Lily\n" + std::string(kStory);
  CHECK(trained(text, 300, {"Lily"}).merges == trained(text, 300).merges);  // made anyhow
}

TEST_CASE("A vocabulary that lacks a word is found out by the check of single tokens") {
  const Tokenizer tokenizer = tokenizer_of(trained(kStory, 300));
  const Status held = check_single_tokens(tokenizer, std::vector<std::string>{"Zyx"});
  REQUIRE_FALSE(held.ok());
  CHECK(held.error().message == "'Zyx' is not one token in 'Zyx'");
}

TEST_CASE("A word that the pre-tokenizer cuts or joins is refused by name") {
  for (const std::string word :
       {"Mary-Ann", "two words", "O'Brien", " Lily", "...", "B12", "-", "a\u0301", "'s", "\xFF"}) {
    INFO(word);
    CHECK(refusal(kStory, 320, {"Lily", word}).starts_with("'" + word + "' "));
  }
  CHECK(refusal(kStory, 320, {std::string(128, 'a')}).find("has 128 bytes") != std::string::npos);
  CHECK(check_forced_words(std::vector<std::string>{std::string(127, 'a')}).ok());
}

TEST_CASE("What cannot be trained is refused with the figure that would be right") {
  CHECK(refusal("", 300) == "there is no text to train on");
  CHECK(refusal(kStory, 257).find("make 258") != std::string::npos);
  CHECK(trained(kStory, 258).merges.empty());
  CHECK(refusal(kStory, 1 << 21).find("1048576") != std::string::npos);
  CHECK(refusal("ab ab", 300).starts_with("the text gives a vocabulary of at most 259, not 300"));
  CHECK(trained("ab ab", 259).symbols.back() == "ab");
  CHECK(refusal(kStory, 260, {"Zyx"}).find("they take 261") != std::string::npos);
  CHECK(trained(kStory, 261, {"Zyx"}).symbols.back() == " Zyx");
}

TEST_CASE("Text without a space grows no token of more than 128 bytes") {
  const TrainedBpe bpe = trained(std::string(100'000, 'a'), 256 + 7 + kBpeControlTokens);
  CHECK(bpe.symbols.back() == std::string(128, 'a'));
  CHECK(refusal(std::string(4'096, 'a'), 1'000).find("at most") != std::string::npos);
}

TEST_CASE("A training that its progress stops is an error that may be tried again") {
  int calls = 0;
  const auto bpe = train_bpe(counts_of(kStory), {.vocabulary = 300},
                             [&](std::uint64_t, std::uint64_t) { return ++calls < 1; });
  REQUIRE_FALSE(bpe.ok());
  CHECK(bpe.error().kind == ErrorKind::retry);
  CHECK(calls == 1);
}

TEST_CASE("The same text gives the same vocabulary, byte for byte, wherever it was made") {
  std::string text(kStory);
  for (std::uint64_t key = 0; key < 20; ++key) text += random_text(key, 1'000, 6) + "\n";
  GgufHeader header;
  add_bpe_vocabulary(header, trained(text, 600, {"Lily", "Zyx"}));
  Sha256 hash;
  hash.update(header.bytes());
  CHECK(hex(hash.finish()) == "eed6859def87e0a7b42029cc1b6198c461ea9e7cc5ac9da03427116a377e7835");
}

}  // namespace
}  // namespace pecia::kernels
