// Attempts and the workers that hold them: reports, losses, and the timers that notice both.

#include <algorithm>
#include <cassert>
#include <utility>

#include "actors/coordinator/coordinator_core.hpp"
#include "actors/mutants.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr int kCrashesAloneNeeded = 2;  // for a verdict

}  // namespace

// -- who speaks

// False where the message counts for nothing: its sender is dead, or we are.
bool CoordinatorCore::meets(const NodeBoot& node, Term term_seen) {
  if (term_seen > term_) {
    depose(CoordinatorEvent::deposed_by_worker, "a worker has seen a later term");
    return false;
  }
  Workers::Hello hello = workers_.greet(node, now_.mono_ms);
  if (hello == Workers::Hello::reborn) {
    count(CoordinatorEvent::worker_reborn);
    bury(workers_.boot_of(node.node));
    hello = workers_.greet(node, now_.mono_ms);
  }
  if (hello == Workers::Hello::fresh) place_again_ = true;
  if (hello == Workers::Hello::ghost) count(CoordinatorEvent::ghost_ignored);
  return hello != Workers::Hello::ghost;
}

Effects CoordinatorCore::on_report(const Report& report, Now now) {
  if (!begins(now) || !meets(report.from, report.term_seen)) return finish();
  Worker& worker = *workers_.find(report.from);
  const std::size_t capacity =
      static_cast<std::size_t>(std::max(0, report.free_slots)) + report.held.size();
  if (worker.capacity != capacity || worker.draining != report.draining) place_again_ = true;
  worker.capacity = capacity;
  worker.draining = worker.drained_at_ms != 0 || report.draining;
  // It has not heard of it, or had not when it wrote this.
  if (worker.draining && !report.draining) send_drain(worker);
  refresh_held(report);
  close_unheld(report);
  if (awaited_.erase(report.from.node) > 0 && awaited_.empty() && adopts(now.mono_ms)) {
    adopt_until_ms_ = now.mono_ms;
    place_again_ = true;
  }
  return finish();
}

void CoordinatorCore::note_progress(Attempt& attempt) {
  attempts_.progressed(attempt, now_.mono_ms);
  if (Worker* worker = workers_.find(attempt.node))
    worker->pace_ms = std::min(kPaceMsMax, std::max(worker->pace_ms, attempt.expected_ms));
}

void CoordinatorCore::refresh_held(const Report& report) {
  for (const HeldAttempt& held : report.held) {
    Attempt* attempt = attempts_.find(held.attempt);
    if (attempt == nullptr || attempt->step != held.step || attempt->node != report.from) {
      adopt_or_drop(held, report.from);
      continue;
    }
    attempt->held = true;
    attempt->have = std::max(attempt->have, held.have);
    if (held.prefilled <= attempt->prefilled) continue;
    attempt->prefilled = held.prefilled;
    note_progress(*attempt);
  }
}

// -- adopting what workers held before this coordinator began

bool CoordinatorCore::may_adopt(const HeldAttempt& held) {
  if (held.attempt.term >= term_ || !adopts(now_.mono_ms)) return false;
  if (!book_.takes_tokens(held.step) || attempts_.count_of(held.step) > 0) return false;
  if (attempts_.find(held.attempt) != nullptr) return false;
  const Step& step = *book_.find(held.step);
  return held.have >= step.durable && held.committed <= step.durable &&
         step.chains[held.committed] == held.chain;
}

void CoordinatorCore::adopt_or_drop(const HeldAttempt& held, const NodeBoot& node) {
  const bool adopts = may_adopt(held);
  count(adopts ? CoordinatorEvent::adopted : CoordinatorEvent::not_adopted);
  if (!adopts) {
    effects_.emplace_back(ToNode{node, Drop{term_, held.attempt}});
    return;
  }
  Attempt adopted;
  adopted.id = held.attempt;
  adopted.step = held.step;
  adopted.node = node;
  adopted.opened_ms = adopted.armed_ms = now_.mono_ms;
  adopted.prefilled = held.prefilled;
  adopted.held = true;
  adopted.have = held.have;
  adopted.expected_ms = workers_.find(node)->pace_ms;
  note(PlacedRecord{held.step, held.attempt, node, PlacedHow::adopted,
                    book_.find(held.step)->durable});
  tell_committed(attempts_.open(std::move(adopted)));
}

void CoordinatorCore::close_unheld(const Report& report) {
  for (const Attempt& attempt : attempts_.at(report.from)) {
    const bool held =
        std::any_of(report.held.begin(), report.held.end(),
                    [&](const HeldAttempt& each) { return each.attempt == attempt.id; });
    if (!held && now_.mono_ms - attempt.opened_ms >= limits_.order_ms)
      take_away(attempt, report.draining ? LeftReason::drained : LeftReason::unheld);
  }
}

// -- closing

void CoordinatorCore::close_attempt(const Attempt& open, CloseReason reason) {
  constexpr CoordinatorEvent kOfReason[] = {
      CoordinatorEvent::closed_ended,   CoordinatorEvent::closed_lost,
      CoordinatorEvent::closed_stalled, CoordinatorEvent::closed_diverged,
      CoordinatorEvent::closed_drained, CoordinatorEvent::closed_cancelled};
  count(kOfReason[static_cast<std::size_t>(reason)]);
  const Attempt attempt = open;
  attempts_.close(attempt.id);
  if (!mutant(Mutant::placement_forgotten)) place_again_ = true;
  if (reason != CloseReason::lost || workers_.find(attempt.node) != nullptr)
    effects_.emplace_back(ToNode{attempt.node, Drop{term_, attempt.id}});
}

void CoordinatorCore::close_attempts_of(const StepName& step, CloseReason reason) {
  for (const Attempt& attempt : attempts_.of(step)) close_attempt(attempt, reason);
}

