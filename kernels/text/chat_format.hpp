#pragma once
// How a model that was tuned on conversations wants them written: roles, markers, blanks, in the
// words of the model's own tokenizer.chat_template. That is a Jinja program; it is not run, its
// family is told by its text. A system message is never added.
// Thread rule: a value.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pecia::kernels {

struct ChatSegment {
  std::string text;
  bool is_control = false;    // one marker of the template, a control token where there is such
  bool drops_blanks = false;  // a marker whose token takes the white space behind it

  bool operator==(const ChatSegment&) const = default;
};

// Families, as their first models write them. S is a system message, which may be absent:
//
//   chatml   SmolLM2, Qwen    [<|im_start|>system\nS<|im_end|>\n]
//                             <|im_start|>user\nMESSAGE<|im_end|>\n<|im_start|>assistant\n
//   llama-3  Llama 3          <|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n
//                             MESSAGE<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n
//   zephyr   TinyLlama Chat   [<|system|>\nS</s>\n]<|user|>\nMESSAGE</s>\n<|assistant|>\n
//   mistral  Mistral, Llama 2 <s>[INST] [S\n\n]MESSAGE [/INST]   blanks inside as in the template;
//                             [SYSTEM_PROMPT]S[/SYSTEM_PROMPT] or <<SYS>> where the template has it
//   gemma    Gemma 2, 3       <bos><start_of_turn>user\n[S\n\n]MESSAGE<end_of_turn>\n
//                             <start_of_turn>model\n
//   phi      Phi-3, Phi-4     [<|system|>\nS<|end|>\n]<|user|>\nMESSAGE<|end|>\n<|assistant|>\n
//            mini             newlines as in the template
//
inline constexpr std::string_view kChatFamilies = "chatml, llama-3, zephyr, mistral, gemma, phi";

enum class ChatFamily : std::uint8_t { chatml, llama3, zephyr, mistral, gemma, phi };
std::string_view name_of(ChatFamily family);

enum class ChatRole : std::uint8_t { system, user, assistant };

class ChatFormat {
 public:
  // nullopt where the template is of no known family, or empty.
  static std::optional<ChatFormat> of(std::string_view chat_template);

  ChatFamily family() const { return family_; }
  // The beginning of a conversation up to the opening of the assistant's answer; an empty `system`
  // is none.
  std::vector<ChatSegment> opening(std::string_view system, std::string_view message) const;
  // What follows an answer: its end, the next message, and the opening of the next answer. The
  // first segment is the marker by which the model itself ends an answer.
  std::vector<ChatSegment> next(std::string_view message) const;
  // A message as the template puts it: some strip the white space around it.
  std::string_view said(std::string_view message) const;

 private:
  using Segments = std::vector<ChatSegment>;
  explicit ChatFormat(ChatFamily family) : family_(family) {}
  void open(ChatRole role, Segments& segments) const;
  void close(ChatRole role, Segments& segments) const;
  void add_turn(ChatRole role, std::string_view text, Segments& segments) const;
  void add_mistral_opening(std::string_view system, std::string_view message,
                           Segments& segments) const;

  ChatFamily family_;
  bool strips_ = false;
  std::string line_ = "\n";                  // behind a phi marker: "\n" or nothing
  std::string blank_before_, blank_behind_;  // beside a mistral message
  enum class System : std::uint8_t { folded, angled, marked } system_ = System::folded;
  bool begins_each_turn_ = false;  // with <s>, as Llama 2
};

// Markers of all families: what a message must not be able to say.
std::span<const std::string_view> chat_markers();

}  // namespace pecia::kernels
