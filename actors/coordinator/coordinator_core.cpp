#include "actors/coordinator/coordinator_core.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "actors/mutants.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia::actors {

using namespace runtime;

CoordinatorCore::CoordinatorCore(const ProtocolLimits& limits, const Balancer& balancer)
    : limits_(limits), balancer_(balancer), pending_(limits), workers_(limits.report_ms) {}

namespace {

constexpr std::size_t kNotesTogetherMax = 256;    // in one transaction
constexpr std::size_t kNotesMax = 4'096;          // while the storage is stalled; others are lost
constexpr std::uint64_t kNotesWaitMsMax = 1'000;  // for a record to ride with

// What of a submit is not as in the job of that name.
std::string conflict_of(const OpenedRecord& opened, const Submit& submit) {
  if (opened.model != submit.model) return "the job is known with another model";
  if (opened.numerics != submit.numerics)
    return clean_why("the job is known with another arithmetic, " + opened.numerics + ", not " +
                     submit.numerics);
  if (opened.seed != submit.seed)
    return "the job is known with the seed " + std::to_string(opened.seed);
  return "the job is known with another spec: outline, tokens, context, sampling or stop";
}

}  // namespace

// -- around every event

bool CoordinatorCore::begins(Now now) {
  assert(effects_.empty() && now.mono_ms >= now_.mono_ms);
  if (adopts(now_.mono_ms) && !adopts(now.mono_ms)) place_again_ = true;
  now_ = now;
  return !exited_;
}

Effects CoordinatorCore::finish() {
  if (place_again_ && !exited_) place();
  if (notes_.size() >= kNotesTogetherMax && !exited_) append_notes();
  return std::exchange(effects_, {});
}

void CoordinatorCore::depose(CoordinatorEvent event, std::string why) {
  count(event);
  effects_.emplace_back(Exit{std::move(why)});
  exited_ = true;
}

void CoordinatorCore::answer(ClientKey client, ToClient message) {
  effects_.emplace_back(Answer{client, std::move(message)});
}

// -- starting is resuming

Effects CoordinatorCore::start(Term term, const std::vector<Record>& records, Now now) {
  assert(term_ == 0 && term > 0);
  if (!begins(now)) return {};
  term_ = term;
  ticked_ms_ = now.mono_ms;
  adopt_until_ms_ = now.mono_ms + limits_.adopt_ms;
  for (const Record& each : records) {
    book_.record(each);
    book_.confirm(each);
  }
  if (book_.open_jobs() == 0) adopt_until_ms_ = now.mono_ms;  // nobody can hold anything of use
  if (!book_.order().empty()) count(CoordinatorEvent::resumed);
  effects_.emplace_back(Follow{records});
  for (const JobId& id : book_.order()) {
    Job& job = *book_.find(id);
    if (job.runs()) expand(job);
  }
  return finish();
}

// -- clients

Effects CoordinatorCore::on_submit(ClientKey client, const Submit& submit, Now now) {
  if (!begins(now)) return {};
  if (const Job* known = book_.find(submit.job)) {
    const OpenedRecord& opened = known->opened;
    const bool same = opened.spec == submit.spec && opened.seed == submit.seed &&
                      opened.model == submit.model && opened.numerics == submit.numerics;
    count(same ? CoordinatorEvent::submit_known : CoordinatorEvent::submit_conflict);
    if (!same) {
      answer(client, Refused{submit.job, RefusalKind::conflict, conflict_of(opened, submit)});
    } else if (known->accepted) {
      answer(client, Submitted{submit.job, state_of(submit.job)});
    } else {
      waiting_for_open_[submit.job].push_back(client);
    }
    return finish();
  }
  if (pending_.stalled()) {
    count(CoordinatorEvent::submit_refused_storage);
    answer(client,
           Refused{submit.job, RefusalKind::refused, clean_why("storage: " + pending_.why())});
  } else if (book_.open_jobs() >= static_cast<std::size_t>(limits_.jobs_max)) {
    count(CoordinatorEvent::submit_refused_jobs_max);
    answer(client, Refused{submit.job, RefusalKind::refused, "jobs_max jobs are open already"});
  } else {
    count(CoordinatorEvent::submit_opened);
    waiting_for_open_[submit.job].push_back(client);
    record({OpenedRecord{submit.job, submit.spec, submit.seed, submit.model, submit.numerics,
                         now.unix_ms}});
  }
  return finish();
}

Effects CoordinatorCore::on_cancel(ClientKey client, const Cancel& cancel, Now now) {
  if (!begins(now)) return {};
  Job* job = book_.find(cancel.job);
  if (job == nullptr) {
    answer(client, Refused{cancel.job, RefusalKind::unknown, "no such job"});
  } else if (job->closed && !mutant(Mutant::closed_twice)) {
    answer(client, Submitted{cancel.job, state_of(cancel.job)});
  } else {
    count(job->closing ? CoordinatorEvent::cancel_came_late : CoordinatorEvent::cancelled);
    waiting_for_close_[cancel.job].push_back(client);
    close_job(*job, JobEnd::cancelled, {});
  }
  return finish();
}

