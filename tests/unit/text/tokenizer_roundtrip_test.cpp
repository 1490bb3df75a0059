// decode(encode(text)) == text, whatever the text; and streaming gives the same bytes.

#include "kernels/base/philox.hpp"
#include "kernels/text/unicode.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/mixed_text.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

constexpr std::string_view kMixed =
    "  Pecia: 13th-century \u2014 na\u00EFve caf\u00E9, "
    "\u6211\u60F3\u5728apple\u5DE5\u4F5C\u3002\n\n\t"
    "\U0001F636\u200D\U0001F32B\uFE0F \u041F\u0440\u0438\u0432\u0435\u0442! I'LL we've 3.14159 "
    "0xDEADBEEF        if (x) { }\r\n\u1780\u17B6\u1793\u17CB   \u0627\u0644\u0639 <s></s><|eot|> ";

std::string round_trip(const Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.decode(tokenizer.encode(text, {}));
}

std::string random_bytes(std::uint64_t key, std::size_t count, bool ascii_often) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t draw = philox64(key, i, 0);
    const bool ascii = ascii_often && (draw >> 32) % 4 != 0;
    bytes.push_back(static_cast<char>(ascii ? draw % 128 : draw % 256));
  }
  return bytes;
}

Tokenizer small_bpe() {
  return test::byte_vocabulary({"a b", "ab ab", "\u0120 a", "\u00C3 \u00A9"}, {"<|eot|>"})
      .load()
      .value();
}

Tokenizer small_spm() {
  return test::sentencepiece_vocabulary(
             {{"\u2581", -3}, {"a", -4}, {"b", -5}, {"\u2581a", -1}, {"ab", -2}, {"\u00E9", -6}})
      .load()
      .value();
}

Tokenizer small_unigram() {
  return test::sentencepiece_vocabulary(
             {{"\u2581", -3}, {"a", -4}, {"\u2581a", -1}, {"\u4E2D", -2}}, "t5")
      .number("tokenizer.ggml.unknown_token_id", 0)
      .flag("tokenizer.ggml.add_space_prefix", true)
      .load()
      .value();
}

TEST_CASE("Mixed text survives every real vocabulary") {
  const auto name =
      GENERATE(as<std::string>(), "llama-spm", "gpt-2", "starcoder", "deepseek-coder");
  if (!test::has_vocabulary(name)) PECIA_SKIP("no vocabularies beside the repository");
  CHECK(round_trip(test::open_vocabulary(name), kMixed) == kMixed);
}

TEST_CASE("Byte soup survives vocabularies that have every byte") {
  const auto name = GENERATE(as<std::string>(), "llama-spm", "gpt-2");
  if (!test::has_vocabulary(name)) PECIA_SKIP("no vocabularies beside the repository");
  const Tokenizer tokenizer = test::open_vocabulary(name);
  for (std::uint64_t key = 0; key < 40; ++key) {
    const std::string soup = random_bytes(key, 50 + 10 * key, key % 2 == 0);
    CHECK(round_trip(tokenizer, soup) == soup);
  }
}

TEST_CASE("Samples of all code points survive every real vocabulary") {
  const auto name =
      GENERATE(as<std::string>(), "llama-spm", "gpt-2", "starcoder", "deepseek-coder");
  if (!test::has_vocabulary(name)) PECIA_SKIP("no vocabularies beside the repository");
  std::string text;
  for (char32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
    const bool surrogate = c >= 0xD800 && c < 0xE000;
    const bool lost = c == 0x2581                        // how SentencePiece writes a space
                      || (c >= 0x40000 && c < 0x80000);  // empty planes; starcoder has no byte F1
    if (!surrogate && !lost) text += utf8(c);
  }
  const bool same = round_trip(test::open_vocabulary(name), text) == text;
  CHECK(same);
}

TEST_CASE("Byte soup survives small vocabularies") {
  for (const Tokenizer& tokenizer : {small_bpe(), small_spm()}) {
    CHECK(round_trip(tokenizer, kMixed) == kMixed);
    for (std::uint64_t key = 0; key < 40; ++key) {
      const std::string soup = random_bytes(key, 10 * key, true);
      CHECK(round_trip(tokenizer, soup) == soup);
    }
  }
}