void CoordinatorCore::note_left(const Attempt& attempt, LeftReason reason, std::string_view why) {
  const Step& step = *book_.find(attempt.step);
  if (step.end_recorded) return;  // nothing was lost
  note(LeftRecord{attempt.step, attempt.id, attempt.node, reason, clean_why(why),
                  attempt.have - std::min(attempt.have, step.durable)});
}

// From its worker, before the end of its step.
void CoordinatorCore::take_away(const Attempt& attempt, LeftReason reason) {
  note_left(attempt, reason, {});
  constexpr CloseReason kOfReason[] = {
      CloseReason::lost, CloseReason::lost,    CloseReason::lost,     CloseReason::lost,
      CloseReason::lost, CloseReason::stalled, CloseReason::diverged, CloseReason::drained};
  static_assert(std::size(kOfReason) == static_cast<std::size_t>(LeftReason::drained) + 1);
  close_attempt(attempt, kOfReason[static_cast<std::size_t>(reason)]);
}

Effects CoordinatorCore::on_broke(const Broke& broke, Now now) {
  if (!begins(now) || !meets(broke.from, broke.term_seen)) return finish();
  const Attempt* attempt = attempts_.find(broke.attempt);
  if (attempt == nullptr || attempt->node != broke.from) return finish();
  Job& job = *book_.find(attempt->step.job);
  const bool content = broke.kind == BrokeKind::content;
  count(content ? CoordinatorEvent::broke_content : CoordinatorEvent::broke_elsewhere);
  note_left(*attempt, LeftReason::broke, broke.why);
  if (content) {
    close_job(job, JobEnd::failed, "step " + attempt->step.path + ": " + broke.why);
  }
  // Whatever it lacks, it may lack for a while; others first.
  workers_.find(broke.from)->rests_until_ms = now.mono_ms + limits_.order_ms;
  close_attempt(*attempt, CloseReason::lost);
  return finish();
}

// -- losing workers

void CoordinatorCore::lose(const NodeBoot& node, LeftReason reason) {
  if (workers_.find(node) == nullptr) return;
  count(CoordinatorEvent::worker_lost);
  const std::vector<Attempt> open = attempts_.at(node);
  std::vector<Suspect> suspects;
  for (const Attempt& attempt : open) {
    if (attempt.held)
      suspects.push_back({attempt.step, book_.find(attempt.step)->durable, attempt.alone});
  }
  workers_.lose(node, std::move(suspects));
  for (const Attempt& attempt : open) take_away(attempt, reason);
}

// One death alone may still be chance, for workers are killed by other hands too.
bool CoordinatorCore::is_poison(const Step& step) const {
  const int alone_needed = std::clamp(limits_.crashes_max - 1, 0, kCrashesAloneNeeded);
  return step.crashes >= limits_.crashes_max &&
         (step.crashes_alone >= alone_needed || mutant(Mutant::innocent_deaths_counted));
}

// It has died: its name came back under another boot. A step that it held and that has not moved
// since is suspected of having killed it.
void CoordinatorCore::bury(const NodeBoot& node) {
  lose(node, LeftReason::reborn);
  for (const Suspect& suspect : workers_.died(node)) {
    Step& step = *book_.find(suspect.step);
    Job& job = *book_.find(suspect.step.job);
    if (!job.runs() || step.durable != suspect.durable || step.end_recorded) continue;
    if (mutant(Mutant::poison_never_counted)) continue;
    count(CoordinatorEvent::crash_counted);
    ++step.crashes;
    if (suspect.alone) ++step.crashes_alone;
    if (!is_poison(step)) continue;
    count(CoordinatorEvent::poisoned);
    close_job(job, JobEnd::failed, "poison");
  }
}

Effects CoordinatorCore::on_node_lost(const NodeBoot& node, Now now) {
  if (begins(now)) lose(node, LeftReason::down);
  return finish();
}

Effects CoordinatorCore::on_drain(const NodeBoot& node, std::uint64_t deadline_ms, Now now) {
  if (!begins(now)) return {};
  if (Worker* worker = workers_.find(node)) {
    worker->draining = true;
    worker->drained_at_ms = now.mono_ms + deadline_ms;
    send_drain(*worker);
  }
  return finish();
}

void CoordinatorCore::send_drain(const Worker& worker) {
  const std::uint64_t left = worker.drained_at_ms - std::min(worker.drained_at_ms, now_.mono_ms);
  effects_.emplace_back(ToNode{worker.node, Drain{term_, left}});
}

void CoordinatorCore::lose_silent_workers() {
  std::vector<NodeBoot> silent;
  for (const auto& [name, worker] : workers_.all()) {
    if (now_.mono_ms - worker.heard_ms > limits_.silent_ms) silent.push_back(worker.node);
  }
  for (const NodeBoot& node : silent) {
    count(CoordinatorEvent::worker_silent);
    lose(node, LeftReason::silent);
  }
}

void CoordinatorCore::close_stalled_attempts() {
  if (mutant(Mutant::stall_never_fires)) return;
  std::vector<Attempt> stalled;
  for (const auto& [id, attempt] : attempts_.all()) {
    if (now_.mono_ms - attempt.armed_ms > stall_after_ms(attempt, limits_))
      stalled.push_back(attempt);
  }
  for (const Attempt& attempt : stalled) {
    const std::uint64_t learnt = 2 * stall_after_ms(attempt, limits_) / limits_.stall_factor;
    if (Worker* worker = workers_.find(attempt.node))
      worker->pace_ms = std::min(kPaceMsMax, std::max(worker->pace_ms, learnt));
    take_away(attempt, LeftReason::stalled);
  }
}

}  // namespace pecia::actors
