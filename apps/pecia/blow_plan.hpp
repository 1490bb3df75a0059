#pragma once
// Which node of a cluster is struck when, how, and for how long: all of it follows from a seed.
// Pure.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pecia::apps {

enum class Harm : std::uint8_t {
  kill,    // SIGKILL, and started again after a while
  pause,   // SIGSTOP, and SIGCONT before anybody takes it for gone
  zombie,  // SIGSTOP, and SIGCONT once it was taken for gone
};

struct Blow {
  double at_s = 0;       // since the job was opened
  std::size_t node = 0;  // its index
  Harm harm = Harm::kill;
  double for_s = 0;  // until it is started again, or goes on
  bool operator==(const Blow&) const = default;
};

struct BlowCounts {
  std::uint64_t kills = 0, zombies = 0, pauses = 0;
  std::uint64_t sum() const { return kills + zombies + pauses; }
};

// Where blows may fall.
struct BlowGround {
  double seconds = 0;     // that a job takes undisturbed
  std::size_t nodes = 1;  // of the cluster
  double silent_s = 0;    // a node is taken for gone behind them
};

constexpr double kRestartAfterMaxS = 0.5;
constexpr double kZombieMaxS = 3.0;  // or twice silent_s, where that is longer

// Blows of one job, ascending.
using Blows = std::vector<Blow>;

// `count` more blows of this seed behind the first `before` of each kind, dealt to `jobs` jobs in
// turn; to fewer where there are fewer blows. Moments are uniform over [0, seconds), but for a
// quarter of the kills, which fall at the moment of another one of their job, on another node. Half
// of the killed nodes are started again at once. REQUIRES jobs > 0, nodes > 0.
std::vector<Blows> deal_blows(std::uint64_t seed, const BlowCounts& before, const BlowCounts& count,
                              std::uint64_t jobs, const BlowGround& ground);

}  // namespace pecia::apps
