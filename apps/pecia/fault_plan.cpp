#include "apps/pecia/fault_plan.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "apps/pecia/lots.hpp"

namespace pecia::apps {

namespace {

enum class Draw : std::uint64_t { moment, place, link, turn, duration, strength };
using FaultLots = Lots<Draw>;

constexpr std::uint64_t kUsPerMs = 1'000;
// A late line is late by this and up to half as much again.
constexpr double kJitter = 0.5;

using Link = std::pair<std::size_t, std::size_t>;

std::vector<Link> links_of_coordinator(const FaultGround& ground) {
  std::vector<Link> links;
  for (std::size_t end = 0; end <= ground.client(); ++end) {
    if (end != ground.coordinator) links.emplace_back(ground.coordinator, end);
  }
  return links;
}

std::vector<Link> links_between_others(const FaultGround& ground) {
  std::vector<Link> links;
  for (std::size_t a = 0; a < ground.nodes; ++a) {
    for (std::size_t b = a + 1; b < ground.nodes; ++b) {
      if (a != ground.coordinator && b != ground.coordinator) links.emplace_back(a, b);
    }
  }
  return links;
}

LinkRule delay_rule(const FaultLots& lots) {
  const double ms_max = static_cast<double>(kDelayMsMax) / (1 + kJitter);
  const double ms = lots.between(Draw::strength, static_cast<double>(kDelayMsMin), ms_max);
  LinkRule rule;
  rule.delay_us_min = static_cast<std::uint64_t>(ms) * kUsPerMs;
  rule.delay_us_max = static_cast<std::uint64_t>(ms * (1 + kJitter)) * kUsPerMs;
  rule.waiting_bytes_max = kWaitingBytesMax;
  return rule;
}

LinkRule rule_of(const FaultLots& lots, FaultKind kind) {
  LinkRule rule;
  switch (kind) {
    case FaultKind::cut:
    case FaultKind::one_way:
      rule.is_cut = true;
      break;
    case FaultKind::delay:
      return delay_rule(lots);
    case FaultKind::loss:
      rule.loss_share = lots.between(Draw::strength, kLossShareMin, kLossShareMax);
      rule.waiting_bytes_max = kWaitingBytesMax;
      break;
    case FaultKind::rate:
      rule.bytes_per_s = kSlowBytesPerS;
      rule.waiting_bytes_max = kSlowWaitingBytesMax;
      break;
  }
  return rule;
}

}  // namespace

FaultCounts share_faults(std::uint64_t faults) {
  FaultCounts counts{};
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind)
    counts[kind] = faults / kFaultKinds + (kind < faults % kFaultKinds ? 1 : 0);
  return counts;
}

std::vector<LinkFaults> deal_faults(std::uint64_t seed, const FaultCounts& before,
                                    const FaultCounts& count, std::uint64_t jobs,
                                    const FaultGround& ground) {
  assert(jobs > 0 && ground.nodes > ground.coordinator);
  std::vector<LinkFaults> dealt(std::min(jobs, sum(count)));
  const std::vector<Link> near = links_of_coordinator(ground);
  const std::vector<Link> others = links_between_others(ground);
  const double for_s_max = std::max(kFaultMinS, kFaultMaxSilents * ground.silent_s);
  std::size_t next = 0;
  for (std::size_t k = 0; k < kFaultKinds; ++k) {
    const auto kind = static_cast<FaultKind>(k);
    for (std::uint64_t i = 0; i < count[k]; ++i) {
      const FaultLots lots(seed, kind, before[k] + i);
      const bool is_far = !others.empty() && lots.share(Draw::place) >= kCoordinatorShare;
      const std::vector<Link>& links = is_far ? others : near;
      auto [from, to] = links[lots.below(Draw::link, links.size())];
      if (lots.share(Draw::turn) < 0.5) std::swap(from, to);
      dealt[next++ % dealt.size()].push_back(
          {lots.share(Draw::moment) * ground.seconds, kind, from, to,
           lots.scaled(Draw::duration, kFaultMinS, for_s_max), rule_of(lots, kind)});
    }
  }
  for (LinkFaults& faults : dealt) {
    std::stable_sort(faults.begin(), faults.end(),
                     [](const LinkFault& a, const LinkFault& b) { return a.at_s < b.at_s; });
  }
  return dealt;
}

}  // namespace pecia::apps
