// Work grows as n log n. The first cases count it; the last, hidden since they measure processor
// time, are run by hand:  build/release/bin/test_tokenizer "[.speed]"

#include <cmath>
#include <ctime>

#include "kernels/base/philox.hpp"
#include "kernels/text/bpe.hpp"
#include "kernels/text/bpe_training.hpp"
#include "kernels/text/spm.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

std::string letters(std::size_t count, unsigned alphabet) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text.push_back(static_cast<char>('a' + philox64(1, i, 0) % alphabet));
  }
  return text;
}

TEST_CASE("The merge queue takes at most three entries for each character") {
  std::string bytes = test::byte_vocabulary({"a a", "aa aa", "aaaa aaaa", "a b", "b a"}).bytes();
  const auto bpe_file = ModelFile::parse(std::as_bytes(std::span(bytes)), "bpe").value();
  const Vocabulary bpe_words = read_vocabulary(bpe_file).value();
  const auto merges = bpe_file.find_texts("tokenizer.ggml.merges").value().value();
  const BpeEncoder bpe = BpeEncoder::build(bpe_words, merges, "bpe").value();

  const auto spm_bytes = test::sentencepiece_vocabulary(
                             {{"a", -4}, {"aa", -3}, {"aaaa", -2}, {"aaaaaaaa", -1}, {"ab", -1}})
                             .bytes();
  const Vocabulary spm_words =
      read_vocabulary(ModelFile::parse(std::as_bytes(std::span(spm_bytes)), "spm").value()).value();
  const SpmEncoder spm(spm_words);

  for (const unsigned alphabet : {1u, 2u, 26u}) {
    const std::string text = letters(100'000, alphabet);
    std::vector<TokenId> ids;
    CHECK(bpe.encode(text, ids) <= 3 * text.size());
    CHECK(spm.encode(text, true, ids) <= 3 * (text.size() + 1));
  }
}

// A quadratic scan would take minutes here; a linear one takes milliseconds.
TEST_CASE("Every pre-tokenizer pattern passes long runs in one sweep") {
  const auto style =
      GENERATE(as<std::string>(), "default", "gpt-2", "llama-bpe", "qwen2", "starcoder", "falcon",
               "deepseek-coder", "deepseek-llm", "deepseek-v3", "tekken", "gpt-4o");
  const Pretokenizer pretokenizer(*pretokenizer_style(style));
  for (const std::string_view unit :
       {" ", "\n", "\t", "a", "A", "1", "!", "'", "\xFF", " \n", "\u3000", "\u4E2D", "\u0301"}) {
    std::string text;
    while (text.size() < 1'000'000) text += unit;
    CHECK_FALSE(pretokenizer.split(text + "x").empty());
    CHECK_FALSE(pretokenizer.split(text + "5").empty());
  }
}

TEST_CASE("One megabyte without a space", "[.speed]") {
  const auto name =
      GENERATE(as<std::string>(), "llama-spm", "gpt-2", "starcoder", "deepseek-coder");
  if (!test::has_vocabulary(name)) PECIA_SKIP("no vocabularies beside the repository");
  const Tokenizer tokenizer = test::open_vocabulary(name);
  for (const unsigned alphabet : {1u, 26u}) {
    const std::string text = letters(1'000'000, alphabet);
    const std::clock_t start = std::clock();
    const std::size_t tokens = tokenizer.encode(text, {}).size();
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("%-16s %2u letters: %7zu tokens in %.3f s\n", name.c_str(), alphabet, tokens,
                seconds);
    CHECK(seconds <= 1.0);
  }
}

// Word number `rank` of a language, spelt from syllables.
std::string word_of(std::uint64_t rank) {
  std::string word;
  for (std::uint64_t rest = rank + 1; rest > 0; rest /= 64) {
    word += "bdfgklmnprstvwzh"[rest % 16];
    word += "aeio"[rest / 16 % 4];
  }
  return word;
}

// Words of that language as people use them: the one of rank r about as often as 1 / r.
WordCounts language(std::size_t bytes, double word_types) {
  WordCounts words;
  std::string line;
  for (std::uint64_t i = 0; words.bytes() < bytes; ++i) {
    const double place = unit_double(philox64(5, i, 0));
    line.append(word_of(static_cast<std::uint64_t>(std::pow(word_types, place)))).append(" ");
    if (line.size() < 4'096) continue;
    REQUIRE(words.add(line).ok());
    line.assign(1, '\n');
  }
  REQUIRE(words.end_text().ok());
  return words;
}

TEST_CASE("Training a vocabulary on 20 MB of text, and on a million different words", "[.speed]") {
  std::string unlike;  // each word once
  for (std::uint64_t rank = 0; rank < 1'000'000; ++rank) unlike += word_of(rank) + " ";
  for (const bool alike : {true, false}) {
    const std::clock_t start = std::clock();
    WordCounts words = language(alike ? 20'000'000 : 0, 100'000);
    if (!alike) REQUIRE((words.add(unlike).ok() && words.end_text().ok()));
    const std::clock_t counted = std::clock();
    const auto bpe = train_bpe(words, {.vocabulary = 4'096});
    INFO((bpe.ok() ? "" : bpe.error().message));
    REQUIRE(bpe.ok());
    const auto seconds = [](std::clock_t span) {
      return static_cast<double>(span) / CLOCKS_PER_SEC;
    };
    std::printf("%zu words: counted in %.2f s, merged in %.2f s\n", words.words(),
                seconds(counted - start), seconds(std::clock() - counted));
    CHECK(seconds(std::clock() - start) <= 10.0);
  }
}

}  // namespace
}  // namespace pecia::kernels