JobState CoordinatorCore::state_of(const JobId& id) {
  const Job& job = *book_.find(id);
  if (job.closed) return runtime::state_of(job.closing->end);
  if (pending_.stalled()) return JobState::stalled;
  for (const auto& [path, step] : job.steps) {
    if (attempts_.count_of({id, path}) > 0) return JobState::running;
  }
  return job.steps.empty() ? JobState::opened : JobState::stalled;
}

// -- the journal

void CoordinatorCore::record(std::vector<Record> records) {
  for (Record& each : records) {
    std::visit([this](auto& one) { one.unix_ms = now_.unix_ms; }, each);
    book_.record(each);
  }
  // Behind a close and not with it: room is held back for transactions of closes alone.
  const bool are_last = only_closes(records);
  if (!are_last && !pending_.stalled()) {
    const auto end = end_of_some_notes();
    records.insert(records.begin(), std::make_move_iterator(notes_.begin()),
                   std::make_move_iterator(end));
    notes_.erase(notes_.begin(), end);
  }
  pending_.append(std::move(records), effects_);
  if (are_last) append_notes();
}

void CoordinatorCore::note(Record note) {
  if (notes_.size() == kNotesMax) return;
  if (notes_.empty()) notes_since_ms_ = now_.mono_ms;
  std::visit([this](auto& one) { one.unix_ms = now_.unix_ms; }, note);
  notes_.push_back(std::move(note));
}

std::vector<Record>::iterator CoordinatorCore::end_of_some_notes() {
  return notes_.begin() + static_cast<std::ptrdiff_t>(std::min(notes_.size(), kNotesTogetherMax));
}

void CoordinatorCore::append_notes() {
  while (!notes_.empty() && !pending_.stalled()) {
    const auto end = end_of_some_notes();
    pending_.append({notes_.begin(), end}, effects_);
    notes_.erase(notes_.begin(), end);
  }
}

void CoordinatorCore::note_end_of_stall(const std::string& why) {
  note(StalledRecord{now_.mono_ms - stalled_since_ms_, clean_why(why)});
}

Effects CoordinatorCore::on_appended(const AppendAnswer& answer, Now now) {
  if (!begins(now)) return {};
  if (answer.outcome == AppendOutcome::deposed && mutant(Mutant::deposed_goes_on))
    return on_appended({answer.transaction, AppendOutcome::durable, {}}, now);
  if (answer.outcome == AppendOutcome::deposed) {
    depose(CoordinatorEvent::deposed_by_journal, "another coordinator has opened the journal");
    return finish();
  }
  if (answer.outcome == AppendOutcome::durable) count(CoordinatorEvent::durable);
  if (answer.outcome == AppendOutcome::full) count(CoordinatorEvent::journal_full);
  if (answer.outcome == AppendOutcome::broken) count(CoordinatorEvent::journal_broken);
  const bool was_stalled = pending_.stalled();
  std::vector<Record> durable = pending_.answered(answer, now.mono_ms);
  // What a stalled storage held up is nobody's fault.
  if (was_stalled) attempts_.arm_all(now.mono_ms);
  if (was_stalled != pending_.stalled()) place_again_ = true;
  if (!was_stalled && pending_.stalled()) stalled_since_ms_ = now.mono_ms;
  if (was_stalled && !pending_.stalled()) note_end_of_stall(pending_.why());
  if (pending_.stalled()) refuse_waiting();
  // Followed first, for the slicer plans from what it has followed.
  const auto first = static_cast<std::ptrdiff_t>(effects_.size());
  for (const Record& each : durable) confirm(each);
  if (!durable.empty()) effects_.insert(effects_.begin() + first, Follow{std::move(durable)});
  return finish();
}

// Their jobs are pending and will be opened: whoever submits again waits for that.
void CoordinatorCore::refuse_waiting() {
  for (const auto& [job, clients] : std::exchange(waiting_for_open_, {})) {
    for (const ClientKey client : clients)
      answer(client, Refused{job, RefusalKind::refused, clean_why("storage: " + pending_.why())});
  }
}

void CoordinatorCore::confirm(const Record& record) {
  book_.confirm(record);
  if (const auto* opened = std::get_if<OpenedRecord>(&record)) {
    for (const ClientKey client : std::exchange(waiting_for_open_[opened->job], {}))
      answer(client, Submitted{opened->job, JobState::opened});
    waiting_for_open_.erase(opened->job);
    if (Job& job = *book_.find(opened->job); job.runs()) expand(job);
  } else if (const auto* planned = std::get_if<PlannedRecord>(&record)) {
    place_again_ = true;
    close_if_done(*book_.find(planned->job));
  } else if (const auto* tokens = std::get_if<TokensRecord>(&record)) {
    on_tokens_durable(*tokens);
  } else if (const auto* ended = std::get_if<EndedRecord>(&record)) {
    on_step_ended(*ended);
  } else if (const auto* closed = std::get_if<ClosedRecord>(&record)) {
    on_job_closed(*closed);
  }
}

