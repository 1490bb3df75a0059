#pragma once
// Has a node fallen silent, or have I been asleep?
//
// You sit at a window and watch a street with a traffic light. Cars come by all day; when none has
// come for a good while, the light must have stuck at red. But you can only say so of a while in
// which you looked. If you nod off and wake with a start, the empty street before you says nothing
// of the cars you slept through, and those that came meanwhile stand in a queue below your window,
// not yet seen. So on waking you begin to count anew. And you count by your own blinks, not by the
// clock on the church across the street: somebody may have set it.
//
// The street is a node, its cars are reports, blinks are the ticks of my own loop. A tick that
// comes late (this process was starved, stopped or swapped out), or by a clock that stepped back,
// is a nap; a clock that jumps forward looks like one, and is taken for one. A node is silent when
// no report came for silent_ms of unbroken wakefulness. An observer who keeps nodding off judges
// nobody: what hangs is then found by the progress timers of PROTOCOL.md.
//
//     own ticks     | | | | | | |             | | | | | | | | |
//     awake_ms      0 1 2 3 4 5 6             6 7 8 9 ...       stands still during the nap
//     report of A         ^                   (in the queue)
//     A is counted        '-----> 3           0 1 2 3 ...       silent at silent_ms, not before
//
// Every event that the loop takes may tick. Thread rule: values and a pure function.

#include <cstdint>
#include <optional>

namespace pecia::runtime {

struct SilenceLimits {
  // As ProtocolLimits::silent_ms.
  std::uint64_t silent_ms = 900;
  // Two ticks farther apart than this and the loop has slept. Must be well above the distance of
  // its ticks and below silent_ms: a smaller one forgives more to a node, a larger one lets short
  // naps of our own count against it.
  std::uint64_t tick_late_ms = 250;
};

// The history of the own loop's ticks, folded: all that is_silent() needs of it.
class OwnTicks {
 public:
  explicit OwnTicks(const SilenceLimits& limits) : tick_late_ms_(limits.tick_late_ms) {}

  // now_ms may repeat, jump and step back.
  void tick(std::uint64_t now_ms);

  // Time spent awake since the first tick, in ms; never steps back. The stamp of a report.
  std::uint64_t awake_ms() const { return awake_ms_; }
  // awake_ms() at the end of the last nap.
  std::uint64_t woke_ms() const { return woke_ms_; }

 private:
  std::uint64_t tick_late_ms_;
  std::optional<std::uint64_t> last_ms_;  // by the clock
  std::uint64_t awake_ms_ = 0;
  std::uint64_t woke_ms_ = 0;
};

// heard_ms: awake_ms() when the last report of the node came, or when it joined.
bool is_silent(const OwnTicks& ticks, std::uint64_t heard_ms, const SilenceLimits& limits);

}  // namespace pecia::runtime
