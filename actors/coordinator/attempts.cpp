#include "actors/coordinator/attempts.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace pecia::actors {

namespace {

template <class Map, class Key>
std::size_t count_in(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? 0 : found->second.size();
}

template <class Map, class Key>
void forget(Map& map, const Key& key, const AttemptId& id) {
  const auto found = map.find(key);
  std::erase(found->second, id);
  if (found->second.empty()) map.erase(found);
}

}  // namespace

std::string_view name_of(CloseReason reason) {
  constexpr std::array<std::string_view, 6> kNames = {"ended",    "lost",    "stalled",
                                                      "diverged", "drained", "cancelled"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::uint64_t stall_after_ms(const Attempt& attempt, const runtime::ProtocolLimits& limits) {
  return std::max(limits.stall_ms, limits.stall_factor * attempt.expected_ms);
}

// -- Attempts

Attempt& Attempts::open(Attempt attempt) {
  of_step_[attempt.step].push_back(attempt.id);
  at_node_[attempt.node].push_back(attempt.id);
  hedges_ += attempt.hedge ? 1 : 0;
  const AttemptId id = attempt.id;
  const auto [at, fresh] = attempts_.emplace(id, std::move(attempt));
  assert(fresh);
  return at->second;
}

void Attempts::close(const AttemptId& id) {
  const auto found = attempts_.find(id);
  assert(found != attempts_.end());
  const Attempt& attempt = found->second;
  forget(of_step_, attempt.step, id);
  forget(at_node_, attempt.node, id);
  hedges_ -= attempt.hedge ? 1 : 0;
  attempts_.erase(found);
}

void Attempts::progressed(Attempt& attempt, std::uint64_t now_ms) {
  const std::uint64_t took = now_ms - attempt.armed_ms;
  attempt.expected_ms = attempt.expected_ms == 0 ? took : (3 * attempt.expected_ms + took) / 4;
  attempt.armed_ms = now_ms;
}

void Attempts::arm_all(std::uint64_t now_ms) {
  for (auto& [id, attempt] : attempts_) attempt.armed_ms = now_ms;
}

Attempt* Attempts::find(const AttemptId& id) {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : &found->second;
}

const Attempt* Attempts::find(const AttemptId& id) const {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : &found->second;
}

std::vector<Attempt> Attempts::at(const NodeBoot& node) const {
  std::vector<Attempt> found;
  if (const auto ids = at_node_.find(node); ids != at_node_.end()) {
    for (const AttemptId& id : ids->second) found.push_back(attempts_.at(id));
  }
  return found;
}

std::vector<Attempt> Attempts::of(const StepName& step) const {
  std::vector<Attempt> found;
  if (const auto ids = of_step_.find(step); ids != of_step_.end()) {
    for (const AttemptId& id : ids->second) found.push_back(attempts_.at(id));
  }
  return found;
}

std::size_t Attempts::count_at(const NodeBoot& node) const { return count_in(at_node_, node); }
std::size_t Attempts::count_of(const StepName& step) const { return count_in(of_step_, step); }

// -- Workers

Workers::Hello Workers::greet(const NodeBoot& node, std::uint64_t now_ms) {
  Past& past = past_[node.node];
  const auto known = workers_.find(node.node);
  if (known == workers_.end()) {
    if (past.last.boot != 0 && past.last != node) return Hello::reborn;
    past.last = node;
    past.suspects.clear();  // whoever speaks did not die
    workers_.emplace(node.node, Worker{node, now_ms});
    return Hello::fresh;
  }
  if (known->second.node == node) {
    known->second.heard_ms = now_ms;
    past.challenger = 0;
    return Hello::known;
  }
  if (past.challenger != node.boot) {
    past.challenger = node.boot;
    past.challenged_ms = now_ms;
  }
  return now_ms - past.challenged_ms < challenge_ms_ ? Hello::ghost : Hello::reborn;
}

Worker* Workers::find(const NodeBoot& node) {
  const auto found = workers_.find(node.node);
  return found == workers_.end() || found->second.node != node ? nullptr : &found->second;
}

NodeBoot Workers::boot_of(const NodeName& node) const {
  const auto found = past_.find(node);
  return found == past_.end() ? NodeBoot{node, 0} : found->second.last;
}

void Workers::lose(const NodeBoot& node, std::vector<Suspect> suspects) {
  if (find(node) == nullptr) return;
  workers_.erase(node.node);
  past_[node.node].suspects = std::move(suspects);
}

std::vector<Suspect> Workers::died(const NodeBoot& node) {
  assert(workers_.find(node.node) == workers_.end());
  Past& past = past_[node.node];
  past.last = {};
  past.challenger = 0;
  return std::exchange(past.suspects, {});
}

void Workers::heard_all(std::uint64_t now_ms) {
  for (auto& [name, worker] : workers_) worker.heard_ms = now_ms;
}

}  // namespace pecia::actors
