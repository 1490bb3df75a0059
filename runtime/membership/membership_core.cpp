#include "runtime/membership/membership_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace pecia::runtime {

using State = Member::State;

MembershipEffects MembershipCore::take(const MembershipEvent& event) {
  assert(effects_.empty());
  std::visit([this](const auto& happened) { on(happened); }, event);
  forget_longest_down();
  return std::exchange(effects_, {});
}

// -- events --------------------------------------------------------------------------------------

void MembershipCore::on(const Joined& event) {
  Entry* entry = follow(event.node);
  if (entry == nullptr || event.link <= entry->member.link) return;
  go_down(*entry,
          fmt::format("its link {} was followed by link {}", entry->member.link, event.link));
  entry->member = {event.node, event.link, State::up, event.capabilities};
  effects_.emplace_back(NodeUp{event.node, event.link});
}

void MembershipCore::on(const Left& event) {
  Entry* entry = follow(event.node);
  if (entry == nullptr || event.link < entry->member.link) return;
  go_down(*entry, event.why);
  entry->member.link = event.link;
}

void MembershipCore::on(const Silent& event) {
  Entry* entry = current(event.node);
  if (entry == nullptr || entry->member.state != State::up) return;
  entry->member.state = State::silent;
  effects_.emplace_back(NodeDown{event.node, entry->member.link, "it is silent"});
}

void MembershipCore::on(const Heard& event) {
  Entry* entry = current(event.node);
  if (entry == nullptr || entry->member.state != State::silent) return;
  entry->member.state = State::up;
  effects_.emplace_back(NodeUp{event.node, entry->member.link});
}

// -- names and boots -----------------------------------------------------------------------------

// The name's entry, with this boot as its latest; nullptr where the boot was followed by another.
MembershipCore::Entry* MembershipCore::follow(const NodeBoot& node) {
  const auto [found, is_new] = entries_.try_emplace(node.node);
  Entry& entry = found->second;
  if (is_new) {
    entry.member.node = node;
    entry.went_down = ++downs_;
  }
  if (entry.member.node == node) return &entry;
  if (std::ranges::find(entry.past, node.boot) != entry.past.end()) return nullptr;
  go_down(entry, fmt::format("followed by boot {:016x} of its name", node.boot));
  entry.past.push_back(entry.member.node.boot);
  if (entry.past.size() > kPastBootsMax) entry.past.pop_front();
  entry.member = {node, 0, State::down, {}};
  return &entry;
}

MembershipCore::Entry* MembershipCore::current(const NodeBoot& node) {
  const auto found = entries_.find(node.node);
  return found != entries_.end() && found->second.member.node == node ? &found->second : nullptr;
}

// A silent node has been reported already.
void MembershipCore::go_down(Entry& entry, std::string why) {
  Member& member = entry.member;
  if (member.state == State::down) return;
  if (member.state == State::up) {
    effects_.emplace_back(NodeDown{member.node, member.link, std::move(why)});
  }
  member.state = State::down;
  entry.went_down = ++downs_;
}

// An event adds one name at most, so one is enough to forget.
void MembershipCore::forget_longest_down() {
  const auto is_down = [](const auto& named) { return named.second.member.state == State::down; };
  if (std::ranges::count_if(entries_, is_down) <= std::ptrdiff_t{kDownNodesMax}) return;
  const auto rank = [&](const auto& named) {
    return std::pair(!is_down(named), named.second.went_down);
  };
  const auto longest = std::ranges::min_element(entries_, {}, rank);
  assert(is_down(*longest));
  entries_.erase(longest);
}

// -- the view ------------------------------------------------------------------------------------

std::vector<Member> MembershipCore::up() const {
  std::vector<Member> members;
  for (const auto& [name, entry] : entries_) {
    if (entry.member.state == State::up) members.push_back(entry.member);
  }
  return members;
}

const Member* MembershipCore::find(const NodeName& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second.member;
}

MembershipCore fold(std::span<const MembershipEvent> events) {
  MembershipCore core;
  for (const MembershipEvent& event : events) core.take(event);
  return core;
}

}  // namespace pecia::runtime
