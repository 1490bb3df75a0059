// Work grows as n log n. The first cases count it; the last, hidden since it measures processor
// time on the real vocabularies, is run by hand:  build/release/bin/test_tokenizer "[.speed]"

#include <ctime>

#include "kernels/base/philox.hpp"
#include "kernels/text/bpe.hpp"
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
  const auto bpe_file = Gguf::parse(std::as_bytes(std::span(bytes)), "bpe").value();
  const Vocabulary bpe_words = read_vocabulary(bpe_file).value();
  const auto merges = bpe_file.find_texts("tokenizer.ggml.merges").value().value();
  const BpeEncoder bpe = BpeEncoder::build(bpe_words, merges, "bpe").value();

  const auto spm_bytes = test::sentencepiece_vocabulary(
                             {{"a", -4}, {"aa", -3}, {"aaaa", -2}, {"aaaaaaaa", -1}, {"ab", -1}})
                             .bytes();
  const Vocabulary spm_words =
      read_vocabulary(Gguf::parse(std::as_bytes(std::span(spm_bytes)), "spm").value()).value();
  const SpmEncoder spm(spm_words);

  for (const unsigned alphabet : {1u, 2u, 26u}) {
    const std::string text = letters(100'000, alphabet);
    std::vector<TokenId> ids;
    CHECK(bpe.encode(text, ids) <= 3 * text.size());
    CHECK(spm.encode(text, ids) <= 3 * (text.size() + 1));
  }
}

// A quadratic scan would take minutes here; a linear one takes milliseconds.
TEST_CASE("Every pre-tokenizer pattern passes long runs in one sweep") {
  const auto style = GENERATE(as<std::string>(), "default", "gpt-2", "llama-bpe", "qwen2",
                              "starcoder", "falcon", "deepseek-coder");
  const Pretokenizer pretokenizer(*pretokenizer_style(style));
  for (const std::string_view unit :
       {" ", "\n", "\t", "a", "1", "!", "'", "\xFF", " \n", "\u3000"}) {
    std::string text;
    while (text.size() < 1'000'000) text += unit;
    CHECK_FALSE(pretokenizer.split(text + "x").empty());
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

}  // namespace
}  // namespace pecia::kernels
