#pragma once
// How long a job stood still after a blow, seen from outside: from looks at the durable tokens of
// its slices. Pure.
//
// Nobody outside knows which slices a worker held. So the stall of a struck worker is the longest
// among all slices that had begun and not ended, from the blow to the next durable token: slices of
// other workers go on within some looks, and those of the struck one come last. Another blow on the
// way makes it longer. Slices that had not begun are left out unless all are known to run at once:
// they may wait for a slot or for their input. What the worker had sent before may still become
// durable after the blow; so a slice that stands still soon after it has gone on only when that is
// over, for the last time.
//
//   blow   . . sent before    still for more than kStillMs    goes on
//   |------|--x-x-----------|-------------------------------|--x-x-x
//   '------- within kSentWithinMs -'      '--- the stall ends here
//
// The stall of a struck coordinator lasts until the first new token of any slice.
// Thread rule: one thread at a time.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pecia::apps {

struct SliceLook {
  std::uint64_t tokens = 0;  // durable
  bool ended = false;
};

enum class Struck : std::uint8_t { worker_killed, worker_stopped, coordinator_killed };

struct Stall {
  Struck struck = Struck::worker_killed;
  std::uint64_t strike = 0;
  double ms = 0;
};

// Looks so soon after the blow of a worker show nothing; no stall is measured as shorter than that.
constexpr double kUnderWayMs = 40;
constexpr double kStillMs = 60;
constexpr double kSentWithinMs = 250;

class StallMeter {
 public:
  // `all_run`: slices that had not begun were held by a worker, too.
  explicit StallMeter(bool all_run) : all_run_(all_run) {}

  // `strike` names it in stalls().
  void strike(std::uint64_t strike, Struck struck, double now_ms);
  // At all slices of the job, asked for and answered at these times.
  void look(double asked_ms, double answered_ms, std::span<const SliceLook> slices);

  // Of strikes for which any slice stood still, in the order in which they ended.
  const std::vector<Stall>& stalls() const { return stalls_; }

 private:
  struct Slice {
    bool waits = false;  // for what says how long it stood still
    std::uint64_t tokens = 0;
    double grew_ms = 0;             // the blow, or the last look that found more tokens
    std::optional<double> went_on;  // ms from the blow
  };
  struct Open {
    std::uint64_t strike = 0;
    Struck struck = Struck::worker_killed;
    double at_ms = 0;
    std::vector<Slice> slices{};  // none before the first look that counts
  };

  void take_base(Open& open, std::span<const SliceLook> looks) const;
  static void follow(Slice& slice, const SliceLook& look, const Open& open, double now_ms);
  static bool is_over(const Open& open);

  bool all_run_;
  std::vector<Open> open_;
  std::vector<Stall> stalls_;
};

// The value below which, or at which, `share` of the values lie (nearest rank); 0 for none.
double quantile(std::vector<double> values, double share);

}  // namespace pecia::apps
