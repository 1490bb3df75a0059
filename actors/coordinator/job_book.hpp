#pragma once
// What the journal says about every job: the fold of its records. A record counts twice: when it is
// recorded (appended, not yet durable), so that the next one can follow from it, and when it is
// durable, so that it may be acknowledged, shown and built upon. Nothing is ever taken back: a
// writer whose append fails appends the same again, or it is deposed and dies. Pure; thread rule:
// one owner.

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/wire/records.hpp"

namespace pecia::actors {

using runtime::AttemptId;
using runtime::Chain;
using runtime::Id;
using runtime::JobId;
using runtime::Path;
using runtime::StepName;
using runtime::TokenIds;

// "2" before "10", "2" before "2.1": the order of the document.
struct PathOrder {
  bool operator()(std::string_view a, std::string_view b) const;
};

struct Step {
  runtime::PlannedStep plan;
  Id input{};                 // hash of all that decides its tokens
  TokenIds ids;               // recorded
  std::vector<Chain> chains;  // [i]: before ids[i]; one more than ids
  std::uint64_t durable = 0;  // tokens
  bool planned = false;       // its plan is durable
  bool end_recorded = false;
  bool ended = false;  // durable
  // Of workers that held it, since its last durable token; not in the journal.
  int crashes = 0;
  int crashes_alone = 0;  // with nothing else at work there

  std::uint64_t recorded() const { return ids.size(); }
};

struct Job {
  runtime::OpenedRecord opened;
  bool accepted = false;  // opened is durable
  std::map<Path, Step, PathOrder> steps;
  std::optional<runtime::ClosedRecord> closing;  // recorded
  bool closed = false;                           // durable
  std::size_t steps_ended = 0;

  bool runs() const { return accepted && !closing; }
};

class JobBook {
 public:
  // REQUIRES records that follow from those before (runtime/journal/journal_rules.hpp).
  void record(const runtime::Record& record);
  void confirm(const runtime::Record& record);  // the oldest one that is not durable yet

  Job* find(const JobId& job);
  const Job* find(const JobId& job) const;
  Step* find(const StepName& step);
  const std::vector<JobId>& order() const { return order_; }  // as opened
  std::size_t open_jobs() const { return open_jobs_; }

  // An offer may add to it: the job runs, the step is planned and has not ended.
  bool takes_tokens(const StepName& step);

 private:
  std::map<JobId, Job> jobs_;
  std::vector<JobId> order_;
  std::size_t open_jobs_ = 0;
};

// H of everything that decides the tokens of a step but the tokens themselves.
Id input_of(const runtime::OpenedRecord& opened, const runtime::PlannedStep& plan);

}  // namespace pecia::actors
