#pragma once
// The invariants of PROTOCOL.md, looked at from outside: at the disk, at what readers were shown,
// and at what messages claim. The first violation ends a schedule.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/coordinator/coordinator_core.hpp"
#include "actors/worker/worker_core.hpp"
#include "apps/world/fake_model.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::world {

struct Violation {
  std::string invariant;  // "I1", ...
  std::string what;
};

class Checkers {
 public:
  explicit Checkers(const FakeModel& model) : model_(model) {}

  const std::optional<Violation>& violation() const { return violation_; }
  void violated(std::string invariant, std::string what);

  // -- I1, I4, I5: every record that the disk keeps, in its order, by the term that wrote it
  void on_kept(const runtime::Record& record, runtime::Term writer);
  // -- I10: after power loss the disk holds these; the rest is forgotten here too
  void on_power_loss(const std::vector<std::pair<runtime::Record, runtime::Term>>& left);
  void on_run_started(const runtime::StepName& step, const runtime::AttemptId& attempt);

  // -- I3: what a coordinator says is durable, is
  void on_committed(const runtime::StepName& step, std::uint64_t to);
  void on_accepted(const runtime::JobId& job);
  void on_closed_told(const runtime::JobId& job, runtime::JobState state);
  // -- I2
  void on_text_sent(const runtime::JobId& job, std::uint64_t to);
  void on_shown(const runtime::JobId& job, std::uint64_t offset, const std::string& bytes);
  void on_diverged_reader(const runtime::JobId& job);  // it begins anew
  void at_end();

  // -- I8, I9
  void on_coordinator(const actors::CoordinatorCore& core, const runtime::ProtocolLimits& limits);
  void on_worker(const actors::WorkerCore& core, const runtime::ProtocolLimits& limits, int slots);

  // The disk forgot tokens of the job, and the model need not write the same again.
  bool rewrote(const runtime::JobId& job) const;
  std::optional<runtime::ClosedRecord> end_of(const runtime::JobId& job) const;
  const std::string& shown(const runtime::JobId& job) { return jobs_[job].shown; }
  std::string document(const runtime::JobId& job);  // what the disk says now

 private:
  struct StepTruth {
    runtime::TokenIds ids;
    bool ended = false;
  };
  struct JobTruth {
    bool opened = false;
    std::map<runtime::Path, StepTruth, actors::PathOrder> steps;
    std::optional<runtime::ClosedRecord> closed;
    bool accepted_told = false;
    std::optional<runtime::JobState> closed_told;
    std::string shown;
    bool lost_power = false;  // shown text may have to be generated again
  };
  void keep_tokens(const runtime::TokensRecord& tokens, runtime::Term writer);
  void keep_ended(const runtime::EndedRecord& ended);
  void check_decisions();

  const FakeModel& model_;
  std::map<runtime::JobId, JobTruth> jobs_;
  std::map<runtime::StepName, std::set<runtime::AttemptId>> runs_;
  std::map<const actors::CoordinatorCore*, std::size_t> hedges_;
  runtime::Term last_term_ = 0;
  std::optional<Violation> violation_;
};

}  // namespace pecia::world
