// Which step goes to which worker, and when. Any choice is correct; a choice decides speed alone.

#include <algorithm>
#include <cassert>
#include <utility>

#include "actors/coordinator/coordinator_core.hpp"
#include "actors/mutants.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr std::size_t kAttemptsOfStepMax = 2;  // one, and its hedge

}  // namespace

// From the second death on, or, where fewer are allowed, in time for the last, a step runs alone:
// it takes nobody with it, and none is blamed for another.
bool CoordinatorCore::runs_alone(const Step& step) const {
  return step.crashes >= std::clamp(limits_.crashes_max - 1, 1, 2);
}

// Rests end with a tick, so that a placement follows.
bool CoordinatorCore::is_usable(const Worker& worker) const {
  return !worker.draining && worker.capacity > 0 && worker.rests_until_ms <= ticked_ms_;
}

bool CoordinatorCore::is_ready(const Job& job, const Step& step, const StepName& name) const {
  if (!step.planned || step.end_recorded || attempts_.count_of(name) > 0) return false;
  return std::all_of(step.plan.inputs.begin(), step.plan.inputs.end(), [&](const Path& input) {
    const auto found = job.steps.find(input);
    return found != job.steps.end() && found->second.ended;
  });
}

// The step that this worker is kept free for; nullptr: none.
const StepName* CoordinatorCore::reserved_for(const NodeBoot& node) const {
  const auto found = std::find_if(reserved_.begin(), reserved_.end(),
                                  [&](const auto& each) { return each.second == node; });
  return found == reserved_.end() ? nullptr : &found->first;
}

// Workers with room. For a step that runs alone: empty ones. `besides`: not this one.
std::vector<WorkerLoad> CoordinatorCore::candidates(const StepName& name, bool alone,
                                                    const NodeBoot* besides) const {
  std::vector<WorkerLoad> found;
  for (const auto& [node, worker] : workers_.all()) {
    if (!is_usable(worker) || (besides != nullptr && worker.node == *besides)) continue;
    const StepName* reserved = reserved_for(worker.node);
    if (reserved != nullptr && !(alone && *reserved == name)) continue;
    const std::vector<Attempt> open = attempts_.at(worker.node);
    const bool one_alone =
        std::any_of(open.begin(), open.end(), [](const Attempt& each) { return each.alone; });
    const std::size_t slots = std::min(worker.capacity, static_cast<std::size_t>(limits_.slots));
    if (alone ? !open.empty() : one_alone || open.size() >= slots) continue;
    WorkerLoad load;
    load.node = worker.node;
    load.free_slots = static_cast<int>(slots - open.size());
    load.held = static_cast<int>(open.size());
    found.push_back(std::move(load));
  }
  return found;
}

void CoordinatorCore::order(Job& job, const StepName& name, const NodeBoot& node, bool is_hedge) {
  const Step& step = *book_.find(name);
  Attempt attempt;
  do attempt.id = {mutant(Mutant::attempts_counted_anew) ? 0 : term_, ++attempts_opened_};
  while (attempts_.find(attempt.id) != nullptr);  // an adopted one, where the mutant counts anew
  attempt.step = name;
  attempt.node = node;
  attempt.opened_ms = attempt.armed_ms = now_.mono_ms;
  attempt.expected_ms = workers_.find(node)->pace_ms;
  attempt.alone = runs_alone(step);
  attempt.hedge = is_hedge;
  Order order;
  order.term = term_;
  order.attempt = attempt.id;
  order.step = name;
  order.spec = job.opened.spec;
  order.seed = job.opened.seed;
  order.model = job.opened.model;
  order.numerics = job.opened.numerics;
  order.prompt = step.plan.prompt;
  order.tokens_max = step.plan.tokens_max;
  order.input = step.input;
  order.committed.assign(step.ids.begin(),
                         step.ids.begin() + static_cast<std::ptrdiff_t>(step.durable));
  order.alone = attempt.alone;
  count(attempt.hedge   ? CoordinatorEvent::hedged
        : attempt.alone ? CoordinatorEvent::ordered_alone
                        : CoordinatorEvent::ordered);
  note(PlacedRecord{name, attempt.id, node,
                    attempt.hedge   ? PlacedHow::hedge
                    : attempt.alone ? PlacedHow::alone
                                    : PlacedHow::ordered,
                    step.durable});
  attempts_.open(std::move(attempt));
  reserved_.erase(name);
  effects_.emplace_back(ToNode{node, std::move(order)});
}

