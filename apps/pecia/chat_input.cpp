#include "apps/pecia/chat_input.hpp"

#include <utility>

namespace pecia::apps {

namespace {

constexpr std::string_view kFence = "\"\"\"";

using Kind = ChatRequest::Kind;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

ChatRequest command_of(std::string_view line) {
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  const std::string_view rest = trimmed(line.substr(word.size()));
  if (word == "/system") return {Kind::system, std::string(rest)};
  const bool alone = rest.empty();
  if (alone && (word == "/exit" || word == "/quit" || word == "/bye")) return {Kind::leave, {}};
  if (alone && (word == "/reset" || word == "/clear")) return {Kind::reset, {}};
  if (alone && (word == "/help" || word == "/?")) return {Kind::help, {}};
  return {Kind::unknown, std::string(line)};
}

}  // namespace

std::optional<ChatRequest> ChatInput::push(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (block_) {
    if (trimmed(line) == kFence) return complete();
    return add(line, true);
  }
  if (!continued_) {
    const std::string_view bare = trimmed(line);
    if (bare.empty()) return std::nullopt;
    if (bare == kFence) return block_ = true, std::nullopt;
    if (bare.starts_with("//")) return add(bare.substr(1), false);
    if (bare.starts_with('/')) return command_of(bare);
  }
  const bool goes_on = line.ends_with('\\');
  if (goes_on) line.remove_suffix(1);
  continued_ = goes_on;
  return add(line, goes_on);
}

std::optional<ChatRequest> ChatInput::push_too_long() {
  too_long_ = true;
  if (block_) return std::nullopt;
  return complete();
}

std::optional<ChatRequest> ChatInput::finish() {
  if (!is_open()) return std::nullopt;
  return complete();
}

std::optional<ChatRequest> ChatInput::add(std::string_view line, bool goes_on) {
  too_long_ |= text_.size() + line.size() + 1 > kChatMessageBytesMax;
  if (!too_long_) text_.append(line);
  if (!goes_on) return complete();
  if (!too_long_) text_.push_back('\n');
  return std::nullopt;
}

// Neither the newline before the closing fence nor the one behind a last backslash is meant.
std::optional<ChatRequest> ChatInput::complete() {
  if (text_.ends_with('\n')) text_.pop_back();
  const bool too_long = too_long_;
  std::string text = std::move(text_);
  clear();
  if (too_long) return ChatRequest{Kind::too_long, {}};
  if (trimmed(text).empty()) return std::nullopt;
  return ChatRequest{Kind::message, std::move(text)};
}

}  // namespace pecia::apps
