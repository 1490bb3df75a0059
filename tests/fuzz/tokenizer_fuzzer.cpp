// Tokenizer metadata over any bytes: a GGUF file as it is, or one written from lines, which reach
// deeper than bytes that must first be GGUF. Whatever loads must encode and decode any text within
// its own ids. Lines: "l" makes the kind llama, "u" t5, "c" adds to its table, "p" names the
// pre-tokenizer, "b" adds the 256 byte tokens, "m" a merge, "t" a token behind its type and a
// letter for its score.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "kernels/text/tokenizer_bytes.hpp"
#include "kernels/text/unicode.hpp"
#include "tests/unit/text/tokenizer_gguf.hpp"

using namespace pecia::kernels;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Lines {
  std::string kind = "gpt2", pre = "default";
  std::string charsmap;
  std::vector<std::string> tokens, merges;
  std::vector<std::int32_t> types;
  std::vector<float> scores;
  bool all_bytes = false, silent_tokens = false;

  void add_token(std::string_view text, std::int32_t type, float score) {
    tokens.emplace_back(text), types.push_back(type), scores.push_back(score);
    silent_tokens |= type == 2 || type == 3;
  }

  void add_bytes() {
    all_bytes = true;
    for (int byte = 0; byte < 256; ++byte) {
      const char text = static_cast<char>(byte);
      if (kind == "gpt2") add_token(to_byte_alphabet(std::string_view(&text, 1)), 1, 0);
      if (kind != "gpt2") add_token(fmt::format("<0x{:02X}>", byte), 6, 0);
    }
  }

  void add(std::string_view line) {
    if (line.starts_with('l')) kind = "llama";
    if (line.starts_with('u')) kind = "t5";
    if (line.starts_with('c')) charsmap.append(line.substr(1));
    if (line.starts_with('p')) pre = line.substr(1);
    if (line.starts_with('b') && !all_bytes) add_bytes();
    if (line.starts_with('m')) merges.emplace_back(line.substr(1));
    if (line.starts_with('t') && line.size() >= 3)
      add_token(line.substr(3), line[1] - '0', line[2]);
  }

  Expected<Tokenizer> load() const {
    test::VocabularyFile file;
    file.text("tokenizer.ggml.model", kind).text("tokenizer.ggml.pre", pre);
    file.texts("tokenizer.ggml.tokens", tokens).ints("tokenizer.ggml.token_type", types);
    if (!charsmap.empty()) file.raw("tokenizer.ggml.precompiled_charsmap", charsmap);
    file.floats("tokenizer.ggml.scores", scores).texts("tokenizer.ggml.merges", merges);
    return file.load();
  }
};

Lines read_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.add(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Whether a cut at `at` would tear a character of `text` apart.
bool tears_character(std::string_view text, std::size_t at) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, at); ++back) {
    const Utf8Run run = utf8_run(text, at - back);
    if (run.whole() && run.length > back) return true;
  }
  return false;
}

void check(const Tokenizer& tokenizer, std::string_view text) {
  for (const bool parse_special : {false, true}) {
    const auto ids = tokenizer.encode(text, {.parse_special = parse_special});
    const std::string whole = tokenizer.decode(ids);
    TokenStream stream(tokenizer, true);
    std::string streamed;
    for (const TokenId id : ids) {
      require(id >= 0 && id < tokenizer.size());
      streamed += stream.push(id);
      require(!tears_character(whole, streamed.size()));
    }
    require(streamed + stream.flush() == whole);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), count);
  if (text.starts_with("GGUF")) {
    const auto file = ModelFile::parse(std::as_bytes(std::span(text)), "fuzz");
    if (!file) return 0;
    if (const auto tokenizer = Tokenizer::load(*file)) check(*tokenizer, text);
    return 0;
  }
  const Lines lines = read_lines(text);
  const auto tokenizer = lines.load();
  if (!tokenizer) {
    require(tokenizer.error().kind == ErrorKind::refuse && !tokenizer.error().message.empty());
    return 0;
  }
  check(*tokenizer, text);
  if (lines.kind == "gpt2" && lines.all_bytes && !lines.silent_tokens) {
    require(tokenizer->decode(tokenizer->encode(text, {})) == text);
  }
  return 0;
}
