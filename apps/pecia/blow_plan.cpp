#include "apps/pecia/blow_plan.hpp"

#include <algorithm>
#include <cassert>

#include "apps/pecia/lots.hpp"

namespace pecia::apps {

namespace {

constexpr double kTwinShare = 0.25;
constexpr double kAtOnceShare = 0.5;
// Reports come every so often: a node is silent somewhat later than it was stopped.
constexpr double kZombieBeyondSilent = 1.2;
constexpr double kPauseOfSilent = 0.8;

enum class Draw : std::uint64_t { moment, node, twin, duration, at_once };

using BlowLots = Lots<Draw>;

double duration_of(const BlowLots& lots, Harm harm, double silent_s) {
  switch (harm) {
    case Harm::kill:
      if (lots.share(Draw::at_once) < kAtOnceShare) return 0;
      return lots.between(Draw::duration, 0, kRestartAfterMaxS);
    case Harm::pause:
      return lots.between(Draw::duration, 0, kPauseOfSilent * silent_s);
    case Harm::zombie:
      return lots.between(Draw::duration, kZombieBeyondSilent * silent_s,
                          std::max(kZombieMaxS, 2 * silent_s));
  }
  return 0;
}

void deal(std::vector<Blows>& dealt, Harm harm, std::uint64_t seed, std::uint64_t before,
          std::uint64_t count, const BlowGround& ground) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const BlowLots lots(seed, harm, before + i);
    Blows& job = dealt[i % dealt.size()];
    Blow blow{lots.share(Draw::moment) * ground.seconds, lots.below(Draw::node, ground.nodes), harm,
              duration_of(lots, harm, ground.silent_s)};
    const bool may_twin = harm == Harm::kill && ground.nodes > 1 && !job.empty();
    if (may_twin && lots.share(Draw::twin) < kTwinShare) {
      blow.at_s = job.back().at_s;
      blow.node = (job.back().node + 1 + lots.below(Draw::node, ground.nodes - 1)) % ground.nodes;
    }
    job.push_back(blow);
  }
}

}  // namespace

std::vector<Blows> deal_blows(std::uint64_t seed, const BlowCounts& before, const BlowCounts& count,
                              std::uint64_t jobs, const BlowGround& ground) {
  assert(jobs > 0 && ground.nodes > 0);
  std::vector<Blows> dealt(std::min(jobs, std::max({count.kills, count.zombies, count.pauses})));
  if (dealt.empty()) return dealt;
  deal(dealt, Harm::kill, seed, before.kills, count.kills, ground);
  deal(dealt, Harm::zombie, seed, before.zombies, count.zombies, ground);
  deal(dealt, Harm::pause, seed, before.pauses, count.pauses, ground);
  for (Blows& blows : dealt) {
    std::stable_sort(blows.begin(), blows.end(),
                     [](const Blow& a, const Blow& b) { return a.at_s < b.at_s; });
  }
  return dealt;
}

}  // namespace pecia::apps
