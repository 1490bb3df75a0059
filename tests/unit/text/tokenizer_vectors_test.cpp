// Published vectors: tokens of real vocabularies, equal id by id.

#include "kernels/text/token_vectors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

using Texts = std::vector<std::string_view>;

void check_vectors(const std::string& name) {
  const Tokenizer tokenizer = test::open_vocabulary(name);
  const std::string input = test::read_file(test::vocabulary_path(name) + ".inp");
  const std::string expected = test::read_file(test::vocabulary_path(name) + ".out");
  const Texts texts = read_token_vectors(input);
  REQUIRE(texts.size() == 46);
  std::string lines;
  for (const std::string_view text : texts) {
    lines += token_vector_line(tokenizer.encode(text, {.add_bos = false})) + "\n";
  }
  CHECK(lines == expected);
}

TEST_CASE("A real vocabulary gives exactly the published tokens") {
  const auto name =
      GENERATE(as<std::string>(), "llama-spm", "gpt-2", "starcoder", "deepseek-coder");
  if (!test::has_vocabulary(name)) PECIA_SKIP("no vocabularies beside the repository");
  check_vectors(name);
}

TEST_CASE("The newlines beside a separator line are not part of the texts") {
  CHECK(read_token_vectors(
            "a\n__ggml_vocab_test__\n\n__ggml_vocab_test__\n\n\n__ggml_vocab_test__\n") ==
        Texts{"a", "", "\n"});
}

TEST_CASE("Vectors may end with or without a separator line") {
  CHECK(read_token_vectors("a\n__ggml_vocab_test__\nb") == Texts{"a", "b"});
  CHECK(read_token_vectors("a\n__ggml_vocab_test__") == Texts{"a"});
  CHECK(read_token_vectors("__ggml_vocab_test__\na") == Texts{"", "a"});
  CHECK(read_token_vectors("").empty());
}

TEST_CASE("A separator inside a line separates nothing") {
  CHECK(read_token_vectors("a __ggml_vocab_test__\nb") == Texts{"a __ggml_vocab_test__\nb"});
}

}  // namespace
}  // namespace pecia::kernels
