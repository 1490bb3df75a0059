#pragma once
// A supervisor starts its children left to right, restarts what died and stops them right to left;
// where restarts do not help it stops everything and says so to its parent. It knows nothing of
// what its children do. Restart decisions are in restart_policy.hpp; here is when they happen.
//
// A child:
//
//     down --StartChildren--> queued --its turn--> starting --ChildStarted--> up
//      ^                        ^                     ^
//      |                        |         timer fired |    from starting, up:
//      |             the others |                     |       --StopChild--> stopping
//      |                        |         the first   |       --at its deadline, KillChild-->
//      killed |                its group is down -------> resting |                        ^ from
//      each of these four: |                        | yes                         --ChildEnded--.
//      '----------- no ---- does it come back? <----------------------------'
//
// One that ends before its first ChildStarted ever has failed to start: the supervisor gives up.
//
// The supervisor:
//
//     idle --StartChildren--> running --StopChildren, or it gives up--> leaving --all down--> gone
//                             |     ^
//        a child is to return |     | all of its group are down
//                             v     |
//                            clearing: the group goes down, right to left
//
// Its last effect is ChildrenStopped, or Escalate where it gave up; then nothing of it lives. To a
// parent that supervises it the one is its normal end, the other its abnormal one.
//
// A restart is never part of the event that caused it: it is a timer that the core has armed for
// itself, due at once if need be, so that a stop can come between.
//
// No event is trusted to be fresh: one that names an instance or a timer of the past is ignored.
// Whoever carries out KillChild must report ChildEnded once nothing of the child is left (a process
// is reaped), for the core never starts a second instance beside a first.
// Thread rule: one thread. Times: ms of one clock that may repeat a moment or step back.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/supervision/supervisor_spec.hpp"

namespace pecia::runtime {

// One life of a child; never reused.
struct ChildInstance {
  std::size_t child = 0;  // index in SupervisorSpec::children
  std::uint64_t n = 0;    // counted from 1
  auto operator<=>(const ChildInstance&) const = default;
};

// -- events --------------------------------------------------------------------------------------

struct StartChildren {};
struct ChildStarted {  // it is ready for those that rely on it
  ChildInstance instance;
};
struct ChildEnded {  // also where its start failed
  ChildInstance instance;
  ChildExit exit = ChildExit::abnormal;
  std::string why;  // for people
};
struct RestartTimerFired {
  std::uint64_t timer = 0;
};
struct ShutdownDeadlinePassed {
  ChildInstance instance;
};
struct StopChildren {};

using SupervisorEvent = std::variant<StartChildren, ChildStarted, ChildEnded, RestartTimerFired,
                                     ShutdownDeadlinePassed, StopChildren>;

// -- effects -------------------------------------------------------------------------------------

struct StartChild {
  ChildInstance instance;
};
struct StopChild {  // asked, not forced
  ChildInstance instance;
  std::uint64_t deadline_ms = 0;  // at which ShutdownDeadlinePassed is due, unless it has ended
};
struct KillChild {
  ChildInstance instance;
};
struct ArmRestartTimer {
  std::uint64_t timer = 0;
  std::uint64_t at_ms = 0;  // may lie in the past: at once
};
struct Escalate {
  std::string why;
};
struct ChildrenStopped {};

using SupervisorEffect =
    std::variant<StartChild, StopChild, KillChild, ArmRestartTimer, Escalate, ChildrenStopped>;
using SupervisorEffects = std::vector<SupervisorEffect>;

// -- the core ------------------------------------------------------------------------------------

// From `starting` on something of it may still run.
enum class ChildState : std::uint8_t { down, queued, resting, starting, up, stopping, killed };

class SupervisorCore {
 public:
  // Refuses what check_spec() refuses.
  static kernels::Expected<SupervisorCore> create(SupervisorSpec spec);

  // The effects are to be carried out in their order.
  SupervisorEffects take(const SupervisorEvent& event, std::uint64_t now_ms);

  const SupervisorSpec& spec() const { return spec_; }
  ChildState state(std::size_t child) const { return children_[child].state; }

 private:
  enum class Phase : std::uint8_t { idle, running, leaving, gone };

  struct Child {
    ChildState state = ChildState::down;
    std::uint64_t instances = 0;   // so far; the last one may live
    bool has_started = false;      // ever
    std::uint64_t started_ms = 0;  // where it is up
    int restarts_in_a_row = 0;     // since it was last up for a whole period
    std::uint64_t due_ms = 0;      // not to be started before, after its own end
    std::uint64_t timer = 0;       // where it is resting
  };

  explicit SupervisorCore(SupervisorSpec spec)
      : spec_(std::move(spec)), children_(spec_.children.size()) {}

  void on(const StartChildren&);
  void on(const ChildStarted& event);
  void on(const ChildEnded& event);
  void on(const RestartTimerFired& event);
  void on(const ShutdownDeadlinePassed& event);
  void on(const StopChildren&);

  void restart(std::size_t child, const std::string& why);
  void leave(std::string why);
  void clear(ChildRange range);
  void advance();
  bool stop_next();
  void revive(ChildRange range);
  void start_next();
  void start(std::size_t child);
  void stop(std::size_t child);
  void say_farewell();

  Child* living(const ChildInstance& instance);
  bool is_clearing(std::size_t child) const;

  // -- constant ----------------------------------------------------------------------------------
  SupervisorSpec spec_;
  // -- what has happened; begins anew with the process -------------------------------------------
  Phase phase_ = Phase::idle;
  std::vector<Child> children_;         // as in the spec
  std::optional<ChildRange> clearing_;  // of them some still live; all, where the phase is leaving
  RestartStamps restarts_;              // at most intensity + 1
  std::uint64_t timers_ = 0;            // armed so far
  std::string gave_up_;                 // why; empty where it did not
  // -- of the event at hand ----------------------------------------------------------------------
  std::uint64_t now_ms_ = 0;
  SupervisorEffects effects_;
};

}  // namespace pecia::runtime
