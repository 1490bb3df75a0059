#include "actors/worker/worker_core.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "actors/mutants.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr std::uint64_t kTokensOfOffer = 256;  // at most; far below what the wire allows

}  // namespace

WorkerCore::WorkerCore(const ProtocolLimits& limits, NodeBoot self, int slots, std::uint64_t now_ms)
    : limits_(limits),
      self_(std::move(self)),
      slots_(static_cast<std::size_t>(slots)),
      heard_ms_(now_ms) {
  assert(slots > 0);
}

std::size_t WorkerCore::uncommitted_max() const {
  std::size_t most = 0;
  for (const auto& [id, held] : attempts_) {
    if (held.ids.size() > held.committed) most = std::max(most, held.ids.size() - held.committed);
  }
  return most;
}

WorkerCore::HeldMap::iterator WorkerCore::find_run(RunId run) {
  return std::find_if(attempts_.begin(), attempts_.end(),
                      [run](const auto& each) { return each.second.run == run; });
}

void WorkerCore::say(ToCoordinator message) {
  effects_.emplace_back(ToCoordinatorEffect{std::move(message)});
}

// -- from the coordinator

WorkerEffects WorkerCore::on_link_up(std::uint64_t now_ms) {
  linked_ = true;
  heard_ms_ = reported_ms_ = now_ms;
  report();
  return finish();
}

WorkerEffects WorkerCore::on_message(const ToWorker& message, std::uint64_t now_ms) {
  const Term term = std::visit([](const auto& each) { return each.term; }, message);
  if (term < term_) {
    count(WorkerEvent::stale_term);
    return finish();
  }
  term_ = std::max(term_, term);
  heard_ms_ = now_ms;
  if (const auto* order = std::get_if<Order>(&message)) {
    on_order(*order);
  } else if (const auto* committed = std::get_if<Committed>(&message)) {
    on_committed(*committed);
  } else if (const auto* dropped = std::get_if<Drop>(&message)) {
    if (const auto at = attempts_.find(dropped->attempt); at != attempts_.end()) drop(at);
  } else if (const auto* drain = std::get_if<Drain>(&message)) {
    if (!drained_at_ms_) drained_at_ms_ = now_ms + drain->deadline_ms;
    report();
  }
  return finish();
}

void WorkerCore::on_order(const Order& order) {
  if (attempts_.contains(order.attempt)) return count(WorkerEvent::order_repeated);
  // An order that was overtaken by a later one of its step counts no more.
  const auto same_step = find_step(order.step);
  if (same_step != attempts_.end() && same_step->first > order.attempt)
    return count(WorkerEvent::order_refused);
  if (!drained_at_ms_ && take_over(order)) return count(WorkerEvent::taken_over);
  if (drained_at_ms_ || attempts_.size() >= slots_) return count(WorkerEvent::order_refused);
  count(WorkerEvent::started);
  Held held;
  held.run = ++runs_;
  held.step = order.step;
  held.ids = order.committed;
  held.chains = {chain_start(order.step, order.input)};
  for (const std::int32_t id : order.committed)
    held.chains.push_back(chain_after(held.chains.back(), {&id, 1}));
  held.committed = held.offered = order.committed.size();
  const RunId run = held.run;
  attempts_.emplace(order.attempt, std::move(held));
  // First it is known who holds the step: should this process die of it, it is the suspect.
  report();
  effects_.emplace_back(StartRun{run, order});
}

WorkerCore::HeldMap::iterator WorkerCore::find_step(const StepName& step) {
  return std::find_if(attempts_.begin(), attempts_.end(),
                      [&](const auto& each) { return each.second.step == step; });
}

// The engine holds the step already, by an attempt that the coordinator has given up: where it has
// the same tokens, and not too many, the new attempt goes on with its state.
bool WorkerCore::take_over(const Order& order) {
  const auto old = find_step(order.step);
  if (old == attempts_.end()) return false;
  const std::size_t committed = order.committed.size();
  const Chain wanted = chain_after(chain_start(order.step, order.input), order.committed);
  const std::size_t have = old->second.ids.size();
  const bool in_window = have >= committed && have <= committed + limits_.window_tokens;
  if (!in_window || old->second.chains[committed] != wanted) {
    drop(old);
    return false;
  }
  Held held = std::move(old->second);
  attempts_.erase(old);
  held.committed = held.offered = committed;
  held.end_offered = false;
  keep_to_window(held);
  attempts_.emplace(order.attempt, std::move(held));
  return true;
}

void WorkerCore::on_committed(const Committed& committed) {
  const auto at = attempts_.find(committed.attempt);
  if (at == attempts_.end()) return;
  Held& held = at->second;
  if (committed.to > held.committed) {
    held.committed = committed.to;
    held.offered = std::max(held.offered, committed.to);
  } else if (held.offered > held.committed || held.end_offered) {
    count(WorkerEvent::went_back);
    held.offered = held.committed;  // something was lost on the way: offer again from there
    held.end_offered = false;
  }
  keep_to_window(held);
}

