#include "apps/world/checkers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pecia::world {

using namespace runtime;

void Checkers::violated(std::string invariant, std::string what) {
  if (!violation_) violation_ = Violation{std::move(invariant), std::move(what)};
}

// -- the disk

void Checkers::on_kept(const Record& record, Term writer) {
  if (writer < last_term_)
    violated("I4", fmt::format("a record of term {} behind one of term {}", writer, last_term_));
  last_term_ = std::max(last_term_, writer);
  if (const auto* opened = std::get_if<OpenedRecord>(&record)) {
    JobTruth& job = jobs_[opened->job];
    if (job.opened) violated("I5", "a job was opened twice");
    job.opened = true;
  } else if (const auto* planned = std::get_if<PlannedRecord>(&record)) {
    JobTruth& job = jobs_[planned->job];
    if (job.closed) violated("I5", "steps were planned for a closed job");
    for (const PlannedStep& step : planned->steps) {
      if (!job.steps.try_emplace(step.path).second)
        violated("I5", fmt::format("step {} was planned twice", step.path));
    }
  } else if (const auto* tokens = std::get_if<TokensRecord>(&record)) {
    keep_tokens(*tokens, writer);
  } else if (const auto* ended = std::get_if<EndedRecord>(&record)) {
    keep_ended(*ended);
  } else if (const auto* closed = std::get_if<ClosedRecord>(&record)) {
    JobTruth& job = jobs_[closed->job];
    if (job.closed) violated("I5", "a job was closed twice");
    job.closed = *closed;
  }
}

void Checkers::keep_tokens(const TokensRecord& tokens, Term writer) {
  JobTruth& job = jobs_[tokens.step.job];
  StepTruth& step = job.steps[tokens.step.path];
  if (job.closed || step.ended)
    violated("I5", fmt::format("step {} changed after its end", tokens.step.path));
  if (tokens.attempt.term > writer)
    violated("I4", fmt::format("step {}: an attempt of a later term", tokens.step.path));
  if (tokens.from != step.ids.size()) {
    violated("I1", fmt::format("step {}: tokens from {} where {} are recorded", tokens.step.path,
                               tokens.from, step.ids.size()));
    return;
  }
  for (const std::int32_t id : tokens.ids) {
    if (!model_.could_write(tokens.step, step.ids, id, runs_[tokens.step]))
      violated("I1", fmt::format("step {}: token {} does not follow from those before it",
                                 tokens.step.path, step.ids.size()));
    step.ids.push_back(id);
  }
}

void Checkers::keep_ended(const EndedRecord& ended) {
  JobTruth& job = jobs_[ended.step.job];
  StepTruth& step = job.steps[ended.step.path];
  if (step.ended || job.closed)
    violated("I5", fmt::format("step {} ended twice, or after its job", ended.step.path));
  const std::string text = text_of(step.ids);
  if (ended.tokens != step.ids.size() || ended.bytes != text.size() ||
      ended.hash != kernels::FieldHash().field(text).id())
    violated("I1", fmt::format("step {} ended with other text than it has", ended.step.path));
  step.ended = true;
}

void Checkers::on_power_loss(const std::vector<std::pair<Record, Term>>& left) {
  std::map<JobId, JobTruth> before;
  before.swap(jobs_);
  last_term_ = 0;
  for (const auto& [record, writer] : left) on_kept(record, writer);
  for (auto& [id, was] : before) {
    JobTruth& job = jobs_[id];
    job.accepted_told = was.accepted_told;
    job.closed_told = was.closed_told;
    job.shown = std::move(was.shown);
    job.lost_power = true;
  }
  check_decisions();
}

// What was told of a job is still so.
void Checkers::check_decisions() {
  for (const auto& [id, job] : jobs_) {
    if (job.accepted_told && !job.opened) violated("I10", "an accepted job is gone");
    if (job.closed_told && !job.closed) violated("I10", "a closed job is open again");
  }
}

void Checkers::on_run_started(const StepName& step, const AttemptId& attempt) {
  runs_[step].insert(attempt);
}

// -- what is told

void Checkers::on_committed(const StepName& step, std::uint64_t to) {
  if (to > jobs_[step.job].steps[step.path].ids.size())
    violated("I3", fmt::format("step {}: {} tokens told as committed, {} are kept", step.path, to,
                               jobs_[step.job].steps[step.path].ids.size()));
}