// The worker with the least to finish gets nothing new until it is empty.
void CoordinatorCore::reserve_for(const StepName& name) {
  if (reserved_.contains(name)) return;
  const Worker* least = nullptr;
  for (const auto& [node, worker] : workers_.all()) {
    if (!is_usable(worker) || reserved_for(worker.node) != nullptr) continue;
    if (least == nullptr || attempts_.count_at(worker.node) < attempts_.count_at(least->node))
      least = &worker;
  }
  if (least != nullptr) reserved_[name] = least->node;
}

// A reservation outlives neither its worker's use nor the suspicion of its step: a durable token of
// an attempt that was open already clears it.
bool CoordinatorCore::stands(const StepName& name, const NodeBoot& node) {
  const Worker* worker = workers_.find(node);
  const Job* job = book_.find(name.job);
  const Step* step = book_.find(name);
  return worker != nullptr && is_usable(*worker) && job->runs() && runs_alone(*step) &&
         is_ready(*job, *step, name);
}

void CoordinatorCore::place_steps_of(Job& job, bool alone) {
  for (const auto& [path, step] : job.steps) {
    const StepName name{job.opened.job, path};
    if (runs_alone(step) != alone || !is_ready(job, step, name)) continue;
    if (alone) reserve_for(name);
    const std::vector<WorkerLoad> workers = candidates(name, alone, nullptr);
    if (const auto chosen = balancer_.choose(name, workers)) order(job, name, *chosen, false);
  }
}

std::optional<StepName> CoordinatorCore::owed_placement() const {
  if (exited_ || adopts(now_.mono_ms) || pending_.stalled()) return std::nullopt;
  for (const JobId& id : book_.order()) {
    const Job& job = *book_.find(id);
    if (!job.runs()) continue;
    for (const auto& [path, step] : job.steps) {
      const StepName name{id, path};
      if (!runs_alone(step) && is_ready(job, step, name) &&
          !candidates(name, false, nullptr).empty())
        return name;
    }
  }
  return std::nullopt;
}

void CoordinatorCore::place() {
  place_again_ = false;
  if (adopts(now_.mono_ms) || pending_.stalled()) return;
  std::erase_if(reserved_, [&](const auto& each) { return !stands(each.first, each.second); });
  // Suspects first: only when they have their places is it known which workers are left to others.
  for (const bool alone : {true, false}) {
    for (const JobId& id : book_.order()) {
      Job& job = *book_.find(id);
      if (job.runs()) place_steps_of(job, alone);
    }
  }
  hedge();
}

// A second attempt at a step that is slow, where nothing else waits for the slot.
void CoordinatorCore::hedge() {
  const std::size_t open = attempts_.all().size();
  const std::size_t hedges_max =
      (open * static_cast<std::size_t>(limits_.hedge_percent) + 99) / 100;
  std::vector<Attempt> slow;
  for (const auto& [id, attempt] : attempts_.all()) {
    const std::uint64_t after = stall_after_ms(attempt, limits_) *
                                static_cast<std::uint64_t>(limits_.hedge_after_percent) / 100;
    if (now_.mono_ms - attempt.armed_ms > after) slow.push_back(attempt);
  }
  for (const Attempt& attempt : slow) {
    if (attempts_.hedges() >= hedges_max) return;
    const bool hedged = attempts_.count_of(attempt.step) >= kAttemptsOfStepMax;
    const Step& step = *book_.find(attempt.step);
    Job& job = *book_.find(attempt.step.job);
    if (hedged || attempt.alone || step.end_recorded || !job.runs()) continue;
    const std::vector<WorkerLoad> workers = candidates(attempt.step, false, &attempt.node);
    if (const auto chosen = balancer_.choose(attempt.step, workers))
      order(job, attempt.step, *chosen, true);
  }
}

}  // namespace pecia::actors
