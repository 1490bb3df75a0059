#include "kernels/weights/hf_pretokenizer.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/unit/weights/hf_writer.hpp"

using namespace pecia::kernels;
using test::split_by;

namespace {

const Json kWords = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
const Json kBytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};

Json digits(bool individual) { return {{"type", "Digits"}, {"individual_digits", individual}}; }
Json isolated(const char* regex) {
  return {{"type", "Split"},
          {"pattern", {{"Regex", regex}}},
          {"behavior", "Isolated"},
          {"invert", false}};
}
Json sequence(std::initializer_list<Json> steps) {
  return {{"type", "Sequence"}, {"pretokenizers", Json(Json::array_t(steps))}};
}

std::string name_of(const Json& pre_tokenizer, bool ignore_merges = false) {
  return hf_cuts_name(hf_cuts(&pre_tokenizer), ignore_merges);
}

// As the models' files write them.
constexpr const char* kLlama3 =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| "
    "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
constexpr const char* kQwen2 =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| "
    "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

}  // namespace

TEST_CASE("the cuts of known vocabularies have their GGUF name") {
  CHECK(name_of(kWords) == "gpt-2");
  CHECK(name_of(split_by(kLlama3), true) == "llama-bpe");
  CHECK(name_of(split_by(kLlama3), false) == "smaug-bpe");
  CHECK(name_of(split_by(kQwen2)) == "qwen2");
  CHECK(name_of(sequence({digits(true), kWords})) == "starcoder");
  const Json punctuation = {{"type", "Punctuation"}, {"behavior", "Contiguous"}};
  CHECK(name_of(sequence({punctuation, kWords, digits(false), isolated("[0-9][0-9][0-9]")})) ==
        "falcon");
  const char* han = "[一-龥ࠀ-一가-퟿]+";
  CHECK(name_of(sequence({isolated("[\r\n]"), isolated("\\s?\\p{L}+"), isolated("\\s?\\p{P}+"),
                          isolated(han), digits(true), kBytes})) == "deepseek-coder");
  CHECK(name_of(sequence({isolated("[\r\n]"), isolated("\\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓ]+"),
                          isolated("\\s?[!-/:-~！-／：-～‘-‟　-。]+"), isolated("\\s+$"),
                          isolated(han), digits(true), kBytes})) == "deepseek-llm");
  CHECK(name_of(sequence({sequence({isolated(kQwen2)}), kBytes})) == "qwen2");
}

TEST_CASE("a pattern that leaves nothing between may also be written as the pieces to keep") {
  Json kept = isolated(kLlama3);
  kept["behavior"] = "Removed";
  kept["invert"] = true;
  CHECK(name_of(sequence({kept, kBytes}), true) == "llama-bpe");
  kept["invert"] = false;
  CHECK(name_of(sequence({kept, kBytes}), true).empty());
}

TEST_CASE("cuts that differ in any step have no name") {
  CHECK(name_of(split_by(std::string(kLlama3) + "?"), true).empty());
  CHECK(name_of(split_by(kQwen2), true).empty());
  CHECK(name_of(sequence({isolated(kQwen2)})).empty());
  CHECK(name_of(sequence({digits(false), kWords})).empty());
  CHECK(name_of({{"type", "ByteLevel"}, {"add_prefix_space", true}}).empty());
  CHECK(name_of({{"type", "ByteLevel"}}).empty());
  CHECK(name_of({{"type", "Whitespace"}}).empty());
  CHECK(name_of(sequence({})).empty());
  CHECK(name_of(Json(3)).empty());
  CHECK(name_of(nullptr).empty());
  CHECK(hf_cuts(nullptr).empty());
}

TEST_CASE("the spaces of SentencePiece are read wherever they stand") {
  const Json prepend = {{"type", "Prepend"}, {"prepend", "▁"}};
  const Json replace = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}};
  const Json both = {{"type", "Sequence"}, {"normalizers", Json::array({prepend, replace})}};
  const Json split = {
      {"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "MergedWithPrevious"}};
  const auto prefix = [](const Json* normalizer, const Json* pre_tokenizer) {
    const auto spaces = hf_spaces(normalizer, pre_tokenizer, "t");
    if (!spaces) return std::string("refused");
    return fmt::format("{}{}{}{}", spaces->prefix, spaces->prefix_once ? " once " : "",
                       spaces->extra_removed, spaces->cut);
  };
  CHECK(prefix(&both, nullptr) == "truefalsefalse");     // llama
  CHECK(prefix(&replace, &split) == "falsefalsefalse");  // gemma
  CHECK(prefix(nullptr, nullptr) == "refused");
  CHECK(prefix(nullptr, &split) == "refused");
  Json meta = {
      {"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "first"}, {"split", false}};
  CHECK(prefix(nullptr, &meta) == "true once falsefalse");
  meta["prepend_scheme"] = "always";
  CHECK(prefix(nullptr, &meta) == "truefalsefalse");
  meta["prepend_scheme"] = "never";
  CHECK(prefix(nullptr, &meta) == "falsefalsefalse");
  meta.erase("split");
  CHECK(prefix(nullptr, &meta) == "falsefalsetrue");
  meta["replacement"] = "_";
  CHECK(prefix(nullptr, &meta) == "refused");
  const Json lower = {{"type", "Lowercase"}};
  CHECK(prefix(&lower, nullptr) == "refused");
  meta["replacement"] = "▁";
  const Json strip = {{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}};
  const Json few = {{"type", "Replace"}, {"pattern", {{"Regex", " {2,}"}}}, {"content", "▁"}};
  const auto stripped = [&](const Json& steps) {
    const Json normalizers = {{"type", "Sequence"}, {"normalizers", steps}};
    return prefix(&normalizers, &meta);
  };
  CHECK(stripped(Json::array({strip, few})) == "falsetruetrue");
  CHECK(stripped(Json::array({few, strip})) == "refused");  // the end is no space any more
  Json rewriting = {{"type", "Precompiled"}, {"precompiled_charsmap", "AAAAAA=="}};
  CHECK(hf_spaces(&rewriting, &meta, "t").value().charsmap == std::string(4, '\0'));
  rewriting["precompiled_charsmap"] = "AAA";
  CHECK(prefix(&rewriting, nullptr) == "refused");
}

TEST_CASE("byte-level vocabularies may compose their text and do nothing else to it") {
  const Json nfc = {{"type", "NFC"}};
  const Json none = {{"type", "Sequence"}, {"normalizers", Json::array()}};
  const Json lower = {{"type", "Lowercase"}};
  CHECK(hf_composes(nullptr) == false);
  CHECK(hf_composes(&nfc) == true);
  CHECK(hf_composes(&none) == false);
  CHECK(hf_composes(&lower) == std::nullopt);
}
