#pragma once
// A worker: holds attempts, has its engine generate their tokens, and offers these until they are
// committed. PROTOCOL.md "Worker".
//
//   attempt   prefill -> generating <-> full -> finished -> gone
//             full: as far ahead of the durable tokens as the window allows
//
// A plain class: events in, effects out. Nothing here survives the process, and nothing needs to.
// Thread rule: one owner.

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "actors/worker/worker_events.hpp"
#include "runtime/config/protocol_limits.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::actors {

// One generation in the engine; the core's own count, for an attempt may take over another's.
using RunId = std::uint64_t;

struct ToCoordinatorEffect {
  runtime::ToCoordinator message;
};
struct StartRun {
  RunId run = 0;
  runtime::Order order;  // prompt, and the committed tokens to go on behind
};
struct PauseRun {  // full: computes no further token until it is resumed
  RunId run = 0;
};
struct ResumeRun {
  RunId run = 0;
};
struct EndRun {
  RunId run = 0;
};
using WorkerEffect = std::variant<ToCoordinatorEffect, StartRun, PauseRun, ResumeRun, EndRun>;
using WorkerEffects = std::vector<WorkerEffect>;

class WorkerCore {
 public:
  WorkerCore(const runtime::ProtocolLimits& limits, runtime::NodeBoot self, int slots,
             std::uint64_t now_ms);

  // -- from the coordinator
  WorkerEffects on_link_up(std::uint64_t now_ms);  // the first word is a report
  WorkerEffects on_message(const runtime::ToWorker& message, std::uint64_t now_ms);

  // -- from the engine
  WorkerEffects on_prefilled(RunId run, std::uint64_t prompt_tokens);
  WorkerEffects on_token(RunId run, std::int32_t id, std::optional<runtime::OfferEnd> end);
  // It has all its tokens already: none was asked for, or the committed ones are all.
  WorkerEffects on_ended(RunId run, const runtime::OfferEnd& end);
  WorkerEffects on_failed(RunId run, runtime::BrokeKind kind, std::string_view why);
  // After each engine step: what has gathered is offered.
  WorkerEffects offer_tokens();

  WorkerEffects on_tick(std::uint64_t now_ms);  // every report_ms or more often

  // -- for views and checkers
  runtime::Term term_seen() const { return term_; }
  std::size_t held() const { return attempts_.size(); }
  std::size_t uncommitted_max() const;  // of any held attempt
  const Counts<WorkerEvent>& counts() const { return counts_; }

 private:
  struct Held {
    RunId run = 0;
    runtime::StepName step;
    runtime::TokenIds ids;               // committed ones included
    std::vector<runtime::Chain> chains;  // [i]: before ids[i]; one more than ids
    std::uint64_t committed = 0;         // durable, as far as we know; may be beyond ids
    std::uint64_t offered = 0;           // sent since the last go-back
    std::uint64_t prefilled = 0;
    std::optional<runtime::OfferEnd> end;
    bool full = false;
    bool end_offered = false;
  };
  using HeldMap = std::map<runtime::AttemptId, Held>;

  void on_order(const runtime::Order& order);
  void on_committed(const runtime::Committed& committed);
  void keep_to_window(Held& held);
  void drop(HeldMap::iterator at);
  void drop_all();
  bool take_over(const runtime::Order& order);
  void offer(const runtime::AttemptId& attempt, Held& held);
  void report();
  void count(WorkerEvent event) { counts_.add(event); }
  void say(runtime::ToCoordinator message);
  HeldMap::iterator find_run(RunId run);
  HeldMap::iterator find_step(const runtime::StepName& step);
  WorkerEffects finish() { return std::exchange(effects_, {}); }

  const runtime::ProtocolLimits& limits_;
  const runtime::NodeBoot self_;
  const std::size_t slots_;

  runtime::Term term_ = 0;  // the latest seen
  HeldMap attempts_;
  RunId runs_ = 0;
  std::uint64_t heard_ms_ = 0;     // from a coordinator
  std::uint64_t reported_ms_ = 0;  // last
  bool linked_ = false;
  std::optional<std::uint64_t> drained_at_ms_;  // draining, until then
  Counts<WorkerEvent> counts_;
  WorkerEffects effects_;
};

}  // namespace pecia::actors
