#include "actors/cache/holders_core.hpp"

#include <cassert>

namespace pecia::actors {

void Holders::announce(const NodeBoot& node, std::span<const Id> names) {
  for (const Id& name : names) {
    withdraw(node, name);  // said again, it is young again
    ages_.emplace(Announcement(node, name), next_age_);
    by_age_.emplace(next_age_++, Announcement(node, name));
    holders_[name].insert(node);
    if (ages_.size() <= announcements_max_) continue;
    const auto [oldest, its_name] = by_age_.begin()->second;
    withdraw(oldest, its_name);
  }
}

void Holders::withdraw(const NodeBoot& node, const Id& name) {
  const auto said = ages_.find({node, name});
  if (said == ages_.end()) return;
  by_age_.erase(said->second);
  ages_.erase(said);
  const auto holders = holders_.find(name);
  assert(holders != holders_.end());
  holders->second.erase(node);
  if (holders->second.empty()) holders_.erase(holders);
  assert(ages_.size() == by_age_.size());
}

void Holders::forget(const NodeBoot& node) {
  const auto is_its = [&](auto said) { return said != ages_.end() && said->first.first == node; };
  for (auto said = ages_.lower_bound({node, Id{}}); is_its(said);) {
    const Id name = said->first.second;
    ++said;
    withdraw(node, name);
  }
}

std::vector<NodeBoot> Holders::of(const Id& name) const {
  const auto holders = holders_.find(name);
  if (holders == holders_.end()) return {};
  return {holders->second.begin(), holders->second.end()};
}

std::size_t Holders::run_of(const NodeBoot& node, std::span<const Id> names) const {
  std::size_t run = 0;
  while (run < names.size() && ages_.contains({node, names[run]})) ++run;
  return run;
}

}  // namespace pecia::actors