void CoordinatorCore::on_tokens_durable(const TokensRecord& tokens) {
  // It may have cleared a suspect that waited for a worker of its own.
  if (attempts_.count_of(tokens.step) == 0) place_again_ = true;
  for (const Attempt& attempt : attempts_.of(tokens.step)) {
    note_progress(*attempts_.find(attempt.id));
    tell_committed(attempt);
  }
}

void CoordinatorCore::on_step_ended(const EndedRecord& ended) {
  close_attempts_of(ended.step, CloseReason::ended);
  place_again_ = true;
  Job& job = *book_.find(ended.step.job);
  if (!job.runs()) return;
  expand(job);
  close_if_done(job);
}

void CoordinatorCore::on_job_closed(const ClosedRecord& closed) {
  Job& job = *book_.find(closed.job);
  for (const auto& [path, step] : job.steps)
    close_attempts_of({closed.job, path}, CloseReason::cancelled);
  for (const ClientKey client : std::exchange(waiting_for_close_[closed.job], {}))
    answer(client, Submitted{closed.job, state_of(closed.job)});
  waiting_for_close_.erase(closed.job);
  planning_.erase(closed.job);
  place_again_ = true;
}

// -- the plan of a job

void CoordinatorCore::expand(Job& job) {
  Planning& planning = planning_[job.opened.job];
  if (planning.complete || planning.asked) return;
  planning.asked = true;
  planning.asked_at = job.steps_ended;
  effects_.emplace_back(Expand{job.opened.job, job.steps_ended});
}

Effects CoordinatorCore::on_expanded(const Expanded& expanded, Now now) {
  if (!begins(now)) return {};
  Job* job = book_.find(expanded.job);
  if (job == nullptr || !job->runs()) return finish();
  Planning& planning = planning_[expanded.job];
  planning.asked = false;
  if (!expanded.failure.empty()) {
    count(CoordinatorEvent::unplannable);
    close_job(*job, JobEnd::failed, expanded.failure);
    return finish();
  }
  planning.complete = expanded.complete;
  std::vector<PlannedStep> fresh;
  for (const PlannedStep& step : expanded.steps) {
    if (!job->steps.contains(step.path)) fresh.push_back(step);
  }
  if (!fresh.empty()) {
    count(CoordinatorEvent::planned);
    record({PlannedRecord{expanded.job, {}, std::move(fresh)}});
  }
  if (planning.complete && job->steps.empty()) {
    count(CoordinatorEvent::unplannable);
    close_job(*job, JobEnd::failed, "the plan has no steps");
    return finish();
  }
  if (!planning.complete && planning.asked_at != job->steps_ended) expand(*job);
  close_if_done(*job);
  return finish();
}

void CoordinatorCore::close_if_done(Job& job) {
  const Planning& planning = planning_[job.opened.job];
  const bool planned =
      planning.complete || (!planning.asked && planning.asked_at == job.steps_ended);
  if (job.runs() && planned && !job.steps.empty() && job.steps_ended == job.steps.size()) {
    count(CoordinatorEvent::job_done);
    close_job(job, JobEnd::done, {});
  }
}

// The first closed record wins: whoever comes later waits for that one's end.
void CoordinatorCore::close_job(Job& job, JobEnd end, std::string_view why) {
  if (job.closing && !mutant(Mutant::closed_twice)) return;
  record({ClosedRecord{job.opened.job, end, clean_why(why)}});
}

// -- time

void CoordinatorCore::end_overdue_jobs() {
  for (const JobId& id : book_.order()) {
    Job& job = *book_.find(id);
    if (job.runs() && now_.unix_ms >= job.opened.unix_ms + limits_.job_deadline_ms) {
      count(CoordinatorEvent::deadline);
      close_job(job, JobEnd::failed, "deadline");
    }
  }
}

Effects CoordinatorCore::on_tick(Now now) {
  if (!begins(now)) return {};
  // Our own loop stood still: it heard nobody, and nobody could answer.
  if (now.mono_ms - ticked_ms_ > limits_.silent_ms) {
    count(CoordinatorEvent::loop_stood_still);
    workers_.heard_all(now.mono_ms);
    attempts_.arm_all(now.mono_ms);
  }
  ticked_ms_ = now.mono_ms;
  pending_.tick(now.mono_ms, effects_);
  if (!notes_.empty() && now.mono_ms - notes_since_ms_ >= kNotesWaitMsMax) append_notes();
  lose_silent_workers();
  if (pending_.stalled()) attempts_.arm_all(now.mono_ms);
  close_stalled_attempts();
  end_overdue_jobs();
  place_again_ = true;
  return finish();
}

}  // namespace pecia::actors
