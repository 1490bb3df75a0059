// What tokens found in raw text ask of the text around them, and what becomes of text before it is
// cut.
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"
#include "tests/unit/text/tokenizer_gguf.hpp"

using namespace pecia::kernels;

namespace {

using Ids = std::vector<TokenId>;
constexpr EncodeOptions kSpecial = {.add_bos = false, .parse_special = true};

// "[X]" is token 0, "a" 1, "b" 2, a space 3, a line feed 4.
test::VocabularyFile marked_vocabulary() {
  test::VocabularyFile file;
  file.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "gpt-2");
  file.texts("tokenizer.ggml.tokens", {"[X]", "a", "b", "\u0120", "\u010A"});
  file.ints("tokenizer.ggml.token_type", {3, 1, 1, 1, 1});
  file.texts("tokenizer.ggml.merges", {});
  return file;
}

Ids ids_with(std::string_view key, std::string_view text) {
  return marked_vocabulary().ints(key, {0}).load().value().encode(text, kSpecial);
}

}  // namespace

TEST_CASE("a token takes the white space along that it asks for, and no more") {
  CHECK(marked_vocabulary().load().value().encode("a [X] b", kSpecial) == Ids{1, 3, 0, 3, 2});
  CHECK(ids_with("tokenizer.pecia.strip_right", "a [X] \n b") == Ids{1, 3, 0, 2});
  CHECK(ids_with("tokenizer.pecia.strip_right", "[X][X] ") == Ids{0, 0});
  CHECK(ids_with("tokenizer.pecia.strip_left", "a \n[X] b") == Ids{1, 0, 3, 2});
  CHECK(ids_with("tokenizer.pecia.strip_left", " [X] [X]") == Ids{0, 0});
  CHECK(ids_with("tokenizer.pecia.strip_left", "a\u3000\u00A0[X]") == Ids{1, 0});
}

TEST_CASE("text that does not name the token keeps its white space") {
  const Tokenizer tokenizer =
      marked_vocabulary().ints("tokenizer.pecia.strip_left", {0}).load().value();
  CHECK(tokenizer.encode(" a ", kSpecial) == Ids{3, 1, 3});
}

TEST_CASE("a token that is a word of its own is not found inside of another") {
  constexpr auto kKey = "tokenizer.pecia.whole_word";
  CHECK(ids_with(kKey, "a [X] b") == Ids{1, 3, 0, 3, 2});
  CHECK(ids_with(kKey, "[X]") == Ids{0});
  CHECK(ids_with(kKey, "a[X] [X]") == Ids{1, 3, 0});  // the letters of "[X]" have no tokens
  CHECK(ids_with(kKey, "[X]b") == Ids{2});
  CHECK(ids_with(kKey, "[X]\u00E9").empty());
  CHECK(ids_with(kKey, "[X][X]") == Ids{0, 0});
}

TEST_CASE("ids that are none are refused where the surroundings name them") {
  for (const std::int32_t id : {-1, 5}) {
    const auto refused = marked_vocabulary().ints("tokenizer.pecia.strip_left", {id}).load();
    REQUIRE(!refused.ok());
    CHECK(refused.error().message ==
          fmt::format("test.gguf: tokenizer.pecia.strip_left names token {}, but there are 5", id));
  }
}

TEST_CASE("surroundings are part of what a tokenizer is") {
  const std::string plain = marked_vocabulary().load().value().fingerprint();
  CHECK(marked_vocabulary().ints("tokenizer.pecia.strip_right", {}).load().value().fingerprint() ==
        plain);
  CHECK(marked_vocabulary().ints("tokenizer.pecia.strip_right", {0}).load().value().fingerprint() !=
        plain);
  CHECK(marked_vocabulary().flag("tokenizer.pecia.compose", true).load().value().fingerprint() !=
        plain);
}

TEST_CASE("Phi-3's markers take white space along, also where its file is silent") {
  const auto phi = [] {
    test::VocabularyFile file;
    file.text("general.architecture", "phi3").text("tokenizer.ggml.model", "llama");
    file.texts("tokenizer.ggml.tokens", {"<unk>", "<s>", "</s>", "<|end|>", "a", "\u2581", "\n"});
    file.ints("tokenizer.ggml.token_type", {2, 3, 3, 3, 1, 1, 1});
    file.floats("tokenizer.ggml.scores", {0, 0, 0, 0, -1, -1, -1});
    return file.flag("tokenizer.ggml.add_space_prefix", false);
  };
  CHECK(phi().load().value().encode("<s> a<|end|>\na</s> a", kSpecial) == Ids{1, 5, 4, 3, 4, 2, 4});
  CHECK(
      phi().ints("tokenizer.pecia.strip_right", {}).load().value().encode("<|end|>\n", kSpecial) ==
      Ids{3, 6});
}

TEST_CASE("a space may stand in front of the text alone, not behind special tokens") {
  const auto spm = [] {
    return test::sentencepiece_vocabulary({{"\u2581", -2}, {"a", -3}, {"[X]", 0, 4}});
  };
  const Tokenizer always = spm().load().value();
  const Tokenizer once = spm().flag("tokenizer.pecia.space_prefix_once", true).load().value();
  const auto count = [](const Tokenizer& tokenizer, bool at_start) {
    return tokenizer.encode("a[X]a", {.add_bos = false, .at_start = at_start}).size();
  };
  CHECK(count(always, true) == 5);
  CHECK(count(always, false) == 5);
  CHECK(count(once, true) == 4);
  CHECK(count(once, false) == 3);
}

TEST_CASE("byte-level text becomes NFC where the file or the name of its cuts says so") {
  const auto vocabulary = [](const char* pre) {
    test::VocabularyFile file;
    file.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", pre);
    file.texts("tokenizer.ggml.tokens", {"e", "\u00C3", "\u00A9", "\u00CC", "\u0123"});
    file.texts("tokenizer.ggml.merges", {});
    return file;
  };
  const std::string apart = "e\u0301";  // CC 81 behind the letter; composed it is C3 A9
  CHECK(vocabulary("gpt-2").load().value().encode(apart, {}).front() == 0);
  CHECK(vocabulary("qwen2").load().value().encode(apart, {}) == Ids{1, 2});
  CHECK(vocabulary("qwen2")
            .flag("tokenizer.pecia.compose", false)
            .load()
            .value()
            .encode(apart, {})
            .front() == 0);
  CHECK(
      vocabulary("gpt-2").flag("tokenizer.pecia.compose", true).load().value().encode(apart, {}) ==
      Ids{1, 2});
}
