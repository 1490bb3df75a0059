// Every broken rule is noticed: with the mutant selected, some seed of 3,000 violates an invariant
// or hangs. This program alone has the mutants compiled in.

#include "actors/mutants.hpp"

#include "apps/world/simulate.hpp"
#include "tests/catch.hpp"

using namespace pecia;
using namespace pecia::world;

namespace {

constexpr std::uint64_t kSeedsMax = 3'000;

struct SelectMutant {
  explicit SelectMutant(actors::Mutant mutant) { actors::selected_mutant = mutant; }
  ~SelectMutant() { actors::selected_mutant = actors::Mutant::none; }
};

// The first seed that shows it.
std::optional<Failure> caught(actors::Mutant mutant, bool impure) {
  const SelectMutant selected(mutant);
  const Simulation simulation =
      simulate(0, kSeedsMax, impure, [](const Simulation& each) { return each.clean(); });
  if (simulation.clean()) return std::nullopt;
  return simulation.failures.front();
}

}  // namespace

TEST_CASE("every mutant of the rules is caught within 3,000 seeds") {
  for (const actors::NamedMutant& each : actors::kMutants) {
    std::optional<Failure> failure = caught(each.mutant, true);
    if (!failure) failure = caught(each.mutant, false);
    INFO(each.name);
    CHECK(failure.has_value());
    if (failure)
      WARN(each.name << ": seed " << failure->seed << ", " << failure->violation.invariant << ": "
                     << failure->violation.what);
  }
}

TEST_CASE("without a mutant the same program finds nothing") {
  CHECK(simulate(0, 300, true, {}).clean());
  CHECK(simulate(0, 300, false, {}).clean());
}
