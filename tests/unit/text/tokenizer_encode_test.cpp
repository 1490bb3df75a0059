// The rules of merging and of special tokens, on vocabularies small enough to follow by hand.

#include <map>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

using Pieces = std::vector<std::string_view>;
constexpr EncodeOptions kPlain{.add_bos = false};
constexpr EncodeOptions kSpecial{.add_bos = false, .parse_special = true};

Pieces pieces(const Tokenizer& tokenizer, std::string_view text, EncodeOptions options = kPlain) {
  Pieces result;
  for (const TokenId id : tokenizer.encode(text, options)) result.push_back(tokenizer.piece(id));
  return result;
}

TEST_CASE("SentencePiece joins the best score first and the leftmost of equals") {
  const auto file = test::sentencepiece_vocabulary(
      {{"a", -9}, {"b", -9}, {"\u2581", -9}, {"ab", -2}, {"ba", -1}, {"aa", -3}});
  const Tokenizer tokenizer = file.load().value();
  CHECK(pieces(tokenizer, "aba") == Pieces{" ", "a", "ba"});
  CHECK(pieces(tokenizer, "aaa") == Pieces{" ", "aa", "a"});
}

TEST_CASE("SentencePiece joins characters that are no tokens themselves") {
  const Tokenizer tokenizer =
      test::sentencepiece_vocabulary({{"\u2581", -1}, {"xy", -2}}).load().value();
  CHECK(pieces(tokenizer, "xyx") == Pieces{" ", "xy", "x"});
}

TEST_CASE("Text that spells a control or byte token is only letters to SentencePiece") {
  const auto file = test::sentencepiece_vocabulary(
      {{"<s", -1}, {"<", -2}, {"s", -2}, {">", -2}, {"\u2581", -2}, {"<0x41", -1}});
  const Tokenizer tokenizer = file.load().value();
  CHECK(pieces(tokenizer, "<s>") == Pieces{" ", "<s", ">"});
  CHECK(tokenizer.encode("<s>", kSpecial) == std::vector<TokenId>{1});
}

TEST_CASE("A space prefix stands at the start and behind each special token") {
  const auto file = test::sentencepiece_vocabulary({{"\u2581", -2}, {"a", -3}, {"[X]", 0, 4}});
  const Tokenizer tokenizer = file.load().value();
  CHECK(pieces(tokenizer, "a[X]a") == Pieces{" ", "a", "[X]", " ", "a"});
}

TEST_CASE("Without byte tokens neighbours that are no tokens are one unknown token") {
  const Tokenizer tokenizer = test::VocabularyFile()
                                  .text("tokenizer.ggml.model", "llama")
                                  .texts("tokenizer.ggml.tokens", {"<unk>", "<s>", "</s>", "a"})
                                  .ints("tokenizer.ggml.token_type", {2, 3, 3, 1})
                                  .floats("tokenizer.ggml.scores", {0, 0, 0, -1})
                                  .flag("tokenizer.ggml.add_space_prefix", false)
                                  .load()
                                  .value();
  CHECK(tokenizer.encode("a\u4E2Dxya\xFF", kPlain) == std::vector<TokenId>{3, 0, 3, 0});
}

TEST_CASE("An unused token is a step to longer ones and else stands for its parts") {
  const auto file = test::sentencepiece_vocabulary(
      {{"\u2581", -9}, {"a", -3}, {"b", -3}, {"c", -3}, {"ab", -1, 5}, {"abc", -2}});
  const Tokenizer tokenizer = file.load().value();
  CHECK(pieces(tokenizer, "ab") == Pieces{" ", "a", "b"});
  CHECK(pieces(tokenizer, "abc") == Pieces{" ", "abc"});
}

