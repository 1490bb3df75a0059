#pragma once
// How a model that was tuned on conversations wants them written: roles, markers, blanks, in the
// words of the model's own tokenizer.chat_template (chat_reading.hpp).
// Thread rule: a value.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/chat_reading.hpp"

namespace pecia::kernels {

struct ChatSegment {
  // begin, end: bos_token and eos_token of the vocabulary, whatever they are called there; `text`
  // is how they are usually called.
  enum class Kind : std::uint8_t { text, marker, begin, end };

  std::string text;
  Kind kind = Kind::text;

  bool is_control() const { return kind != Kind::text; }  // a control token, where there is such
  bool operator==(const ChatSegment&) const = default;
};

enum class ChatRole : std::uint8_t { system, user, assistant };

// Families, as their first models write them. S is a system message, which may be absent; B and E
// are bos_token and eos_token:
//
//   chatml   SmolLM2, Qwen    [<|im_start|>system\nS<|im_end|>\n]
//                             <|im_start|>user\nMESSAGE<|im_end|>\n<|im_start|>assistant\n
//   llama-3  Llama 3          B<|start_header_id|>user<|end_header_id|>\n\n
//                             MESSAGE<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n
//   zephyr   TinyLlama Chat   [<|system|>\nSE\n]<|user|>\nMESSAGEE\n<|assistant|>\n
//   mistral  Mistral, Llama 2 B[INST] [S\n\n]MESSAGE [/INST]   blanks inside as in the template;
//                             [SYSTEM_PROMPT]S[/SYSTEM_PROMPT] or <<SYS>> where the template has it
//   gemma    Gemma 2, 3       B<start_of_turn>user\n[S\n\n]MESSAGE<end_of_turn>\n
//                             <start_of_turn>model\n
//   phi      Phi-3, Phi-4     [<|system|>\nS<|end|>\n]<|user|>\nMESSAGE<|end|>\n<|assistant|>\n
//            mini             newlines as in the template
//
// Not as the template has it: answers stay as the model wrote them, token by token, where a
// template would strip them, take their thoughts out, or (mistral v3) move the system message on to
// the last question; and a system message stands where a template would leave it out (Phi-3 mini).
class ChatFormat {
 public:
  // nullopt where the template is of no known family, or empty.
  static std::optional<ChatFormat> of(std::string_view chat_template);

  ChatFamily family() const { return rules_.family; }
  // The beginning of a conversation up to the opening of the assistant's answer. An empty `system`
  // is the template's own, where it has one; white space alone is none where the template strips.
  std::vector<ChatSegment> opening(std::string_view system, std::string_view message) const;
  // What follows an answer: its end, the next message, and the opening of the next answer. The
  // first segment is the marker by which the model itself ends an answer.
  std::vector<ChatSegment> next(std::string_view message) const;

 private:
  using Segments = std::vector<ChatSegment>;
  explicit ChatFormat(ChatReading rules) : rules_(std::move(rules)) {}
  void open(ChatRole role, Segments& segments) const;
  void close(ChatRole role, Segments& segments) const;
  void open_answer(Segments& segments) const;
  void add_turn(ChatRole role, std::string_view text, Segments& segments) const;
  void add_mistral_opening(std::string_view system, std::string_view message,
                           Segments& segments) const;

  ChatReading rules_;
};

// Markers of all families: what a message must not be able to say.
std::span<const std::string_view> chat_markers();

}  // namespace pecia::kernels
