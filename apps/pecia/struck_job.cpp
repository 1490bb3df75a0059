#include "apps/pecia/struck_job.hpp"

#include <algorithm>
#include <map>

#include "actors/clock_and_chance.hpp"
#include "apps/pecia/output.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr double kNearMs = 1'500;  // a node starts, catches up

double now_ms() { return static_cast<double>(actors::steady_us()) / 1e3; }

std::uint64_t& of_kind(BlowCounts& counts, Harm harm) {
  if (harm == Harm::kill) return counts.kills;
  return harm == Harm::zombie ? counts.zombies : counts.pauses;
}

const char* name_of(Harm harm) {
  if (harm == Harm::kill) return "SIGKILL";
  return harm == Harm::zombie ? "SIGSTOP (long)" : "SIGSTOP (short)";
}

}  // namespace

Status StruckJob::go_on(double now_ms) {
  if (Status healed = heal(now_ms, false); !healed) return healed;
  const auto opened_ms = static_cast<double>(watch_.opened_ms());
  while (next_ < blows_.size() && watch_.is_open() &&
         now_ms - opened_ms >= blows_[next_].at_s * 1e3 && may_strike(blows_[next_])) {
    strike(blows_[next_++]);
  }
  return {};
}

Status StruckJob::end(double now_ms) {
  for (; next_ < blows_.size(); ++next_) strikes_.push_back({blows_[next_]});
  return heal(now_ms, true);
}

// Those whose time has come, or all.
Status StruckJob::heal(double now_ms, bool all) {
  for (std::size_t i = 0; i < healing_.size(); ++i) {
    Healing& healing = healing_[i];
    if (!healing.due || (!all && now_ms < healing.at_ms)) continue;
    healing.due = false;
    NodeProcess& process = cluster_.processes()[i];
    if (process.is_stopped()) {
      process.go_on();
      strikes_[healing.strike].stopped_ms =
          now_ms - static_cast<double>(strikes_[healing.strike].at_ms);
    } else if (!process.is_there()) {
      if (Status started = process.start(); !started) return started;
    }
  }
  return {};
}

bool StruckJob::may_strike(const Blow& blow) const {
  if (healing_[blow.node].due) return true;
  const auto harmed = static_cast<std::size_t>(std::count_if(
      healing_.begin(), healing_.end(), [](const Healing& healing) { return healing.due; }));
  return harmed < kHarmedMax;
}

void StruckJob::strike(const Blow& blow) {
  NodeProcess& process = cluster_.processes()[blow.node];
  const runtime::NodeConfig& node = cluster_.node(blow.node);
  const int held = watch_.held_by(node.name);
  const bool kills = blow.harm == Harm::kill;
  const bool was_stopped = process.is_stopped();
  const double at_ms = now_ms();
  Strike strike{blow, kills ? process.kill() : process.stop(), static_cast<std::uint64_t>(at_ms)};
  strikes_.push_back(strike);
  if (!strike.met) return;
  const std::size_t number = strikes_.size() - 1;
  healing_[blow.node] = {true, now_ms() + blow.for_s * 1e3, number};
  if (node.roles.coordinator) {
    if (kills) watch_.strike(number, Struck::coordinator_killed, at_ms);
  } else if (held > 0 && !was_stopped) {
    watch_.strike(number, kills ? Struck::worker_killed : Struck::worker_stopped, at_ms);
  }
}

// No other blow fell, or still lasted, from some time before it to the end of its stall.
bool StruckJob::is_alone(const Stall& stall) const {
  const double at_ms = static_cast<double>(strikes_[stall.strike].at_ms);
  for (std::size_t i = 0; i < strikes_.size(); ++i) {
    const Strike& other = strikes_[i];
    const double other_ms = static_cast<double>(other.at_ms);
    if (i == stall.strike || !other.met || other_ms > at_ms + stall.ms) continue;
    if (other_ms + other.blow.for_s * 1e3 + kNearMs > at_ms) return false;
  }
  return true;
}

void StruckJob::count_stall(const Stall& stall) const {
  const Strike& strike = strikes_[stall.strike];
  switch (stall.struck) {
    case Struck::worker_killed:
      if (is_alone(stall)) report_.alone_stall_ms.push_back(stall.ms);
      return report_.kill_stall_ms.push_back(stall.ms);
    case Struck::coordinator_killed:
      return report_.coordinator_stall_ms.push_back(stall.ms);
    case Struck::worker_stopped:
      report_.stop_stall_ms.push_back(stall.ms);
      if (strike.blow.harm == Harm::zombie && stall.ms < strike.stopped_ms)
        ++report_.zombies_replaced;
  }
}

void StruckJob::count() const {
  const double silent_ms = static_cast<double>(cluster_.config().limits.protocol.silent_ms);
  for (const Strike& strike : strikes_) {
    const Harm harm = strike.blow.harm;
    // A zombie that was killed or let go before its time is none.
    const bool counts = strike.met && strike.at_ms < watch_.open_at_ms() &&
                        (harm != Harm::zombie || strike.stopped_ms > silent_ms);
    ++of_kind(counts ? report_.counted : report_.not_counted, harm);
    if (counts && harm == Harm::kill)
      ++report_.kills_by_role[primary_role(cluster_.node(strike.blow.node).roles)];
  }
  for (const Stall& stall : watch_.stalls()) count_stall(stall);
}

std::string StruckJob::story() const {
  std::map<std::uint64_t, double> stalls_ms;
  for (const Stall& stall : watch_.stalls()) stalls_ms[stall.strike] = stall.ms;
  std::string text = fmt::format("job {}\n", report_.jobs);
  for (std::size_t i = 0; i < strikes_.size(); ++i) {
    const Strike& strike = strikes_[i];
    const auto stall = stalls_ms.find(i);
    text += fmt::format(
        "{:>8} ms  {:<16} {:<12} for {:.0f} ms{}{}\n",
        strike.at_ms - std::min(strike.at_ms, watch_.opened_ms()), name_of(strike.blow.harm),
        cluster_.node(strike.blow.node).name, strike.blow.for_s * 1e3,
        strike.met ? "" : ", which did not meet it",
        stall == stalls_ms.end() ? "" : fmt::format(", stall {:.0f} ms", stall->second));
  }
  return text;
}

}  // namespace pecia::apps