TEST_CASE("Ten megabytes of mixed text survive a vocabulary of each kind") {
  const std::string text = test::mixed_text(10'000'000);
  for (const Tokenizer& tokenizer : {small_bpe(), small_spm(), small_unigram()}) {
    const bool same = round_trip(tokenizer, text) == text;
    CHECK(same);
  }
}

TEST_CASE("Ten megabytes of mixed text survive every real vocabulary") {
  const auto name =
      GENERATE(as<std::string>(), "llama-spm", "gpt-2", "starcoder", "deepseek-coder");
  if (!test::has_vocabulary(name)) PECIA_SKIP("no vocabularies beside the repository");
  const Tokenizer tokenizer = test::open_vocabulary(name);
  std::string text = test::mixed_text(10'000'000);
  const int missing = test::drop_bytes_without_token(tokenizer, text);
  CHECK(missing <= 14);  // of invalid UTF-8 or of no use in it: starcoder has the fewest
  const bool same = round_trip(tokenizer, text) == text;
  CHECK(same);
}

TEST_CASE("A byte that byte-level BPE has no token for becomes a replacement character") {
  const Tokenizer tokenizer =
      test::VocabularyFile()
          .text("tokenizer.ggml.model", "gpt2")
          .texts("tokenizer.ggml.tokens", {"a", to_byte_alphabet("\xEF"), to_byte_alphabet("\xBF"),
                                           to_byte_alphabet("\xBD")})
          .texts("tokenizer.ggml.merges", {})
          .load()
          .value();
  CHECK(round_trip(tokenizer,
                   "a\xFF"
                   "a") == "a\uFFFDa");
}

TEST_CASE("A stream gives out whole characters only and the same bytes as decode") {
  for (const Tokenizer& tokenizer : {small_bpe(), small_spm()}) {
    const auto ids = tokenizer.encode(kMixed, {});
    TokenStream stream(tokenizer, true);
    std::string text;
    for (const TokenId id : ids) {
      const std::string part = stream.push(id);
      for (std::size_t at = 0; at < part.size();) {
        const Utf8Run run = utf8_run(part, at);
        REQUIRE(run.whole());
        at += run.length;
      }
      text += part;
    }
    CHECK(stream.flush().empty());
    CHECK(text == tokenizer.decode(ids));
  }
}

TEST_CASE("A stream passes on a broken character as soon as it cannot become whole") {
  const Tokenizer tokenizer = small_bpe();
  const auto byte = [&](char c) { return tokenizer.encode(std::string(1, c), {}).at(0); };
  TokenStream stream(tokenizer, true);
  CHECK(stream.push(byte('\xE2')).empty());
  CHECK(stream.push(byte('\x82')).empty());
  CHECK(stream.push(byte('x')) == "\xE2\x82x");
  CHECK(stream.push(byte('\xED')).empty());
  CHECK(stream.push(byte('\xA0')) == "\xED\xA0");  // a surrogate begins so, no character does
  CHECK(stream.push(byte('\xF0')).empty());
  CHECK(stream.flush() == "\xF0");
}

TEST_CASE("SentencePiece decoding drops the one space that encoding put in front") {
  const Tokenizer tokenizer = small_spm();
  const auto ids = tokenizer.encode(" a", {});
  CHECK(tokenizer.decode(ids) == " a");
  TokenStream continued(tokenizer, false);
  CHECK(continued.push(tokenizer.encode("a", {.add_bos = false}).at(0)) == " a");
}

TEST_CASE("Without a space prefix SentencePiece decoding drops nothing") {
  auto file = test::sentencepiece_vocabulary({{"\u2581a", -1}, {"\u2581", -3}, {"a", -4}});
  const Tokenizer tokenizer = file.flag("tokenizer.ggml.add_space_prefix", false).load().value();
  const auto ids = tokenizer.encode(" a", {.add_bos = false});
  CHECK(ids.size() == 1);
  CHECK(tokenizer.decode(ids) == " a");
}

}  // namespace
}  // namespace pecia::kernels
