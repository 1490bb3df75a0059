#include "apps/pecia/kill_plan.hpp"

#include <algorithm>
#include <cassert>

#include "kernels/base/philox.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::uint64_t kMomentDraw = 0;  // the one draw at each position of the generator
constexpr std::string_view kSaysOpen = "going on with the job";
constexpr std::string_view kSaysFinished = "the job is finished";

}  // namespace

std::vector<Moments> deal_moments(std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                                  std::uint64_t jobs, double seconds) {
  assert(jobs > 0 && seconds >= 0);
  std::vector<Moments> dealt(std::min(jobs, count));
  for (std::uint64_t i = 0; i < count; ++i) {
    const double share = unit_double(philox64(seed, first + i, kMomentDraw));
    dealt[i % dealt.size()].push_back(share * seconds);
  }
  for (Moments& moments : dealt) std::sort(moments.begin(), moments.end());
  return dealt;
}

std::uint64_t moments_to_draw(std::uint64_t wanted, std::uint64_t counted, std::uint64_t drawn) {
  const std::uint64_t drawn_max = kMomentsPerKillMax * wanted;
  assert(drawn <= drawn_max && counted <= drawn);
  return counted >= wanted ? 0 : std::min(wanted - counted, drawn_max - drawn);
}

std::uint64_t jobs_to_share(std::uint64_t more, std::uint64_t dealt, std::uint64_t wanted,
                            std::uint64_t jobs) {
  assert(jobs > 0);
  const std::uint64_t of_a_job = std::max<std::uint64_t>(1, wanted / jobs);
  return dealt == 0 ? jobs : std::max<std::uint64_t>(1, (more + of_a_job - 1) / of_a_job);
}

Found read_found(std::string_view standard_error) {
  // Only whole lines: a kill may cut one.
  const std::string_view lines = standard_error.substr(0, standard_error.rfind('\n') + 1);
  if (lines.find(kSaysOpen) != lines.npos) return Found::open_job;
  return lines.find(kSaysFinished) != lines.npos ? Found::finished_job : Found::silent;
}

std::uint64_t count_kills(std::span<const Found> starts) {
  if (starts.empty()) return 0;
  const auto first = std::find(starts.begin() + 1, starts.end(), Found::open_job);
  if (first == starts.end()) return 0;
  const auto last = std::find(starts.rbegin(), starts.rend(), Found::open_job).base();
  return static_cast<std::uint64_t>(last - first);
}

}  // namespace pecia::apps