TEST_CASE("Added runs of spaces are found whether the file spells them with marks or spaces") {
  for (const char* spelt : {"\u2581\u2581\u2581", "   "}) {
    auto file = test::sentencepiece_vocabulary(
        {{"\u2581", -2}, {"a", -3}, {"\u2581a", -1}, {spelt, 0, 4}, {"\n\n", 0, 4}});
    const Tokenizer tokenizer = file.flag("tokenizer.ggml.add_space_prefix", false).load().value();
    CHECK(pieces(tokenizer, "a    a\n\na") == Pieces{"a", "   ", " a", "\n\n", "a"});
    CHECK(tokenizer.decode(tokenizer.encode("a    a\n\n", kPlain)) == "a    a\n\n");
  }
}

// All pairs of the whole text looked at again for every merge.
Pieces merged_plainly(std::string_view text, const std::map<std::string, float>& scores) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 1; i <= text.size(); ++i) ends.push_back(i);
  while (true) {
    float best = -1e9f;
    std::size_t at = ends.size();
    for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
      const std::size_t begin = i == 0 ? 0 : ends[i - 1];
      const auto found = scores.find(std::string(text.substr(begin, ends[i + 1] - begin)));
      if (found != scores.end() && found->second > best) best = found->second, at = i;
    }
    if (at == ends.size()) break;
    ends.erase(ends.begin() + static_cast<std::ptrdiff_t>(at));
  }
  Pieces words;
  std::size_t begin = 0;
  for (const std::size_t end : ends) words.push_back(text.substr(begin, end - begin)), begin = end;
  return words;
}

TEST_CASE("SentencePiece merges a text cut into independent parts as it merges it whole") {
  for (std::uint64_t key = 0; key < 100; ++key) {
    std::map<std::string, float> scores;
    for (std::uint64_t i = 0; i < 14; ++i) {
      std::string text;
      for (std::uint64_t n = 0; n < 2 + philox64(key, i, 1) % 4; ++n)
        text.push_back(static_cast<char>('a' + philox64(key, i, 2 + n) % 5));
      scores.emplace(text, -0.5f * static_cast<float>(philox64(key, i, 9) % 20));
    }
    std::vector<test::ScoredToken> tokens;
    for (char letter = 'a'; letter < 'f'; ++letter) tokens.push_back({{letter}, -99});
    for (const auto& [text, score] : scores) tokens.push_back({text, score});
    auto file = test::sentencepiece_vocabulary(tokens);
    const Tokenizer tokenizer = file.flag("tokenizer.ggml.add_space_prefix", false).load().value();
    std::string text;
    for (std::uint64_t i = 0; i < 60; ++i)
      text.push_back(static_cast<char>('a' + philox64(key, 100 + i, 0) % 5));
    CHECK(pieces(tokenizer, text) == merged_plainly(text, scores));
  }
}

TEST_CASE("Byte-level BPE merges by rank, leftmost first, inside words only") {
  const Tokenizer tokenizer = test::byte_vocabulary({"b c", "a b", "a a"}).load().value();
  CHECK(pieces(tokenizer, "abc") == Pieces{"a", "bc"});
  CHECK(pieces(tokenizer, "aaa") == Pieces{"aa", "a"});
  CHECK(pieces(tokenizer, "a1b") == Pieces{"a", "1", "b"});
}

TEST_CASE("Of a merge listed twice the first counts") {
  auto tokens = std::vector<std::string>{"a", "b", "c", "ab", "bc"};
  const Tokenizer tokenizer = test::VocabularyFile()
                                  .text("tokenizer.ggml.model", "gpt2")
                                  .texts("tokenizer.ggml.tokens", tokens)
                                  .texts("tokenizer.ggml.merges", {"a b", "b c", "a b"})
                                  .load()
                                  .value();
  CHECK(pieces(tokenizer, "abc") == Pieces{"ab", "c"});
}

