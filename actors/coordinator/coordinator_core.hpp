#pragma once
// The coordinator: accepts jobs, orders their steps from workers, records what they offer, and
// decides when a job is closed. PROTOCOL.md "Coordinator" row by row; every row is a method here or
// in one of the parts below.
//
//   job    opened -> (running <-> stalled) -> closed(done | failed | cancelled)
//   step   waiting -inputs ended-> ready -order-> running -last token durable-> ended
//
// State: what the journal says (JobBook), what is on its way there (PendingAppends), and what is
// volatile (Attempts, Workers, and who waits for an answer). A start folds the journal and places
// again: there is no other way to recover.
//
// Notes tell the journal what was decided here and is not in it otherwise. They ride with the next
// record, or alone where none comes for a while, and nothing is decided by them.
//
// A plain class: events in, effects out. Nothing is acknowledged, shown or built upon before it is
// durable. After an Exit effect every event is ignored. Thread rule: one owner.

#include <map>
#include <set>
#include <vector>

#include "actors/balancer/balancer.hpp"
#include "actors/coordinator/attempts.hpp"
#include "actors/coordinator/coordinator_events.hpp"
#include "actors/coordinator/effects.hpp"
#include "actors/coordinator/job_book.hpp"
#include "actors/coordinator/pending_appends.hpp"
#include "actors/slicer/expanded.hpp"
#include "runtime/config/protocol_limits.hpp"
#include "runtime/journal/journal.hpp"

namespace pecia::actors {

class CoordinatorCore {
 public:
  // Both outlive this.
  CoordinatorCore(const runtime::ProtocolLimits& limits, const Balancer& balancer);

  // Before start(): whoever may hold something. Once all of them have reported there is nothing
  // more to adopt, and adoption ends before adopt_ms is over.
  void expect(const std::vector<runtime::NodeName>& workers) {
    awaited_.insert(workers.begin(), workers.end());
  }
  // First of all: the journal's records, and the term that was begun over them.
  Effects start(runtime::Term term, const std::vector<runtime::Record>& records, Now now);

  Effects on_submit(ClientKey client, const runtime::Submit& submit, Now now);
  Effects on_cancel(ClientKey client, const runtime::Cancel& cancel, Now now);
  Effects on_report(const runtime::Report& report, Now now);
  Effects on_offer(const runtime::Offer& offer, Now now);
  Effects on_broke(const runtime::Broke& broke, Now now);
  Effects on_node_lost(const runtime::NodeBoot& node, Now now);  // its link is down
  Effects on_drain(const runtime::NodeBoot& node, std::uint64_t deadline_ms, Now now);
  Effects on_appended(const runtime::AppendAnswer& answer, Now now);
  Effects on_expanded(const Expanded& expanded, Now now);
  // Every report_ms or more often; all timers are looked at here.
  Effects on_tick(Now now);

  // -- for views and checkers
  // A ready step that a worker has room for; after every event there is none.
  std::optional<StepName> owed_placement() const;
  runtime::Term term() const { return term_; }
  runtime::JobState state_of(const JobId& job);
  const Attempts& attempts() const { return attempts_; }
  const Workers& workers() const { return workers_; }
  JobBook& book() { return book_; }
  const Counts<CoordinatorEvent>& counts() const { return counts_; }
  bool adopts(std::uint64_t now_ms) const { return now_ms < adopt_until_ms_; }
  bool storage_stalled() const { return pending_.stalled(); }
  const std::string& storage_why() const { return pending_.why(); }  // of the last stall

