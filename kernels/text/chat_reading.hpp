#pragma once
// What the text of a chat template tells. tokenizer.chat_template is a Jinja program; it is not
// run: its family and the details in which the models of a family differ are read from its
// expressions as they are written. Thread rule: a pure function.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pecia::kernels {

inline constexpr std::string_view kChatFamilies = "chatml, llama-3, zephyr, mistral, gemma, phi";

enum class ChatFamily : std::uint8_t { chatml, llama3, zephyr, mistral, gemma, phi };
std::string_view name_of(ChatFamily family);

struct ChatReading {
  ChatFamily family = ChatFamily::chatml;
  bool begins = false;         // with bos_token
  bool strips = false;         // the white space around a user's message
  bool strips_system = false;  // around a system message
  std::string default_system;  // where the user gives none: "You are a helpful assistant."
  std::string system_preface;  // Llama 3.1: dates before any system message, which is never absent
  std::string answer_preface;  // what every answer begins with: "<think>\n"
  std::string line = "\n";     // behind a marker of phi: a newline or nothing

  // mistral
  std::string lead;                        // before [INST]: a blank or nothing, as the next
  std::string blank_before, blank_behind;  // beside a message
  std::string between;                     // behind an answer's end
  bool begins_each_turn = false;           // with bos_token, as Llama 2
  enum class System : std::uint8_t { folded, angled, marked } system = System::folded;
};

// nullopt where the template is of no known family, or empty.
std::optional<ChatReading> read_chat_template(std::string_view chat_template);

}  // namespace pecia::kernels