TEST_CASE("llama-bpe takes a word that is a token whole, whatever the merges say") {
  auto file = test::byte_vocabulary({"a b", "b c", "ab c"});
  const Tokenizer merged = file.load().value();
  const Tokenizer whole = file.text("tokenizer.ggml.pre", "llama-bpe").load().value();
  auto unreachable = test::VocabularyFile()
                         .text("tokenizer.ggml.model", "gpt2")
                         .text("tokenizer.ggml.pre", "llama-bpe")
                         .texts("tokenizer.ggml.tokens", {"a", "b", "ab", "aba"})
                         .texts("tokenizer.ggml.merges", {"a b"});
  CHECK(pieces(merged, "abc") == pieces(whole, "abc"));
  CHECK(pieces(unreachable.load().value(), "aba abab") == Pieces{"aba", "ab", "ab"});
}

TEST_CASE("Control tokens in text are parsed only when asked, the longest at each place") {
  const Tokenizer tokenizer = test::byte_vocabulary({}, {"<e>", "<e>x", "e>xyz"}).load().value();
  CHECK(tokenizer.encode("a<e>xy", kSpecial) == std::vector<TokenId>{'a', 257, 'y'});
  CHECK(tokenizer.encode("<e>", kPlain).size() == 3);
  CHECK(tokenizer.piece(256).empty());
  CHECK(tokenizer.is_control(256));
}

TEST_CASE("User-defined tokens are matched in every text") {
  if (!test::has_vocabulary("deepseek-coder")) PECIA_SKIP("no vocabularies beside the repository");
  const Tokenizer tokenizer = test::open_vocabulary("deepseek-coder");
  CHECK(tokenizer.encode("\u00F6<|User|>", kPlain) == std::vector<TokenId>{32011, 32019});
}

TEST_CASE("The beginning token comes only where the vocabulary asks for it") {
  auto file = test::byte_vocabulary({}, {"<s>"});
  const Tokenizer silent = file.number("tokenizer.ggml.bos_token_id", 256).load().value();
  const Tokenizer asking = file.flag("tokenizer.ggml.add_bos_token", true).load().value();
  CHECK(silent.encode("a", {}).size() == 1);
  CHECK(asking.encode("a", {}) == std::vector<TokenId>{256, 'a'});
  CHECK(asking.encode("", {}) == std::vector<TokenId>{256});
  CHECK(asking.encode("a", kPlain).size() == 1);
}

TEST_CASE("End tokens are known by id and by their usual texts") {
  auto file = test::byte_vocabulary({}, {"<end>", "<|im_end|>", "<other>"});
  const Tokenizer tokenizer = file.number("tokenizer.ggml.eos_token_id", 256).load().value();
  CHECK(tokenizer.eos() == 256);
  CHECK(tokenizer.bos() == -1);
  CHECK(tokenizer.ends_generation(256));
  CHECK(tokenizer.ends_generation(257));
  CHECK_FALSE(tokenizer.ends_generation(258));
  CHECK(file.ints(kEndsKey, {258}).load().value().ends_generation(258));
  const auto texts = test::byte_vocabulary({}, {"<|end_of_text|>", "<EOT>", "[EOT]"});
  for (TokenId id = 256; id < 259; ++id) CHECK(texts.load().value().ends_generation(id));
}

TEST_CASE("The fingerprint changes with whatever changes the tokens, and with nothing else") {
  const auto of = [](const std::vector<std::string>& merges, std::string_view pre = "default",
                     std::string_view name = "x") {
    return test::VocabularyFile()
        .text("general.name", name)
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", pre)
        .texts("tokenizer.ggml.tokens", {"a", "b", "c", "ab", "bc"})
        .texts("tokenizer.ggml.merges", merges)
        .load()
        .value()
        .fingerprint();
  };
  const std::string base = of({"a b", "b c"});
  CHECK(base == of({"a b", "b c"}, "default", "y"));
  CHECK(base != of({"b c", "a b"}));
  CHECK(base != of({"a b"}));
  CHECK(base != of({"a b", "b c"}, "gpt-2"));
}

}  // namespace
}  // namespace pecia::kernels
