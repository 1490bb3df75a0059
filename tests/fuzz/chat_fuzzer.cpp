// Chat templates and messages over any bytes: the first line is a template, the second a system
// message, every other a turn. Detection, rendering and encoding never fail; a message never makes
// a control token, nor a marker that any text may name; and the prompt of a turn begins with all
// that the model has seen before.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "kernels/text/chat_template.hpp"
#include "kernels/text/conversation.hpp"
#include "kernels/text/tokenizer_bytes.hpp"
#include "tests/unit/text/tokenizer_gguf.hpp"

using namespace pecia::kernels;

namespace {

constexpr std::size_t kTurnsMax = 8;

void require(bool condition) {
  if (!condition) std::abort();
}

// Bytes, and all markers as control tokens or as tokens that any text may name.
std::shared_ptr<const Tokenizer> tokenizer_with(std::string_view chat_template, TokenType markers,
                                                bool sentencepiece) {
  std::vector<std::string> tokens = {"<unk>"};
  std::vector<std::int32_t> types = {2};
  for (int byte = 0; byte < 256; ++byte) {
    const char text = static_cast<char>(byte);
    tokens.push_back(sentencepiece ? fmt::format("<0x{:02X}>", byte)
                                   : to_byte_alphabet(std::string_view(&text, 1)));
    types.push_back(sentencepiece ? 6 : 1);
  }
  for (const std::string_view marker : chat_markers()) {
    tokens.emplace_back(marker);
    types.push_back(static_cast<std::int32_t>(markers));
  }
  test::VocabularyFile file;
  file.text("tokenizer.ggml.model", sentencepiece ? "llama" : "gpt2");
  file.texts("tokenizer.ggml.tokens", tokens).ints("tokenizer.ggml.token_type", types);
  file.floats("tokenizer.ggml.scores", std::vector<float>(tokens.size(), -1));
  file.number("tokenizer.ggml.eos_token_id", 0xFFFFFFFF);  // none: else a byte ends answers
  file.texts("tokenizer.ggml.merges", {}).text("tokenizer.chat_template", chat_template);
  return std::make_shared<const Tokenizer>(file.load().value());
}

std::ptrdiff_t markers_in(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  return std::count_if(ids.begin(), ids.end(), [&](TokenId id) {
    return tokenizer.is_control(id) || tokenizer.is_user_defined(id);
  });
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

bool begins_with(const std::vector<TokenId>& ids, const std::vector<TokenId>& beginning) {
  return ids.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), ids.begin());
}

void converse(const std::shared_ptr<const Tokenizer>& tokenizer, std::string_view text) {
  auto talk = Conversation::create(tokenizer);
  if (!talk) return require(talk.error().kind == ErrorKind::refuse);
  const std::string_view system = take_line(text);
  talk->begin_anew(std::string(system));
  auto innocent = *talk;
  const bool blank = system.find_first_not_of(" \t\r\v\f") == system.npos;
  innocent.begin_anew(blank ? std::string(system) : "x");
  std::vector<TokenId> before;
  for (std::size_t turn = 0; turn < kTurnsMax && !text.empty(); ++turn) {
    const std::string_view message = take_line(text);
    const auto prompt = talk->ask(message), plain = innocent.ask("x");
    require(begins_with(prompt, before));
    require(markers_in(*tokenizer, prompt) == markers_in(*tokenizer, plain));
    before = prompt;
    const auto answer = tokenizer->encode(message, {.add_bos = false});
    const bool says_markers = markers_in(*tokenizer, answer) > 0;
    if (!says_markers) before.insert(before.end(), answer.begin(), answer.end());
    talk->answered(prompt, says_markers ? std::span<const TokenId>() : answer);
    innocent.answered(plain, {});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  std::string_view text(reinterpret_cast<const char*>(bytes), count);
  const std::string_view chat_template = take_line(text);
  for (const TokenType markers : {TokenType::control, TokenType::user_defined}) {
    for (const bool sentencepiece : {false, true})
      converse(tokenizer_with(chat_template, markers, sentencepiece), text);
  }
  if (!knows_chat_template(chat_template)) return 0;
  for (const ChatSegment& segment : render_chat(chat_template, text))
    require(!segment.is_control() || !segment.text.empty());
  return 0;
}
