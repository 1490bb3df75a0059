#pragma once
// The open attempts of a coordinator, and the workers they are at. Volatile: a coordinator that
// starts again knows none, and adopts or orders anew.
//
//   attempt   open -> closed(ended | lost | stalled | diverged | drained | cancelled)
//
// Pure; thread rule: one owner. Times are milliseconds of one monotonic clock.

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "actors/coordinator/job_book.hpp"
#include "runtime/config/protocol_limits.hpp"

namespace pecia::actors {

using runtime::NodeBoot;
using runtime::NodeName;

enum class CloseReason : std::uint8_t { ended, lost, stalled, diverged, drained, cancelled };
std::string_view name_of(CloseReason reason);

struct Attempt {
  AttemptId id;
  StepName step;
  NodeBoot node;
  std::uint64_t opened_ms = 0;
  std::uint64_t armed_ms = 0;     // of the progress timer: the last progress, or the opening
  std::uint64_t expected_ms = 0;  // between two progresses, a moving average; 0: unknown
  std::uint64_t prefilled = 0;    // prompt tokens its worker has done
  std::uint64_t have = 0;         // tokens its worker has, as far as it has said
  bool held = false;              // its worker has said so
  bool alone = false;             // in its batch
  bool hedge = false;             // a second attempt at its step
};

// For so long an attempt may show no progress.
std::uint64_t stall_after_ms(const Attempt& attempt, const runtime::ProtocolLimits& limits);

class Attempts {
 public:
  Attempt& open(Attempt attempt);  // REQUIRES an id that was never used
  void close(const AttemptId& id);
  void progressed(Attempt& attempt, std::uint64_t now_ms);  // re-arms its timer
  void arm_all(std::uint64_t now_ms);                       // time has passed that counts for none

  Attempt* find(const AttemptId& id);
  const Attempt* find(const AttemptId& id) const;
  std::vector<Attempt> at(const NodeBoot& node) const;
  std::vector<Attempt> of(const StepName& step) const;
  std::size_t count_at(const NodeBoot& node) const;
  std::size_t count_of(const StepName& step) const;
  std::size_t hedges() const { return hedges_; }
  const std::map<AttemptId, Attempt>& all() const { return attempts_; }

 private:
  std::map<AttemptId, Attempt> attempts_;
  std::map<StepName, std::vector<AttemptId>> of_step_;
  std::map<NodeBoot, std::vector<AttemptId>> at_node_;
  std::size_t hedges_ = 0;
};

struct Worker {
  NodeBoot node;
  std::uint64_t heard_ms = 0;
  std::size_t capacity = 0;  // attempts it holds at most, by its last report
  bool draining = false;
  std::uint64_t drained_at_ms = 0;   // told so by us; 0: not
  std::uint64_t rests_until_ms = 0;  // it broke an attempt and gets none for a while
  // The longest that an attempt there took from one progress to the next, as far as is known; an
  // attempt that stalled took twice as long as it was given. What its next ones are expected to
  // take: an engine whose first step is long is not asked again and again for what it cannot do.
  std::uint64_t pace_ms = 0;
};

inline constexpr std::uint64_t kPaceMsMax = 60'000;

// What was held by a worker when it was lost: suspects, should it turn out to have died.
struct Suspect {
  StepName step;
  std::uint64_t durable = 0;  // tokens of the step then
  bool alone = false;         // nothing else ran there, so it is the only suspect
};

// Who works. A process is told by its boot: another boot under the same name means that the one
// before has died. But an old message may come late, and boots have no order; so where one boot is
// known and not lost, another one is ignored until it has spoken for challenge_ms while the known
// one was silent. A process that lives goes on speaking.
class Workers {
 public:
  explicit Workers(std::uint64_t challenge_ms) : challenge_ms_(challenge_ms) {}

  enum class Hello : std::uint8_t { known, fresh, reborn, ghost };
  // `fresh`: a node not seen before, or one that was lost and lives. `reborn`: the boot before has
  // died: bury it by died(), then greet again. `ghost`: not believed, or not yet.
  Hello greet(const NodeBoot& node, std::uint64_t now_ms);
  Worker* find(const NodeBoot& node);
  NodeBoot boot_of(const NodeName& node) const;                    // boot 0: never seen
  void lose(const NodeBoot& node, std::vector<Suspect> suspects);  // no longer asked
  std::vector<Suspect> died(const NodeBoot& node);                 // REQUIRES that it is lost
  const std::map<NodeName, Worker>& all() const { return workers_; }
  void heard_all(std::uint64_t now_ms);  // our own loop stood still: nobody was silent

 private:
  struct Past {
    NodeBoot last;
    runtime::Boot challenger = 0;
    std::uint64_t challenged_ms = 0;
    std::vector<Suspect> suspects;
  };
  const std::uint64_t challenge_ms_;
  std::map<NodeName, Worker> workers_;
  std::map<NodeName, Past> past_;
};

}  // namespace pecia::actors
