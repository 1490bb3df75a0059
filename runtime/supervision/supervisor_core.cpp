#include "runtime/supervision/supervisor_core.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace pecia::runtime {

namespace {

// Something of it may still run.
bool is_live(ChildState state) { return state >= ChildState::starting; }

bool is_ending(ChildState state) { return state >= ChildState::stopping; }

}  // namespace

kernels::Expected<SupervisorCore> SupervisorCore::create(SupervisorSpec spec) {
  if (kernels::Status status = check_spec(spec); !status) return status.error();
  return SupervisorCore(std::move(spec));
}

SupervisorEffects SupervisorCore::take(const SupervisorEvent& event, std::uint64_t now_ms) {
  assert(effects_.empty());
  now_ms_ = now_ms;
  std::visit([this](const auto& happened) { on(happened); }, event);
  advance();
  return std::exchange(effects_, {});
}

// -- events --------------------------------------------------------------------------------------

void SupervisorCore::on(const StartChildren&) {
  if (phase_ != Phase::idle) return;
  phase_ = Phase::running;
  for (Child& child : children_) child.state = ChildState::queued;
}

void SupervisorCore::on(const ChildStarted& event) {
  Child* child = living(event.instance);
  if (child == nullptr || child->state != ChildState::starting) return;
  child->state = ChildState::up;
  child->has_started = true;
  child->started_ms = now_ms_;
}

void SupervisorCore::on(const ChildEnded& event) {
  Child* child = living(event.instance);
  if (child == nullptr) return;
  const std::size_t index = event.instance.child;
  const ChildSpec& spec = spec_.children[index];
  const ChildState was = std::exchange(child->state, ChildState::down);
  // It was told to, or has come before its turn to be told.
  if (is_ending(was) || is_clearing(index)) return;
  if (!child->has_started) {
    return leave(fmt::format("supervisor '{}' gives up: child '{}' did not start: {}", spec_.name,
                             spec.id, event.why));
  }
  const bool has_settled =
      was == ChildState::up && child->started_ms + spec_.limit.period_ms <= now_ms_;
  if (has_settled) child->restarts_in_a_row = 0;
  // A start that ended, however politely, has failed.
  const ChildExit exit = was == ChildState::starting ? ChildExit::abnormal : event.exit;
  if (does_restart(spec.restart, exit)) restart(index, event.why);
}

void SupervisorCore::on(const RestartTimerFired& event) {
  const auto resting = std::ranges::find_if(children_, [&](const Child& child) {
    return child.state == ChildState::resting && child.timer == event.timer;
  });
  if (resting != children_.end()) start(static_cast<std::size_t>(resting - children_.begin()));
}

void SupervisorCore::on(const ShutdownDeadlinePassed& event) {
  Child* child = living(event.instance);
  if (child == nullptr || child->state != ChildState::stopping) return;
  child->state = ChildState::killed;
  effects_.emplace_back(KillChild{event.instance});
}

void SupervisorCore::on(const StopChildren&) { leave(""); }

// -- decisions -----------------------------------------------------------------------------------

void SupervisorCore::restart(std::size_t child, const std::string& why) {
  const RestartLimit& limit = spec_.limit;
  restarts_ = add_restart(std::move(restarts_), now_ms_, limit.period_ms);
  const ChildSpec& spec = spec_.children[child];
  if (!is_within(restarts_, limit)) {
    return leave(
        fmt::format("supervisor '{}' gives up: {} restarts within {} ms are more than {}, the last "
                    "of child '{}': {}",
                    spec_.name, restarts_.size(), limit.period_ms, limit.intensity, spec.id, why));
  }
  Child& ended = children_[child];
  ended.due_ms = now_ms_ + backoff_ms(spec.backoff, ended.restarts_in_a_row++);
  clear(restart_group(spec_.strategy, child, children_.size()));
}

void SupervisorCore::leave(std::string why) {
  if (phase_ == Phase::leaving || phase_ == Phase::gone) return;
  phase_ = Phase::leaving;
  gave_up_ = std::move(why);
  clear({0, children_.size()});
}

