#pragma once
// Lines from standard input and Ctrl-C, as a chat needs them: Ctrl-C is an event, no end. SIGINT is
// blocked and read from a descriptor, so that nothing can come between looking and waiting.
// Thread rule: one thread; open() before any other thread starts, for they inherit the mask.

#include <optional>
#include <string>

#include "apps/pecia/child_process.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::apps {

inline constexpr std::size_t kChatLineBytesMax = std::size_t{1} << 20;

class ChatLines {
 public:
  enum class Event { line, too_long, end, interrupt };

  static kernels::Expected<ChatLines> open();

  // Waits. Event::line puts one line into `line`, without its newline; one that is longer than
  // kChatLineBytesMax is passed over whole, and told once.
  kernels::Expected<Event> wait(std::string& line);
  // Whether Ctrl-C came since the last look, here or in wait().
  bool take_interrupt();

  bool from_terminal() const { return from_terminal_; }

 private:
  ChatLines(Descriptor interrupts, bool from_terminal)
      : interrupts_(std::move(interrupts)), from_terminal_(from_terminal) {}
  std::optional<Event> take_line(std::string& line);

  Descriptor interrupts_;
  std::string pending_;
  bool passing_over_ = false;  // what is left of a line that is too long
  bool ended_ = false;
  bool from_terminal_;
};

}  // namespace pecia::apps
