#pragma once
// Lines for people, bounded: strangers can make a node write, so nobody may make it write much.
// At most kBurst lines at once and kPerSecond for long; the line after a pause says how many were
// left out. Thread rule: one thread.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace pecia::runtime {

class LogBudget {
 public:
  static constexpr std::uint64_t kBurst = 64;
  static constexpr std::uint64_t kPerSecond = 8;

  // The line to write, or nothing. `now_us` never steps back.
  std::optional<std::string> take(std::string line, std::uint64_t now_us) {
    constexpr std::uint64_t kUsPerLine = 1'000'000 / kPerSecond;
    const std::uint64_t gained = (now_us - counted_us_) / kUsPerLine;
    counted_us_ += gained * kUsPerLine;
    lines_ = gained >= kBurst ? kBurst : std::min(kBurst, lines_ + gained);
    if (lines_ == 0) {
      ++left_out_;
      return std::nullopt;
    }
    --lines_;
    const std::uint64_t left_out = std::exchange(left_out_, 0);
    if (left_out > 0) line += fmt::format(" ({} lines before it were left out)", left_out);
    return line;
  }

 private:
  std::uint64_t lines_ = kBurst;
  std::uint64_t counted_us_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace pecia::runtime
