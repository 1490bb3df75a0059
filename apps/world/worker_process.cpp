#include "apps/world/worker_process.hpp"

#include <algorithm>
#include <utility>

#include "actors/mutants.hpp"
#include "apps/world/job_kinds.hpp"

namespace pecia::world {

using namespace runtime;
using namespace actors;

namespace {

constexpr std::uint64_t kTickMs = 100;
constexpr std::uint64_t kPromptTokensAStep = 4;
constexpr std::uint64_t kStarvedFactor = 150;
constexpr std::uint64_t kOfferStepsMax = 3;  // engine steps before their tokens are offered

}  // namespace

WorkerProcess::WorkerProcess(Shared& shared, NodeBoot self, Outside outside)
    : shared_(shared),
      self_(std::move(self)),
      outside_(std::move(outside)),
      core_(shared.scenario.limits, self_, shared.scenario.slots, shared.queue.now_ms()) {}

// A paused process does later what it would have done.
void WorkerProcess::later(std::uint64_t ms, void (WorkerProcess::*event)()) {
  shared_.queue.after(ms, [this, event] {
    if (!alive_) return;
    const std::uint64_t now = shared_.queue.now_ms();
    if (now < paused_until_ms_) return later(paused_until_ms_ - now, event);
    (this->*event)();
  });
}

void WorkerProcess::start() {
  later(shared_.chance.between(1, kTickMs), &WorkerProcess::tick);
  later(shared_.scenario.token_ms, &WorkerProcess::engine_step);
}

void WorkerProcess::tick() {
  carry_out(core_.on_tick(shared_.queue.now_ms()));
  later(kTickMs, &WorkerProcess::tick);
}

void WorkerProcess::link_up() {
  if (alive_) carry_out(core_.on_link_up(shared_.queue.now_ms()));
}

void WorkerProcess::deliver(const ToWorker& message) {
  if (!alive_) return;
  const std::uint64_t now = shared_.queue.now_ms();
  if (now < paused_until_ms_) {
    shared_.queue.after(paused_until_ms_ - now, [this, message] { deliver(message); });
    return;
  }
  carry_out(core_.on_message(message, now));
}

void WorkerProcess::kill() {
  if (!alive_) return;
  alive_ = false;
  shared_.log.line(shared_.queue.now_ms(), "{} dies, boot {}", self_.node, self_.boot);
  outside_.died();
}

void WorkerProcess::fail_one_run() {
  if (!alive_ || runs_.empty()) return;
  const RunId run = runs_.begin()->first;
  runs_.erase(run);
  carry_out(core_.on_failed(run, BrokeKind::elsewhere, "out of memory"));
}

void WorkerProcess::hang_one_run() {
  if (alive_ && !runs_.empty()) runs_.begin()->second.hangs = true;
}

// -- the engine: one token, or some of the prompt, of every run

void WorkerProcess::engine_step() {
  std::vector<RunId> ids;
  for (const auto& [id, run] : runs_) ids.push_back(id);
  for (const RunId id : ids) {
    const auto found = runs_.find(id);
    if (found == runs_.end() || found->second.paused || found->second.ended || found->second.hangs)
      continue;
    if (!advance(id, found->second)) return kill();
    if (!alive_) return;
  }
  if (shared_.chance.one_in(kOfferStepsMax)) carry_out(core_.offer_tokens());
  if (!alive_) return;
  later(shared_.scenario.token_ms * (starved_ ? kStarvedFactor : 1), &WorkerProcess::engine_step);
}

bool WorkerProcess::advance(RunId id, Run& run) {
  if (run.prefilled < run.order.prompt.size()) {
    run.prefilled =
        std::min<std::uint64_t>(run.order.prompt.size(), run.prefilled + kPromptTokensAStep);
    carry_out(core_.on_prefilled(id, run.prefilled));
    return true;
  }
  const JobKind kind = read_spec(run.order.spec);
  if (kind.kills(run.order.step.path, run.ids.size())) {
    shared_.coverage.note("poison_killed");
    return false;
  }
  if (kind.breaks(run.order.step.path)) {
    shared_.coverage.note("content_broke");
    const RunId broken = id;
    runs_.erase(id);
    carry_out(core_.on_failed(broken, BrokeKind::content, "non-finite logits"));
    return true;
  }
  const std::int32_t token = shared_.model.next(run.order.step, run.ids, run.order.attempt);
  run.ids.push_back(token);
  const auto end = FakeModel::end_of(run.ids, run.order.tokens_max);
  run.ended = end.has_value();
  carry_out(core_.on_token(id, token, end));
  return true;
}

// -- effects

void WorkerProcess::carry_out(const WorkerEffects& effects) {
  for (const WorkerEffect& effect : effects) {
    if (!alive_) return;
    if (shared_.crashes_here()) {
      shared_.coverage.note("crash_between_effects");
      return kill();
    }
    carry_out(effect);
  }
  shared_.checkers.on_worker(core_, shared_.scenario.limits, shared_.scenario.slots);
}

void WorkerProcess::carry_out(const WorkerEffect& effect) {
  if (const auto* say = std::get_if<ToCoordinatorEffect>(&effect)) {
    outside_.to_coordinator(say->message);
  } else if (const auto* begun = std::get_if<StartRun>(&effect)) {
    shared_.checkers.on_run_started(begun->order.step, begun->order.attempt);
    Run run{begun->order, begun->order.committed};
    if (actors::mutant(actors::Mutant::resumed_short) && !run.ids.empty()) run.ids.pop_back();
    run.ended = FakeModel::end_of(run.ids, run.order.tokens_max).has_value();
    runs_.emplace(begun->run, std::move(run));
  } else if (const auto* paused = std::get_if<PauseRun>(&effect)) {
    runs_.at(paused->run).paused = true;
  } else if (const auto* resumed = std::get_if<ResumeRun>(&effect)) {
    runs_.at(resumed->run).paused = false;
  } else if (const auto* ended = std::get_if<EndRun>(&effect)) {
    runs_.erase(ended->run);
  }
}

}  // namespace pecia::world
