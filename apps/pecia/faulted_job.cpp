#include "apps/pecia/faulted_job.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr double kDeafMs = 2'000;  // a connection sends again so late after its link healed

std::string strength_of(const LinkFault& fault) {
  const LinkRule& rule = fault.rule;
  if (fault.kind == FaultKind::delay)
    return fmt::format(" {} to {} ms", rule.delay_us_min / 1'000, rule.delay_us_max / 1'000);
  if (fault.kind == FaultKind::loss) return fmt::format(" {:.1f}%", 100 * rule.loss_share);
  return "";
}

// Whichever end is named first.
bool is_same_link(const LinkFault& a, const LinkFault& b) {
  return std::minmax(a.from, a.to) == std::minmax(b.from, b.to);
}

}  // namespace

Status FaultedJob::go_on(double now_ms) {
  heal(now_ms, false);
  if (!watch_.is_open()) return {};
  const double job_ms = now_ms - static_cast<double>(watch_.opened_ms());
  const auto falls = [&](const LinkFault& fault) {
    if (job_ms < fault.at_s * 1e3 || !may_fall(fault, now_ms)) return false;
    fall(fault, now_ms);
    return true;
  };
  std::erase_if(pending_, falls);
  return {};
}

Status FaultedJob::end(double now_ms) {
  heal(now_ms, true);
  return {};
}

void FaultedJob::set_rule(const LinkFault& fault, const LinkRule& rule) {
  wire_.set_rule(fault.from, fault.to, rule);
  if (fault.kind != FaultKind::one_way) wire_.set_rule(fault.to, fault.from, rule);
}

// Those whose time has come, or all.
void FaultedJob::heal(double now_ms, bool all) {
  for (Fall& fall : fallen_) {
    if (!fall.lasts || (!all && now_ms - fall.at_ms < fall.fault.for_s * 1e3)) continue;
    fall.lasts = false;
    fall.lasted_ms = now_ms - fall.at_ms;
    set_rule(fall.fault, {});
  }
}

bool FaultedJob::is_there(std::size_t end) const {
  return is_client(end) || cluster_.processes()[end].is_there();
}

bool FaultedJob::may_fall(const LinkFault& fault, double now_ms) const {
  const auto lasting = static_cast<std::size_t>(
      std::count_if(fallen_.begin(), fallen_.end(), [](const Fall& fall) { return fall.lasts; }));
  if (lasting >= kFaultsAtOnceMax || !is_there(fault.from) || !is_there(fault.to)) return false;
  for (const Fall& fall : fallen_) {
    if (fall.lasts && is_same_link(fall.fault, fault)) return false;
  }
  const auto spoke = [&](std::size_t from, std::size_t to) {
    return now_ms - static_cast<double>(wire_.spoke_us(from, to)) / 1e3 < kSpokeMs;
  };
  return spoke(fault.from, fault.to) && spoke(fault.to, fault.from);
}

void FaultedJob::fall(const LinkFault& fault, double now_ms) {
  set_rule(fault, fault.rule);
  measure_stall(fault, now_ms);
  fallen_.push_back({fault, true, now_ms});
}

void FaultedJob::measure_stall(const LinkFault& fault, double now_ms) {
  if (is_of_client(fault)) return;
  const auto& from = cluster_.node(fault.from);
  const auto& to = cluster_.node(fault.to);
  if (from.roles.coordinator == to.roles.coordinator) return;
  const auto& worker = from.roles.coordinator ? to : from;
  if (watch_.held_by(worker.name) > 0)
    watch_.strike(fallen_.size(), Struck::worker_stopped, now_ms);
}

// By number of the fault; those during which the client heard of every token.
std::map<std::uint64_t, double> FaultedJob::stalls_ms() const {
  std::map<std::uint64_t, double> stalls_ms;
  for (const Stall& stall : watch_.stalls()) {
    const double at_ms = fallen_[stall.strike].at_ms;
    const bool is_deaf = std::any_of(fallen_.begin(), fallen_.end(), [&](const Fall& fall) {
      return is_of_client(fall.fault) && fall.at_ms < at_ms + stall.ms &&
             fall.at_ms + fall.lasted_ms + kDeafMs > at_ms;
    });
    if (!is_deaf) stalls_ms[stall.strike] = stall.ms;
  }
  return stalls_ms;
}

void FaultedJob::count() const {
  for (const Fall& fall : fallen_) {
    const auto kind = static_cast<std::size_t>(fall.fault.kind);
    const bool counts = fall.at_ms < static_cast<double>(watch_.open_at_ms());
    ++(counts ? report_.counted : report_.not_counted)[kind];
    if (!counts) continue;
    const std::string one = role_of(fall.fault.from), other = role_of(fall.fault.to);
    ++report_.faults_by_link[std::min(one, other) + "-" + std::max(one, other)];
  }
  for (const LinkFault& fault : pending_)
    ++report_.not_counted[static_cast<std::size_t>(fault.kind)];
  for (const auto& [fall, ms] : stalls_ms()) report_.stall_ms.push_back(ms);
}

std::string FaultedJob::name_of(std::size_t end) const {
  return is_client(end) ? "client" : cluster_.node(end).name;
}

std::string FaultedJob::role_of(std::size_t end) const {
  if (is_client(end)) return "client";
  return primary_role(cluster_.node(end).roles);
}

std::string FaultedJob::story() const {
  const auto stalls = stalls_ms();
  std::string text = fmt::format("job {}\n", report_.jobs);
  for (std::size_t i = 0; i < fallen_.size(); ++i) {
    const Fall& fall = fallen_[i];
    const auto stall = stalls.find(i);
    text +=
        fmt::format("{:>8.0f} ms  {}{} {} {} {} for {:.0f} ms, lasted {:.0f} ms{}\n",
                    fall.at_ms - static_cast<double>(watch_.opened_ms()),
                    kFaultWords[static_cast<std::size_t>(fall.fault.kind)], strength_of(fall.fault),
                    name_of(fall.fault.from), fall.fault.kind == FaultKind::one_way ? "to" : "and",
                    name_of(fall.fault.to), fall.fault.for_s * 1e3, fall.lasted_ms,
                    stall == stalls.end() ? "" : fmt::format(", stall {:.0f} ms", stall->second));
  }
  for (const LinkFault& fault : pending_) {
    text += fmt::format("   never     {} {} and {}\n",
                        kFaultWords[static_cast<std::size_t>(fault.kind)], name_of(fault.from),
                        name_of(fault.to));
  }
  return text;
}

}  // namespace pecia::apps