// Paused where it is too far ahead, resumed where it no longer is.
void WorkerCore::keep_to_window(Held& held) {
  const bool ahead = held.ids.size() >= held.committed + limits_.window_tokens;
  if (held.end || ahead == held.full || mutant(Mutant::window_ignored)) return;
  held.full = ahead;
  count(ahead ? WorkerEvent::filled : WorkerEvent::went_on);
  if (ahead) {
    effects_.emplace_back(PauseRun{held.run});
  } else {
    effects_.emplace_back(ResumeRun{held.run});
  }
}

void WorkerCore::drop(HeldMap::iterator at) {
  count(WorkerEvent::dropped);
  effects_.emplace_back(EndRun{at->second.run});
  attempts_.erase(at);
}

void WorkerCore::drop_all() {
  while (!attempts_.empty()) drop(attempts_.begin());
}

// -- from the engine

WorkerEffects WorkerCore::on_prefilled(RunId run, std::uint64_t prompt_tokens) {
  if (const auto at = find_run(run); at != attempts_.end()) at->second.prefilled = prompt_tokens;
  return finish();
}

WorkerEffects WorkerCore::on_token(RunId run, std::int32_t id, std::optional<OfferEnd> end) {
  const auto at = find_run(run);
  if (at == attempts_.end()) return finish();  // dropped while the engine was at it
  Held& held = at->second;
  assert(!held.end);
  held.chains.push_back(chain_after(held.chains.back(), {&id, 1}));
  held.ids.push_back(id);
  held.end = end;
  keep_to_window(held);
  return finish();
}

WorkerEffects WorkerCore::on_ended(RunId run, const OfferEnd& end) {
  if (const auto at = find_run(run); at != attempts_.end()) at->second.end = end;
  return finish();
}

WorkerEffects WorkerCore::on_failed(RunId run, BrokeKind kind, std::string_view why) {
  const auto at = find_run(run);
  if (at == attempts_.end()) return finish();
  say(Broke{term_, self_, at->first, kind, clean_why(why)});
  attempts_.erase(at);
  return finish();
}

WorkerEffects WorkerCore::offer_tokens() {
  for (auto& [attempt, held] : attempts_) offer(attempt, held);
  return finish();
}

void WorkerCore::offer(const AttemptId& attempt, Held& held) {
  if (!linked_) return;
  const auto send = [&](std::uint64_t from, std::uint64_t to) {
    Offer offer{term_, self_, attempt, held.step, from, held.chains[from], {}, std::nullopt};
    offer.ids.assign(held.ids.begin() + static_cast<std::ptrdiff_t>(from),
                     held.ids.begin() + static_cast<std::ptrdiff_t>(to));
    if (held.end && to == held.ids.size()) {
      offer.end = held.end;
      held.end_offered = true;
    }
    held.offered = to;
    say(std::move(offer));
  };
  const std::uint64_t window = held.committed + limits_.window_tokens;
  const std::uint64_t to_max = std::min<std::uint64_t>(held.ids.size(), window);
  while (held.offered < to_max) send(held.offered, std::min(to_max, held.offered + kTokensOfOffer));
  // The tokens are known and the end is not.
  if (held.end && !held.end_offered && held.committed >= held.ids.size())
    send(held.ids.size(), held.ids.size());
}

// -- time

void WorkerCore::report() {
  Report report{term_, self_, 0, drained_at_ms_.has_value(), {}};
  report.free_slots = drained_at_ms_ ? 0 : static_cast<int>(slots_ - attempts_.size());
  for (const auto& [attempt, held] : attempts_) {
    const std::uint64_t committed = std::min<std::uint64_t>(held.committed, held.ids.size());
    report.held.push_back(
        {attempt, held.step, held.ids.size(), committed, held.chains[committed], held.prefilled});
  }
  say(std::move(report));
}

WorkerEffects WorkerCore::on_tick(std::uint64_t now_ms) {
  if (now_ms - heard_ms_ > limits_.orphan_ms) {
    if (!attempts_.empty()) count(WorkerEvent::orphaned);
    drop_all();
    heard_ms_ = now_ms;
  }
  if (drained_at_ms_ && now_ms >= *drained_at_ms_) {
    if (!attempts_.empty()) count(WorkerEvent::drained);
    drop_all();
  }
  if (!linked_ || now_ms - reported_ms_ < limits_.report_ms) return finish();
  reported_ms_ = now_ms;
  report();
  // What was offered and never answered was lost, or its answer was.
  for (auto& [attempt, held] : attempts_) {
    held.offered = std::min<std::uint64_t>(held.committed, held.ids.size());
    held.end_offered = false;
    offer(attempt, held);
  }
  return finish();
}

}  // namespace pecia::actors
