#include "runtime/journal/journal_rules.hpp"

#include <cassert>

namespace pecia::runtime {

using kernels::Error;
using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {

template <class... Args>
Error breach(fmt::format_string<Args...> text, Args&&... args) {
  return fail(ErrorKind::bug, text, std::forward<Args>(args)...);
}

}  // namespace

Status JournalRules::admit(std::span<const Record> transaction) {
  const std::size_t mark = undo_.size();
  for (const Record& record : transaction) {
    Status followed = std::visit([this](const auto& one) { return follow(one); }, record);
    if (followed) continue;
    take_back_to(mark);
    return followed;
  }
  return {};
}

void JournalRules::take_back_to(std::size_t mark) {
  assert(mark <= undo_.size());
  while (undo_.size() > mark) {
    std::visit([this](auto& one) { undo(one); }, undo_.back());
    undo_.pop_back();
  }
}

void JournalRules::undo(PlannedUndo& undo) {
  for (const Path& path : undo.steps) undo.job->steps.erase(path);
}

void JournalRules::undo(ClosedUndo& undo) {
  assert(undo.job->closed && undo.job->steps.empty());
  undo.job->closed = false;
  undo.job->steps = std::move(undo.steps);
}

Status JournalRules::follow(const TermRecord& record) {
  if (record.term != term_ + 1) {
    return breach("term {} does not follow term {}", record.term, term_);
  }
  undo_.emplace_back(TermUndo{term_});
  term_ = record.term;
  return {};
}

Status JournalRules::follow(const OpenedRecord& record) {
  if (term_ == 0) return breach("job {} opened before any term", kernels::hex(record.job));
  if (!jobs_.try_emplace(record.job).second) {
    return breach("job {} opened twice", kernels::hex(record.job));
  }
  undo_.emplace_back(OpenedUndo{record.job});
  return {};
}

Status JournalRules::follow(const PlannedRecord& record) {
  Expected<Job*> job = open_job(record.job);
  if (!job) return job.error();
  Steps& steps = (*job)->steps;
  if (!record.parent.empty()) {
    const auto parent = steps.find(record.parent);
    if (parent == steps.end() || !parent->second.ended) {
      return breach("job {}: steps planned from step '{}', which has not ended",
                    kernels::hex(record.job), record.parent);
    }
  }
  std::vector<Path> added;
  added.reserve(record.steps.size());
  Status planned = add_steps(**job, record, added);
  undo_.emplace_back(PlannedUndo{*job, std::move(added)});
  if (!planned) take_back_to(undo_.size() - 1);
  return planned;
}

Status JournalRules::add_steps(Job& job, const PlannedRecord& record, std::vector<Path>& added) {
  for (const PlannedStep& step : record.steps) {
    if (!is_path(step.path)) {
      return breach("job {}: '{}' planned, which is no path", kernels::hex(record.job), step.path);
    }
    if (!job.steps.try_emplace(step.path).second) {
      return breach("job {}: step {} planned twice", kernels::hex(record.job), step.path);
    }
    added.push_back(step.path);
  }
  for (const PlannedStep& step : record.steps) {
    for (const Path& input : step.inputs) {
      if (job.steps.contains(input)) continue;
      return breach("job {}: step {} waits for step '{}', which nobody planned",
                    kernels::hex(record.job), step.path, input);
    }
  }
  return {};
}

Status JournalRules::follow(const TokensRecord& record) {
  Expected<Step*> step = running_step(record.step);
  if (!step) return step.error();
  const std::uint64_t recorded = (*step)->recorded;
  if (record.from != recorded || record.ids.empty()) {
    return breach("job {}: {} tokens of step {} from {}, where {} are recorded",
                  kernels::hex(record.step.job), record.ids.size(), record.step.path, record.from,
                  recorded);
  }
  undo_.emplace_back(TokensUndo{*step, recorded});
  (*step)->recorded = recorded + record.ids.size();
  return {};
}

Status JournalRules::follow(const EndedRecord& record) {
  Expected<Step*> step = running_step(record.step);
  if (!step) return step.error();
  if (record.tokens != (*step)->recorded) {
    return breach("job {}: step {} ended at {} tokens, where {} are recorded",
                  kernels::hex(record.step.job), record.step.path, record.tokens,
                  (*step)->recorded);
  }
  undo_.emplace_back(EndedUndo{*step});
  (*step)->ended = true;
  return {};
}

Status JournalRules::follow(const ClosedRecord& record) {
  Expected<Job*> job = open_job(record.job);
  if (!job) return job.error();
  undo_.emplace_back(ClosedUndo{*job, std::move((*job)->steps)});
  (*job)->closed = true;
  (*job)->steps.clear();
  return {};
}

Status JournalRules::follow(const StalledRecord&) {
  return term_ == 0 ? breach("a note before any term") : Status();
}

Status JournalRules::known_job(const JobId& id) const {
  if (jobs_.contains(id)) return {};
  return breach("a note of job {}, which was never opened", kernels::hex(id));
}

Expected<JournalRules::Job*> JournalRules::open_job(const JobId& id) {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return breach("job {} was never opened", kernels::hex(id));
  if (job->second.closed) return breach("job {} is closed", kernels::hex(id));
  return &job->second;
}

Expected<JournalRules::Step*> JournalRules::running_step(const StepName& name) {
  Expected<Job*> job = open_job(name.job);
  if (!job) return job.error();
  const auto step = (*job)->steps.find(name.path);
  if (step == (*job)->steps.end()) {
    return breach("job {}: step '{}' was never planned", kernels::hex(name.job), name.path);
  }
  if (step->second.ended) {
    return breach("job {}: step {} has ended", kernels::hex(name.job), name.path);
  }
  return &step->second;
}

}  // namespace pecia::runtime