void Checkers::on_accepted(const JobId& job) {
  if (!jobs_[job].opened) violated("I3", "a job was accepted and is not on the disk");
  jobs_[job].accepted_told = true;
}

void Checkers::on_closed_told(const JobId& id, JobState state) {
  JobTruth& job = jobs_[id];
  if (!job.closed) {
    violated("I3", "a job was told as closed and is not on the disk");
    return;
  }
  if (job.closed_told && *job.closed_told != state) violated("I5", "a closed job changed its end");
  job.closed_told = state;
}

void Checkers::on_shown(const JobId& id, std::uint64_t offset, const std::string& bytes) {
  JobTruth& job = jobs_[id];
  if (offset > job.shown.size()) return violated("I2", "text was shown behind a gap");
  const std::size_t known = std::min(bytes.size(), job.shown.size() - offset);
  // With an impure model a power loss may change what is written next, never what is decided.
  if (job.shown.compare(offset, known, bytes, 0, known) != 0) {
    if (!rewrote(id)) return violated("I2", fmt::format("shown text changed behind {}", offset));
    job.shown.replace(offset, known, bytes, 0, known);
  }
  job.shown.append(bytes, known);
}

void Checkers::on_text_sent(const JobId& job, std::uint64_t to) {
  if (to > document(job).size()) violated("I3", "text was shown that is not on the disk");
}

// Only where a power loss took text that was not decided may a reader hold more than there is.
void Checkers::on_diverged_reader(const JobId& id) {
  JobTruth& job = jobs_[id];
  if (!job.lost_power) violated("I2", "a reader was told that its text is another");
  job.shown.clear();
}

std::string Checkers::document(const JobId& id) {
  std::string text;
  for (const auto& [path, step] : jobs_[id].steps) {
    text += text_of(step.ids);
    if (!step.ended) break;
  }
  return text;
}

void Checkers::at_end() {
  for (const auto& [id, job] : jobs_) {
    if (rewrote(id)) continue;
    std::string text = document(id);
    // A job that was closed before the text of a lost record came again has less of it.
    const bool cut_short = job.lost_power && job.closed && job.closed->end != JobEnd::done;
    if (!text.starts_with(job.shown) && !(cut_short && job.shown.starts_with(text)))
      violated("I2", "what was shown is no prefix of the document");
    if (job.closed && job.closed->end == JobEnd::done) {
      for (const auto& [path, step] : job.steps) {
        if (!step.ended) violated("I5", fmt::format("a done job has not ended step {}", path));
      }
    }
  }
}

// -- numbers

void Checkers::on_coordinator(const actors::CoordinatorCore& core, const ProtocolLimits& limits) {
  constexpr std::size_t kAttemptsMax = 2;
  const std::size_t open = core.attempts().all().size();
  // Attempts may end and leave their hedges; more hedges are opened within the budget alone.
  const std::size_t hedges = core.attempts().hedges();
  if (hedges > hedges_[&core] &&
      hedges * 100 > open * static_cast<std::size_t>(limits.hedge_percent) + 100)
    violated("I8", "more hedges than their budget");
  hedges_[&core] = hedges;
  for (const auto& [id, attempt] : core.attempts().all()) {
    if (core.attempts().count_of(attempt.step) > kAttemptsMax)
      violated("I8", fmt::format("step {} has too many attempts", attempt.step.path));
    if (core.attempts().count_at(attempt.node) > static_cast<std::size_t>(limits.slots))
      violated("I8", "a worker has more attempts than slots");
  }
  if (const auto owed = core.owed_placement())
    violated("I6",
             fmt::format("step {} is ready, a worker has room, and nobody placed it", owed->path));
  if (!model_.impure() && core.counts()[actors::CoordinatorEvent::offer_diverged] > 0)
    violated("I9", "a pure model diverged");
}

void Checkers::on_worker(const actors::WorkerCore& core, const ProtocolLimits& limits, int slots) {
  if (core.uncommitted_max() > limits.window_tokens)
    violated("I8", "a worker is further ahead than its window");
  if (core.held() > static_cast<std::size_t>(slots)) violated("I8", "a worker holds too much");
}

bool Checkers::rewrote(const JobId& job) const {
  const auto found = jobs_.find(job);
  return model_.impure() && found != jobs_.end() && found->second.lost_power;
}

std::optional<ClosedRecord> Checkers::end_of(const JobId& job) const {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? std::nullopt : found->second.closed;
}

}  // namespace pecia::world
