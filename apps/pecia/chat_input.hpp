#pragma once
// What a person types in a chat, line by line, as messages and commands.
//
//   a line                a message
//   a line that ends in \ goes on in the next one, without the \ and with the newline
//   """                   begins a message of many lines, up to a line of """ alone
//   /exit /reset /system TEXT /help    commands, outside of the above; //text is a message "/text"
//
// Thread rule: one reader.

#include <optional>
#include <string>
#include <string_view>

namespace pecia::apps {

inline constexpr std::size_t kChatMessageBytesMax = std::size_t{1} << 20;

struct ChatRequest {
  enum class Kind { message, leave, reset, system, help, unknown, too_long };
  Kind kind = Kind::message;
  std::string text;  // of a message or a system message; what was typed where it is unknown

  bool operator==(const ChatRequest&) const = default;
};

class ChatInput {
 public:
  // `line` without its newline. nullopt: more lines belong to it, or there is nothing in it.
  std::optional<ChatRequest> push(std::string_view line);
  // The same for a line that nobody could keep: what it belongs to is too long.
  std::optional<ChatRequest> push_too_long();
  // The input ends: what was begun is a message.
  std::optional<ChatRequest> finish();

  bool is_open() const { return block_ || continued_; }  // more lines belong to it
  void clear() { *this = {}; }

 private:
  std::optional<ChatRequest> add(std::string_view line, bool goes_on);
  std::optional<ChatRequest> complete();

  std::string text_;
  bool block_ = false;      // between """ and """
  bool continued_ = false;  // the last line ended in a backslash
  bool too_long_ = false;
};

}  // namespace pecia::apps
