#include "apps/world/coordinator_process.hpp"

#include <utility>

#include "actors/mutants.hpp"
#include "apps/world/job_kinds.hpp"

namespace pecia::world {

using namespace runtime;
using namespace actors;

namespace {

constexpr std::uint64_t kTickMs = 100;
constexpr std::uint64_t kPlanMsMax = 20;  // the slicer takes so long

}  // namespace

CoordinatorProcess::CoordinatorProcess(Shared& shared, JournalDisk& disk, const Balancer& balancer,
                                       Boot boot, Outside outside)
    : shared_(shared),
      boot_(boot),
      outside_(std::move(outside)),
      journal_(disk, {.checks_term = !mutant(Mutant::term_unchecked),
                      .syncs = !mutant(Mutant::decisions_unsynced)}),
      core_(shared.scenario.limits, balancer) {
  journal_.on_answer([this](std::span<const AppendAnswer> answers) {
    for (const AppendAnswer& answer : answers) {
      outside_.journal_kept();
      if (alive_) carry_out(core_.on_appended(answer, shared_.now()));
    }
  });
}

void CoordinatorProcess::run(std::function<void()> event) {
  if (!alive_) return;
  if (!paused()) return event();
  shared_.queue.after(paused_until_ms_ - shared_.queue.now_ms(),
                      [this, event = std::move(event)] { run(event); });
}

void CoordinatorProcess::start() {
  const auto records = journal_.read();
  const auto term = records ? journal_.begin_term(boot_, shared_.now().unix_ms)
                            : kernels::Expected<Term>(records.error());
  if (!term) {  // a disk that is full now may not be soon; whoever started this process tries again
    shared_.coverage.note("start_refused_by_disk");
    return kill();
  }
  outside_.journal_kept();
  carry_out(core_.start(*term, *records, shared_.now()));
  shared_.queue.after(shared_.chance.between(1, kTickMs), [this] { tick(); });
}

void CoordinatorProcess::tick() {
  run([this] {
    carry_out(core_.on_tick(shared_.now()));
    shared_.queue.after(kTickMs, [this] { tick(); });
  });
}

void CoordinatorProcess::kill() {
  if (!alive_) return;
  alive_ = false;
  shared_.log.line(shared_.queue.now_ms(), "coordinator of term {} dies", core_.term());
  outside_.died();
}

void CoordinatorProcess::node_lost(const NodeBoot& node) {
  run([this, node] { carry_out(core_.on_node_lost(node, shared_.now())); });
}

void CoordinatorProcess::drain(const NodeBoot& node, std::uint64_t deadline_ms) {
  run([=, this] { carry_out(core_.on_drain(node, deadline_ms, shared_.now())); });
}

void CoordinatorProcess::deliver(const ToCoordinator& message) {
  run([this, message] {
    const Now now = shared_.now();
    constexpr ClientKey kClient = 1;  // answers name their job
    if (const auto* submit = std::get_if<Submit>(&message)) {
      carry_out(core_.on_submit(kClient, *submit, now));
    } else if (const auto* asked = std::get_if<Read>(&message)) {
      read(*asked);
    } else if (const auto* cancel = std::get_if<Cancel>(&message)) {
      carry_out(core_.on_cancel(kClient, *cancel, now));
    } else if (const auto* report = std::get_if<Report>(&message)) {
      carry_out(core_.on_report(*report, now));
    } else if (const auto* offer = std::get_if<Offer>(&message)) {
      carry_out(core_.on_offer(*offer, now));
    } else if (const auto* broke = std::get_if<Broke>(&message)) {
      carry_out(core_.on_broke(*broke, now));
    }
  });
}

// -- the journal

void CoordinatorProcess::plan_commit() {
  if (commit_planned_) return;
  commit_planned_ = true;
  shared_.queue.after(shared_.chance.between(1, commit_ms_), [this] { commit(); });
}

// The journal's own thread is not paused with the others, but it dies with the process.
void CoordinatorProcess::commit() {
  commit_planned_ = false;
  if (!alive_) return;
  if (paused()) {
    shared_.queue.after(paused_until_ms_ - shared_.queue.now_ms(), [this] { plan_commit(); });
    return;
  }
  const bool more = journal_.step();
  if (alive_ && more) plan_commit();
}

// -- what readers see

void CoordinatorProcess::follow(const Record& record) {
  if (const auto* planned = std::get_if<PlannedRecord>(&record)) {
    for (const PlannedStep& step : planned->steps) shown_[planned->job].steps[step.path];
  } else if (const auto* tokens = std::get_if<TokensRecord>(&record)) {
    TokenIds& ids = shown_[tokens->step.job].steps[tokens->step.path].ids;
    ids.insert(ids.end(), tokens->ids.begin(), tokens->ids.end());
  } else if (const auto* ended = std::get_if<EndedRecord>(&record)) {
    shown_[ended->step.job].steps[ended->step.path].ended = true;
  }
}

// The text of all steps up to the first that has not ended.
std::string CoordinatorProcess::released(const JobId& job) {
  std::string text;
  for (const auto& [path, step] : shown_[job].steps) {
    const Step* booked = core_.book().find({job, path});
    text += text_of(mutant(Mutant::shown_early) && booked ? booked->ids : step.ids);
    if (!step.ended) break;
  }
  return text;
}

void CoordinatorProcess::read(const Read& asked) {
  const Job* job = core_.book().find(asked.job);
  if (job == nullptr || !job->accepted) {
    outside_.to_client(Refused{asked.job, RefusalKind::unknown, "no such job"});
    return;
  }
  const std::string text = released(asked.job);
  if (asked.offset > text.size() && job->closed) {
    outside_.to_client(Refused{asked.job, RefusalKind::diverged, "there is less text than that"});
    return;
  }
  if (asked.offset > text.size()) return;  // more than is released: wait
  Text answer{asked.job, asked.offset, text.substr(asked.offset), core_.state_of(asked.job), {}};
  check_answer(answer);
  outside_.to_client(answer);
}

// -- effects

void CoordinatorProcess::carry_out(const Effects& effects) {
  for (const Effect& effect : effects) {
    if (!alive_) return;
    if (shared_.crashes_here()) {
      shared_.coverage.note("crash_between_effects");
      return kill();
    }
    carry_out(effect);
  }
  if (alive_) shared_.checkers.on_coordinator(core_, shared_.scenario.limits);
}

void CoordinatorProcess::carry_out(const Effect& effect) {
  if (const auto* told = std::get_if<ToNode>(&effect)) {
    check_message(told->message);
    outside_.to_worker(told->node, told->message);
  } else if (const auto* answered = std::get_if<Answer>(&effect)) {
    check_answer(answered->message);
    outside_.to_client(answered->message);
  } else if (const auto* append = std::get_if<Append>(&effect)) {
    carry_out_append(*append);
  } else if (std::holds_alternative<RetryStorage>(effect)) {
    journal_.retry();
  } else if (const auto* asked = std::get_if<Expand>(&effect)) {
    const auto& spec = core_.book().find(asked->job)->opened.spec;
    Expanded answer = expand(asked->job, spec, asked->steps_ended);
    shared_.queue.after(shared_.chance.between(1, kPlanMsMax), [this, answer] {
      run([this, answer] { carry_out(core_.on_expanded(answer, shared_.now())); });
    });
  } else if (const auto* durable = std::get_if<Follow>(&effect)) {
    for (const Record& record : durable->records) follow(record);
  } else if (const auto* deposed = std::get_if<Exit>(&effect)) {
    shared_.log.line(shared_.queue.now_ms(), "term {}: {}", core_.term(), deposed->why);
    kill();
  }
}

void CoordinatorProcess::carry_out_append(const Append& append) {
  const std::uint64_t named = journal_.append(append.records);
  if (named != append.transaction)
    shared_.checkers.violated("journal", "core and journal count transactions apart");
  plan_commit();
}

void CoordinatorProcess::check_message(const ToWorker& message) {
  if (const auto* told = std::get_if<Committed>(&message)) {
    if (const Attempt* attempt = core_.attempts().find(told->attempt))
      shared_.checkers.on_committed(attempt->step, told->to);
  } else if (const auto* order = std::get_if<Order>(&message)) {
    shared_.checkers.on_committed(order->step, order->committed.size());
    shared_.log.line(shared_.queue.now_ms(), "term {}: attempt {} at step {}", core_.term(),
                     order->attempt.n, order->step.path);
  }
}

void CoordinatorProcess::check_answer(const ToClient& message) {
  const auto check_state = [&](const JobId& job, JobState state) {
    if (state == JobState::done || state == JobState::failed || state == JobState::cancelled)
      shared_.checkers.on_closed_told(job, state);
  };
  if (const auto* submitted = std::get_if<Submitted>(&message)) {
    shared_.checkers.on_accepted(submitted->job);
    check_state(submitted->job, submitted->state);
  } else if (const auto* text = std::get_if<Text>(&message)) {
    shared_.checkers.on_text_sent(text->job, text->offset + text->bytes.size());
    check_state(text->job, text->state);
  }
}

}  // namespace pecia::world
