#pragma once
// A supervised child has ended: what now? The decisions of Erlang/OTP's supervisor (stdlib,
// supervisor.erl: do_restart/3, add_restart/3), as pure functions. SupervisorCore acts on them.
//
//   a child ended --does_restart--no--> it stays down
//         | yes
//         v
//   add_restart --more than `intensity` within `period_ms`--> the supervisor gives up: its parent
//         | fewer                                              decides, as about any other child
//         v
//   restart_group goes down, right to left
//         |
//         v
//   backoff_ms after the end, the group starts again, left to right
//
// Times are milliseconds of one clock. It may repeat a moment or step back: a stamp that lies ahead
// of `now` counts as recent. Thread rule: pure functions and values.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pecia::runtime {

enum class RestartType : std::uint8_t {
  permanent,  // always there: a coordinator, a worker
  transient,  // has work that ends; comes back only where it ended abnormally
  temporary,  // lives once
};

enum class ChildExit : std::uint8_t { normal, abnormal };

enum class RestartStrategy : std::uint8_t {
  one_for_one,   // children do not know each other
  one_for_all,   // children cannot work without one another
  rest_for_one,  // a child relies on those before it
};

bool does_restart(RestartType type, ChildExit exit);

// Children [first, last) of a supervisor, in the order of their start.
struct ChildRange {
  std::size_t first = 0;
  std::size_t last = 0;
  bool operator==(const ChildRange&) const = default;
};

// Those that go down and come back with `child`, itself included. REQUIRES child < children.
ChildRange restart_group(RestartStrategy strategy, std::size_t child, std::size_t children);

// Restarts tell a passing fault from one that a restart cannot mend. More than `intensity` of them
// within `period_ms`, all children together, and the supervisor gives up; 0 allows none. With
// backoffs beyond period_ms / intensity that number is never reached, and a child is tried for
// ever.
struct RestartLimit {
  int intensity = 3;
  std::uint64_t period_ms = 10'000;
};

using RestartStamps = std::vector<std::uint64_t>;  // ms, the latest first

// The stamps newer than now - period, with now before them.
RestartStamps add_restart(RestartStamps stamps, std::uint64_t now_ms, std::uint64_t period_ms);
bool is_within(const RestartStamps& stamps, const RestartLimit& limit);

// The first restart of a child comes `first_ms` after its end, each further one after twice as long
// as the one before, up to `max_ms`. A child that was up for a whole period_ms begins anew. Short
// mends a passing fault sooner, long spares the machine where the fault stays.
struct Backoff {
  std::uint64_t first_ms = 100;
  std::uint64_t max_ms = 5'000;
};

// `restarts` counts those in a row before this one.
std::uint64_t backoff_ms(const Backoff& backoff, int restarts);

}  // namespace pecia::runtime
