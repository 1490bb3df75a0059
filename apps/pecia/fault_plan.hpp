#pragma once
// Which link of a cluster fails when, how, how badly and for how long: all of it follows from a
// seed. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include "apps/pecia/wire_core.hpp"

namespace pecia::apps {

enum class FaultKind : std::uint8_t {
  cut,      // nothing gets through
  one_way,  // nothing gets through one way
  delay,    // everything comes late, yet in order
  loss,     // some packets are lost
  rate,     // 10 Mbit/s each way, and what finds no room is lost
};
constexpr std::size_t kFaultKinds = 5;
constexpr std::array<std::string_view, kFaultKinds> kFaultWords = {"cut", "one_way", "delay",
                                                                   "loss", "rate"};

constexpr double kCoordinatorShare = 0.7;  // of the faults, where there are other links
constexpr double kFaultMinS = 0.2;
constexpr double kFaultMaxSilents = 8;  // times silent_s
constexpr std::uint64_t kDelayMsMin = 50, kDelayMsMax = 200;
constexpr double kLossShareMin = 0.01, kLossShareMax = 0.2;
constexpr std::uint64_t kSlowBytesPerS = 10'000'000 / 8;
constexpr std::size_t kSlowWaitingBytesMax = 64 * 1024;    // 50 ms of them
constexpr std::size_t kWaitingBytesMax = 4 * 1024 * 1024;  // of a rule that is not to lose anything

struct LinkFault {
  double at_s = 0;  // since the job was opened
  FaultKind kind = FaultKind::cut;
  std::size_t from = 0, to = 0;  // ends; one_way: nothing gets from `from` to `to`
  double for_s = 0;              // until it heals
  LinkRule rule;                 // of both ways, of one_way only of the one
  bool operator==(const LinkFault&) const = default;
};

// One number a kind.
using FaultCounts = std::array<std::uint64_t, kFaultKinds>;
inline std::uint64_t sum(const FaultCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}
// As equal as may be, the first kinds first.
FaultCounts share_faults(std::uint64_t faults);

// Where faults may fall: ends 0 to nodes - 1 are nodes, the next one is the client, which knows the
// coordinator alone.
struct FaultGround {
  double seconds = 0;     // that a job takes undisturbed
  std::size_t nodes = 1;  // of the cluster
  std::size_t coordinator = 0;
  double silent_s = 0;  // a node is taken for gone behind them
  std::size_t client() const { return nodes; }
};

// Faults of one job, ascending.
using LinkFaults = std::vector<LinkFault>;

// `count` more faults of this seed behind the first `before` of each kind, dealt to `jobs` jobs in
// turn; to fewer where there are fewer faults. Moments are uniform over [0, seconds), and links
// over those of the coordinator or over the others, which carry little; durations lie between
// kFaultMinS and kFaultMaxSilents, as many in each doubling. REQUIRES jobs > 0, nodes >
// coordinator.
std::vector<LinkFaults> deal_faults(std::uint64_t seed, const FaultCounts& before,
                                    const FaultCounts& count, std::uint64_t jobs,
                                    const FaultGround& ground);

}  // namespace pecia::apps
