#pragma once
// What a host hears of its node beside its jobs: lines of a log, and why the node works no more.
// Thread rule: any thread.

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pecia {

class NodeVoice {
 public:
  explicit NodeVoice(std::function<void(std::string_view)> log) : log_(std::move(log)) {}

  // One line at a time; what the host throws there is its own affair.
  void log(std::string_view line) {
    if (!log_) return;
    const std::lock_guard lock(logging_);
    try {
      log_(line);
    } catch (...) {
    }
  }
  // Remembered before it is told: the host may be what keeps the loop, inside this very log.
  void stands_still(const std::string& loop) {
    std::string why = "the loop '" + loop + "' of the node stands still; make another node";
    {
      const std::lock_guard lock(standing_);
      still_ = why;
    }
    log(why);
  }
  std::optional<std::string> still() const {
    const std::lock_guard lock(standing_);
    return still_;
  }

 private:
  const std::function<void(std::string_view)> log_;
  std::mutex logging_;
  mutable std::mutex standing_;
  std::optional<std::string> still_;
};

}  // namespace pecia
