// The patterns of pre-tokenizers, as the tokenizer.json of each model defines them, in the order in
// which they cut, and the names that GGUF files give to them (llama.cpp's src/llama-vocab.cpp).
// None repeats a group, so that matching needs no stack, and none rescans a run of characters from
// each of its places.

#include "kernels/text/pretokenize.hpp"
#include "kernels/weights/word_patterns.hpp"

namespace pecia::kernels {
namespace {

constexpr const char* kGpt2Words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// U+0800..U+9FA5 and Hangul without the white space among them, which the reference hides first.
constexpr const char* kEastAsianRun =
    R"([\x{800}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E})"
    R"(\x{2060}-\x{2FFF}\x{3001}-\x{9FA5}\x{AC00}-\x{D7FF}]+)";
// Capital, small and title letters of an early Unicode, listed by the model itself.
constexpr const char* kDeepseekLetters =
    R"(\s?[A-Za-z)"
    R"(\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293})"
    R"(\x{295}-\x{2AF}\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386}\x{388}-\x{38A})"
    R"(\x{38C}\x{38E}-\x{3A1}\x{3A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F}\x{531}-\x{556})"
    R"(\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA}\x{1CBD}-\x{1CBF})"
    R"(\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A}\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D})"
    R"(\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D})"
    R"(\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4})"
    R"(\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4})"
    R"(\x{1FF6}-\x{1FFC}\x{2102}\x{2107}\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124})"
    R"(\x{2126}\x{2128}\x{212A}-\x{212D}\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F})"
    R"(\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184}\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4})"
    R"(\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D}\x{A680}-\x{A69B}\x{A722}-\x{A76F})"
    R"(\x{A771}-\x{A787}\x{A78B}-\x{A78E}\x{AB70}-\x{ABBF}\x{FB00}-\x{FB06}\x{FB13}-\x{FB17})"
    R"(\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{10400}-\x{1044F}\x{104B0}-\x{104D3})"
    R"(\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF})"
    R"(\x{1E900}-\x{1E943})"
    R"(]+)";
// U+2018..U+201F and U+3000..U+3002, again without the white space.
constexpr const char* kDeepseekSigns =
    R"(\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3001}-\x{3002}]+)";
// \s+$ that does not try each place of a run.
constexpr const char* kTrailingSpaces = R"((?<!\s)\s++$)";

constexpr const char* kDefault[] = {R"([\p{P}$+<=>^~|]+)", kGpt2Words, R"(\p{N}+)",
                                    "[0-9][0-9][0-9]"};
constexpr const char* kGpt2[] = {kGpt2Words};
constexpr const char* kLlama3[] = {kLlama3Words};
constexpr const char* kQwen2[] = {kQwen2Words};
constexpr const char* kTekken[] = {kTekkenWords};
constexpr const char* kGpt4o[] = {kGpt4oWords};
constexpr const char* kStarcoder[] = {R"(\p{N})", kGpt2Words};
constexpr const char* kFalcon[] = {R"([\p{P}$+<=>^~|`]+)", kGpt2Words, "[0-9][0-9][0-9]"};
constexpr const char* kDeepseekCoder[] = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)",
                                          kEastAsianRun, R"(\p{N})"};
constexpr const char* kDeepseekLlm[] = {R"([\r\n])",     kDeepseekLetters, kDeepseekSigns,
                                        kTrailingSpaces, kEastAsianRun,    R"(\p{N}+)"};
constexpr const char* kDeepseek3[] = {R"(\p{N}{1,3})", R"([\x{4E00}-\x{9FA5}\x{3040}-\x{30FF}]+)",
                                      kDeepseek3Words};

struct NamedStyle {
  std::string_view name;
  PretokenizerStyle style;
};

constexpr NamedStyle kStyles[] = {
    {"default", {kDefault}},
    {"gpt-2", {kGpt2}},
    {"phi-2", {kGpt2}},
    {"mpt", {kGpt2, false, false, true}},
    {"olmo", {kGpt2, false, false, true}},
    {"jais", {kGpt2}},
    {"gigachat", {kGpt2}},
    {"roberta-bpe", {kGpt2}},
    {"jina-es", {kGpt2}},
    {"jina-de", {kGpt2}},
    {"jina-v1-en", {kGpt2}},
    {"jina-v2-es", {kGpt2}},
    {"jina-v2-de", {kGpt2}},
    {"jina-v2-code", {kGpt2}},
    {"llama-bpe", {kLlama3, true, true}},
    {"llama3", {kLlama3, true, true}},
    {"llama-v3", {kLlama3, true, true}},
    {"falcon3", {kLlama3, true, true}},
    {"pixtral", {kLlama3, true, true}},
    {"dbrx", {kLlama3}},
    {"smaug-bpe", {kLlama3}},
    {"chatglm-bpe", {kLlama3}},
    {"glm4", {kLlama3}},
    {"qwen2", {kQwen2, false, false, true}},
    {"deepseek-r1-qwen", {kQwen2, false, false, true}},
    {"stablelm2", {kQwen2, false, false, true}},
    {"megrez", {kQwen2}},
    {"tekken", {kTekken, true, true}},
    {"gpt-4o", {kGpt4o}},
    {"starcoder", {kStarcoder}},
    {"refact", {kStarcoder}},
    {"command-r", {kStarcoder, false, false, true}},
    {"smollm", {kStarcoder}},
    {"codeshell", {kStarcoder}},
    {"exaone", {kStarcoder}},
    {"minerva-7b", {kStarcoder}},
    {"falcon", {kFalcon}},
    {"deepseek-coder", {kDeepseekCoder}},
    {"deepseek-llm", {kDeepseekLlm}},
    {"deepseek-v3", {kDeepseek3}},
};

}  // namespace

const PretokenizerStyle* pretokenizer_style(std::string_view name) {
  for (const NamedStyle& named : kStyles) {
    if (named.name == name) return &named.style;
  }
  return nullptr;
}

std::string pretokenizer_names() {
  std::string names;
  for (const NamedStyle& named : kStyles) {
    names.append(names.empty() ? "" : ", ").append(named.name);
  }
  return names;
}

}  // namespace pecia::kernels
