// The simulator over the rules as they are: no violation, no hang, and every rule was met. `./dev
// sim` runs more seeds.

#include <fmt/format.h>

#include "apps/world/simulate.hpp"
#include "tests/catch.hpp"

using namespace pecia::world;

namespace {

constexpr std::uint64_t kSeeds = 3'000;
constexpr std::uint64_t kSeedsPerCovered = 100;  // every situation in 1 % of them

void check_clean(const Simulation& simulation, bool impure) {
  for (const Failure& failure : simulation.failures) {
    INFO(failure.violation.invariant << ": " << failure.violation.what);
    INFO(reproduce(failure, impure));
    CHECK(simulation.clean());
  }
  CHECK(simulation.seeds == kSeeds);
  for (const std::string_view situation : wanted_coverage()) {
    INFO(situation);
    const auto met = simulation.coverage.find(situation);
    CHECK((met == simulation.coverage.end() ? 0 : met->second) * kSeedsPerCovered >=
          simulation.seeds);
  }
}

}  // namespace

TEST_CASE("3,000 worlds with a pure model keep every invariant and finish") {
  const Simulation simulation = simulate(0, kSeeds, false, {});
  check_clean(simulation, false);
  CHECK(simulation.coverage.count("offer_diverged") == 0);
}

TEST_CASE("3,000 worlds with an impure model keep every invariant and finish") {
  const Simulation simulation = simulate(0, kSeeds, true, {});
  check_clean(simulation, true);
  const auto diverged = simulation.coverage.find("offer_diverged");
  REQUIRE(diverged != simulation.coverage.end());
  CHECK(diverged->second * kSeedsPerCovered >= simulation.seeds);
}

TEST_CASE("a seed is a schedule: told twice it is the same") {
  for (std::uint64_t seed = 100; seed < 110; ++seed) {
    const std::string told = tell_schedule(seed, true);
    CHECK_FALSE(told.empty());
    CHECK(told == tell_schedule(seed, true));
  }
}