 private:
  // coordinator_core.cpp
  bool begins(Now now);
  Effects finish();
  void depose(CoordinatorEvent event, std::string why);
  void count(CoordinatorEvent event) { counts_.add(event); }
  void record(std::vector<runtime::Record> records);
  void note(runtime::Record note);
  std::vector<runtime::Record>::iterator end_of_some_notes();  // that go together
  void append_notes();
  void note_end_of_stall(const std::string& why);
  void refuse_waiting();
  void confirm(const runtime::Record& record);
  void on_tokens_durable(const runtime::TokensRecord& tokens);
  void on_step_ended(const runtime::EndedRecord& ended);
  void on_job_closed(const runtime::ClosedRecord& closed);
  void close_job(Job& job, runtime::JobEnd end, std::string_view why);
  void close_if_done(Job& job);
  void expand(Job& job);
  void answer(ClientKey client, runtime::ToClient message);
  void end_overdue_jobs();

  // coordinator_attempts.cpp
  bool meets(const runtime::NodeBoot& node, runtime::Term term_seen);
  void note_progress(Attempt& attempt);
  void refresh_held(const runtime::Report& report);
  void adopt_or_drop(const runtime::HeldAttempt& held, const runtime::NodeBoot& node);
  bool may_adopt(const runtime::HeldAttempt& held);
  void close_unheld(const runtime::Report& report);
  void close_attempt(const Attempt& attempt, CloseReason reason);
  void close_attempts_of(const StepName& step, CloseReason reason);
  void note_left(const Attempt& attempt, runtime::LeftReason reason, std::string_view why);
  void take_away(const Attempt& attempt, runtime::LeftReason reason);
  void lose(const runtime::NodeBoot& node, runtime::LeftReason reason);
  void bury(const runtime::NodeBoot& node);
  bool is_poison(const Step& step) const;
  void close_stalled_attempts();
  void lose_silent_workers();
  void send_drain(const Worker& worker);
  void tell_committed(const Attempt& attempt);

  // coordinator_offers.cpp
  bool fits(const Step& step, const runtime::Offer& offer) const;
  void take(Step& step, const Attempt& attempt, const runtime::Offer& offer);

  // coordinator_placing.cpp
  void place();
  void place_steps_of(Job& job, bool alone);
  void hedge();
  bool is_ready(const Job& job, const Step& step, const StepName& name) const;
  std::vector<WorkerLoad> candidates(const StepName& name, bool alone,
                                     const runtime::NodeBoot* besides) const;
  bool runs_alone(const Step& step) const;
  const StepName* reserved_for(const runtime::NodeBoot& node) const;
  void order(Job& job, const StepName& name, const runtime::NodeBoot& node, bool is_hedge);
  bool is_usable(const Worker& worker) const;
  void reserve_for(const StepName& name);
  bool stands(const StepName& name, const runtime::NodeBoot& node);

  const runtime::ProtocolLimits& limits_;
  const Balancer& balancer_;

  // constant after start()
  runtime::Term term_ = 0;
  std::uint64_t adopt_until_ms_ = 0;  // or sooner, when all awaited ones have reported

  // durable, and what is on its way
  JobBook book_;
  PendingAppends pending_;
  std::vector<runtime::Record> notes_;  // that wait for a record to ride with
  std::uint64_t notes_since_ms_ = 0;    // the oldest of them
  std::uint64_t stalled_since_ms_ = 0;  // where the storage is

  // rebuilt from reports, answers and events
  Attempts attempts_;
  Workers workers_;
  struct Planning {
    bool asked = false;
    bool complete = false;
    std::size_t asked_at = 0;  // steps ended
  };
  std::map<JobId, Planning> planning_;
  std::map<JobId, std::vector<ClientKey>> waiting_for_open_, waiting_for_close_;
  std::map<StepName, runtime::NodeBoot> reserved_;  // workers that empty for a step to run alone
  std::set<runtime::NodeName> awaited_;             // expected, and not heard since the start
  std::uint64_t attempts_opened_ = 0;
  Counts<CoordinatorEvent> counts_;
  std::uint64_t ticked_ms_ = 0;
  bool place_again_ = false;  // something changed that a placement may follow from
  bool exited_ = false;

  // of the event at work
  Now now_;
  Effects effects_;
};

}  // namespace pecia::actors
