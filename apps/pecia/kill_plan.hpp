#pragma once
// When jobs are killed, and which of the kills say anything. Pure.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pecia::apps {

// A moment may fall where no job is open; for each kill that is wanted so many are drawn at most.
constexpr std::uint64_t kMomentsPerKillMax = 3;

// Moments of one job, in seconds of its working time, ascending.
using Moments = std::vector<double>;

// Moments `first` up to `first + count`, without it, of this seed: uniform over [0, seconds), dealt
// to `jobs` jobs in turn; to fewer where there are fewer moments. REQUIRES jobs > 0.
std::vector<Moments> deal_moments(std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                                  std::uint64_t jobs, double seconds);

// Moments still to draw; 0 where enough kills counted, or no more may be drawn.
std::uint64_t moments_to_draw(std::uint64_t wanted, std::uint64_t counted, std::uint64_t drawn);

// Jobs that share `more` moments behind `dealt` ones: as dense as `wanted` in `jobs` of them. At
// least 1. REQUIRES jobs > 0.
std::uint64_t jobs_to_share(std::uint64_t more, std::uint64_t dealt, std::uint64_t wanted,
                            std::uint64_t jobs);

// What a start says its journal held. Silent: a new folder, or it died before it could speak.
enum class Found : std::uint8_t { silent, open_job, finished_job };

Found read_found(std::string_view standard_error);

// Kill k met an open job where start k + 1 found one. A silent start found one where starts before
// and behind it did, for a job is opened once and ends once. Start 0 is the first; every start but
// the last was followed by a kill.
std::uint64_t count_kills(std::span<const Found> starts);

}  // namespace pecia::apps
