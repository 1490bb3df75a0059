// Foreign metadata: each fault is refused by one line that names file, place and reason.

#include <cmath>
#include <limits>

#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

void check_refused(const test::VocabularyFile& file, const std::string& reason) {
  const auto loaded = file.load();
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().kind == ErrorKind::refuse);
  const std::string& message = loaded.error().message;
  INFO(message);
  CHECK(message.starts_with("test.gguf"));
  CHECK(message.find(reason) != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

test::VocabularyFile of_kind(std::string_view kind, const std::vector<std::string>& tokens) {
  test::VocabularyFile file;
  file.text("tokenizer.ggml.model", kind).texts("tokenizer.ggml.tokens", tokens);
  return file;
}

TEST_CASE("A file without a tokenizer, or with another kind, is refused") {
  check_refused({}, "no tokenizer.ggml.model");
  check_refused(of_kind("bert", {"a"}), "'bert'");
  check_refused(of_kind("gpt2", {}), "absent or empty");
  check_refused(test::VocabularyFile().text("tokenizer.ggml.model", "llama"), "absent or empty");
  check_refused(test::VocabularyFile().number("tokenizer.ggml.model", 3), "tokenizer.ggml.model");
}

TEST_CASE("Arrays of another length than the tokens are refused") {
  check_refused(of_kind("llama", {"a", "b"}).floats("tokenizer.ggml.scores", {0}),
                "scores has 1 entries for 2 tokens");
  check_refused(of_kind("gpt2", {"a", "b"}).ints("tokenizer.ggml.token_type", {1, 1, 1}),
                "token_type has 3 entries for 2 tokens");
}

TEST_CASE("A missing score list, a score that is no number, and a type out of range are refused") {
  check_refused(of_kind("llama", {"a"}), "scores is absent");
  check_refused(of_kind("llama", {"a"}).floats("tokenizer.ggml.scores", {std::nanf("")}),
                "scores[0] is NaN");
  check_refused(of_kind("gpt2", {"a"}).ints("tokenizer.ggml.token_type", {7}),
                "token_type[0] is 7");
  check_refused(of_kind("gpt2", {"a"}).ints("tokenizer.ggml.token_type", {-1}), "is -1");
}

TEST_CASE("A byte token that spells no byte is refused") {
  check_refused(test::sentencepiece_vocabulary({{"<0xG0>", 0, 6}}), "tokens[259]");
}

TEST_CASE("Infinite scores are the best and the worst, and both zeros are the same") {
  const float infinity = std::numeric_limits<float>::infinity();
  const TokenId space = 259, a = 260, b = 261, first = 262, second = 263;  // in the order given
  const auto with = [](test::ScoredToken one, test::ScoredToken other, std::string_view text) {
    const auto file = test::sentencepiece_vocabulary(
        {{"\u2581", 0}, {"a", 0}, {"b", 0}, std::move(one), std::move(other)});
    return file.load().value().encode(text, {.add_bos = false});
  };
  CHECK(with({"ab", -infinity}, {"ba", infinity}, "aba") == std::vector{space, a, second});
  CHECK(with({"aa", -0.0f}, {"ab", 0.0f}, "aab") == std::vector{space, first, b});
}

TEST_CASE("Special ids outside the vocabulary are refused, minus one means none") {
  const auto with = [](std::uint32_t id) {
    return test::byte_vocabulary({}).number("tokenizer.ggml.bos_token_id", id);
  };
  check_refused(with(256), "bos_token_id is 256, but there are 256 tokens");
  CHECK(with(0xFFFFFFFF).load().value().bos() == -1);
  CHECK(with(255).load().value().bos() == 255);
}

TEST_CASE("An unknown pre-tokenizer is refused with the names of those that are known") {
  check_refused(test::byte_vocabulary({}).text("tokenizer.ggml.pre", "nonsense"), "deepseek-coder");
}

TEST_CASE("Malformed merges are refused by their number") {
  const auto with = [](const std::string& merge) {
    return of_kind("gpt2", {"a", "b", "ab"}).texts("tokenizer.ggml.merges", {"a b", merge});
  };
  CHECK(with("a b").load().ok());
  check_refused(with("ab"), "merges[1] is 'ab', not two parts");
  check_refused(with("a "), "not two parts");
  check_refused(with(" b"), "not two parts");
  check_refused(with(""), "not two parts");
  check_refused(with("a b c"), "outside the byte alphabet");
  check_refused(with("a \xFF"), "outside the byte alphabet");
  check_refused(of_kind("gpt2", {"a"}), "merges is absent");
}

TEST_CASE("Merges that run in a circle cannot all lead to tokens and are refused") {
  check_refused(of_kind("gpt2", {"a", "b", "ab"}).texts("tokenizer.ggml.merges", {"a b", "ab a"}),
                "merges[1] ('ab a') needs its parts and their union among the tokens");
  check_refused(of_kind("gpt2", {"a", "ba"}).texts("tokenizer.ggml.merges", {"ba b", "b a"}),
                "merges[0]");
}

TEST_CASE("A token longer than any real one is refused") {
  check_refused(of_kind("gpt2", {"a", std::string(5'000, 'a')}), "tokens[1] has 5000 bytes");
}

TEST_CASE("A vocabulary of empty and repeated tokens still encodes") {
  const auto file = of_kind("gpt2", {"", "a", "a", ""}).texts("tokenizer.ggml.merges", {});
  CHECK(file.load().value().encode("aa", {}) == std::vector<TokenId>{1, 1});
}

}  // namespace
}  // namespace pecia::kernels
