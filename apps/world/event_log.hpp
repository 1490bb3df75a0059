#pragma once
// What happened, for a person who reads a failed schedule. Off while seeds are only counted.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

namespace pecia::world {

class EventLog {
 public:
  explicit EventLog(bool on) : on_(on) {}

  bool on() const { return on_; }
  template <class... Args>
  void line(std::uint64_t at_ms, fmt::format_string<Args...> text, Args&&... args) {
    if (on_)
      text_ +=
          fmt::format("{:>7} ms  ", at_ms) + fmt::format(text, std::forward<Args>(args)...) + '\n';
  }
  const std::string& text() const { return text_; }

 private:
  bool on_;
  std::string text_;
};

}  // namespace pecia::world