// From now on nobody of the range starts, until the last of them is down. Timers of those that
// were about to start are forgotten with their state.
void SupervisorCore::clear(ChildRange range) {
  if (clearing_) {
    range = {std::min(range.first, clearing_->first), std::max(range.last, clearing_->last)};
  }
  clearing_ = range;
  for (std::size_t i = range.first; i < range.last; ++i) {
    if (!is_live(children_[i].state)) children_[i].state = ChildState::down;
  }
}

// -- what follows, after every event -------------------------------------------------------------

void SupervisorCore::advance() {
  if (clearing_) {
    if (stop_next()) return;
    const ChildRange cleared = *std::exchange(clearing_, std::nullopt);
    if (phase_ == Phase::leaving) return say_farewell();
    revive(cleared);
  }
  start_next();
}

// Right to left, one at a time. False where nobody of the range lives any more.
bool SupervisorCore::stop_next() {
  for (std::size_t i = clearing_->last; i-- > clearing_->first;) {
    if (!is_live(children_[i].state)) continue;
    if (!is_ending(children_[i].state)) stop(i);
    return true;
  }
  return false;
}

// Even a transient child that had done its work comes back: what it did may have gone with its
// group. The first waits for all backoffs of the range, the others for their turn.
void SupervisorCore::revive(ChildRange range) {
  std::uint64_t due_ms = 0;
  Child* first = nullptr;
  for (std::size_t i = range.first; i < range.last; ++i) {
    Child& child = children_[i];
    assert(child.state == ChildState::down);
    due_ms = std::max(due_ms, child.due_ms);
    if (spec_.children[i].restart == RestartType::temporary && child.instances > 0) continue;
    child.state = ChildState::queued;
    if (first == nullptr) first = &child;
  }
  assert(first != nullptr);  // the child whose end began this
  first->state = ChildState::resting;
  first->timer = ++timers_;
  effects_.emplace_back(ArmRestartTimer{first->timer, due_ms});
}

// Left to right: a queued child has its turn once all before it are up, or down for good.
void SupervisorCore::start_next() {
  const auto next = std::ranges::find_if(children_, [](const Child& child) {
    return child.state != ChildState::up && child.state != ChildState::down;
  });
  if (next == children_.end() || next->state != ChildState::queued) return;
  start(static_cast<std::size_t>(next - children_.begin()));
}

void SupervisorCore::start(std::size_t child) {
  Child& starting = children_[child];
  assert(!is_live(starting.state));
  starting.state = ChildState::starting;
  starting.due_ms = 0;
  effects_.emplace_back(StartChild{{child, ++starting.instances}});
}

void SupervisorCore::stop(std::size_t child) {
  Child& stopped = children_[child];
  const ChildInstance instance{child, stopped.instances};
  const std::uint64_t shutdown_ms = spec_.children[child].shutdown_ms;
  if (shutdown_ms == 0) {
    stopped.state = ChildState::killed;
    effects_.emplace_back(KillChild{instance});
  } else {
    stopped.state = ChildState::stopping;
    effects_.emplace_back(StopChild{instance, now_ms_ + shutdown_ms});
  }
}

void SupervisorCore::say_farewell() {
  phase_ = Phase::gone;
  if (gave_up_.empty()) {
    effects_.emplace_back(ChildrenStopped{});
  } else {
    effects_.emplace_back(Escalate{gave_up_});
  }
}

// -- questions -----------------------------------------------------------------------------------

// nullptr where the event is late: that instance has ended, or never was.
SupervisorCore::Child* SupervisorCore::living(const ChildInstance& instance) {
  assert(instance.child < children_.size());
  Child& child = children_[instance.child];
  return is_live(child.state) && child.instances == instance.n ? &child : nullptr;
}

bool SupervisorCore::is_clearing(std::size_t child) const {
  return clearing_ && child >= clearing_->first && child < clearing_->last;
}

}  // namespace pecia::runtime
