#pragma once
// A node that lives and hears nobody is worse than one that is gone: its peers wait for it, and
// nothing starts it again. So every loop of a node counts its turns, and of one that stands still
// for too long the owner of the process is told. Time in which the watchdog itself did not run (a
// stopped process, a starved machine) counts against nobody.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pecia::actors {

// Pure; times are milliseconds of one monotonic clock.
class WatchdogCore {
 public:
  // `look_ms`: how often it is asked.
  WatchdogCore(std::size_t loops, std::uint64_t limit_ms, std::uint64_t look_ms);

  // `turns`: of each loop, so far. The first loop that has stood still for limit_ms.
  std::optional<std::size_t> look(const std::vector<std::uint64_t>& turns, std::uint64_t now_ms);

 private:
  struct Loop {
    std::uint64_t turns = 0;
    std::uint64_t still_ms = 0;
  };
  const std::uint64_t limit_ms_;
  const std::uint64_t look_ms_;
  std::vector<Loop> loops_;
  std::optional<std::uint64_t> looked_ms_;
};

struct WatchedLoop {
  std::string name;                      // for people
  std::function<std::uint64_t()> turns;  // so far; called on the watchdog's thread
};

// On a thread of its own, until it is destroyed. `stands_still` is called there, once; nobody
// watches any more when it returns.
class Watchdog {
 public:
  Watchdog(std::vector<WatchedLoop> loops, std::uint64_t limit_ms,
           std::function<void(const std::string& name)> stands_still);
  ~Watchdog();

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace pecia::actors
