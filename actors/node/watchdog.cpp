#include "actors/node/watchdog.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "actors/clock_and_chance.hpp"

namespace pecia::actors {

namespace {

constexpr std::uint64_t kLookMs = 500;
constexpr std::uint64_t kLateFactor = 3;  // a look so many times as late as planned was starved

}  // namespace

WatchdogCore::WatchdogCore(std::size_t loops, std::uint64_t limit_ms, std::uint64_t look_ms)
    : limit_ms_(limit_ms), look_ms_(look_ms), loops_(loops) {}

std::optional<std::size_t> WatchdogCore::look(const std::vector<std::uint64_t>& turns,
                                              std::uint64_t now_ms) {
  const std::uint64_t passed = looked_ms_ ? now_ms - *looked_ms_ : 0;
  const bool starved = passed > kLateFactor * look_ms_;
  looked_ms_ = now_ms;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    Loop& loop = loops_[i];
    const bool turned = turns[i] != loop.turns;
    loop.turns = turns[i];
    loop.still_ms = turned || starved ? 0 : loop.still_ms + passed;
    if (!found && loop.still_ms >= limit_ms_) found = i;
  }
  return found;
}

struct Watchdog::Thread {
  Thread(std::vector<WatchedLoop> watched, std::uint64_t limit_ms,
         std::function<void(const std::string&)> still)
      : loops(std::move(watched)),
        stands_still(std::move(still)),
        core(loops.size(), limit_ms, kLookMs),
        thread([this] { run(); }) {}
  ~Thread() {
    {
      const std::lock_guard lock(mutex);
      ended = true;
    }
    wake.notify_all();
    thread.join();
  }

  void run() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, std::chrono::milliseconds(kLookMs), [this] { return ended; })) {
      std::vector<std::uint64_t> turns;
      for (const WatchedLoop& loop : loops) turns.push_back(loop.turns());
      if (const auto still = core.look(turns, steady_ms())) return stands_still(loops[*still].name);
    }
  }

  const std::vector<WatchedLoop> loops;
  const std::function<void(const std::string&)> stands_still;
  WatchdogCore core;
  std::mutex mutex;
  std::condition_variable wake;
  bool ended = false;
  std::thread thread;  // the last member: it uses the others
};

Watchdog::Watchdog(std::vector<WatchedLoop> loops, std::uint64_t limit_ms,
                   std::function<void(const std::string&)> stands_still)
    : thread_(std::make_unique<Thread>(std::move(loops), limit_ms, std::move(stands_still))) {}

Watchdog::~Watchdog() = default;

}  // namespace pecia::actors
