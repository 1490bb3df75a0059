// One job, one plan: whenever the slicer is asked, however often, whatever it was before and in
// whatever order the slices ended.

#include <algorithm>
#include <random>

#include "tests/unit/slicer/slicer_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

using Plan = std::map<std::string, PlannedStep>;

// What a slicer with no past says after the same records.
Expanded answer_from_scratch(const Slicing& s, const JobSpec& spec) {
  Slicing anew(spec);
  for (std::size_t i = 1; i < s.journal.size(); ++i) anew.tell(s.journal[i]);
  anew.ended = s.ended;
  return anew.expanded();
}

// Writes the whole job, its slices in a random order, the slicer asked at random moments. Every
// answer is compared with that of a slicer that starts over the same journal.
Plan plan_in_some_order(const JobSpec& spec, unsigned seed) {
  std::mt19937 random(seed);
  Slicing s(spec);
  Plan plan;
  std::vector<std::string> open;
  while (!s.complete || !open.empty()) {
    if (open.empty() || random() % 2 == 0) {
      const Expanded answer = s.expanded();
      REQUIRE(answer == answer_from_scratch(s, spec));
      REQUIRE(answer == s.expanded());
      REQUIRE(answer.failure.empty());
      REQUIRE((!answer.steps.empty() || answer.complete || !open.empty()));
      for (const PlannedStep& step : answer.steps) {
        REQUIRE(plan.emplace(step.path, step).second);
        open.push_back(step.path);
      }
      if (!answer.steps.empty()) s.plan(answer.steps);
      s.complete = answer.complete;
    } else {
      std::swap(open[random() % open.size()], open.back());
      s.write(open.back(), bytes_of(text_of_slice(open.back())));
      s.end(open.back());
      open.pop_back();
    }
  }
  CHECK(s.core.tokens_kept() == 0);
  return plan;
}

}  // namespace

TEST_CASE("the plan of a job is the same at any moment, after any start, in any order of ends") {
  for (const ContextMode context : {ContextMode::none, ContextMode::direct, ContextMode::summary}) {
    const JobSpec spec = spec_of(11, context);
    const Plan plan = plan_in_some_order(spec, 0);
    CHECK(plan.size() == 11);
    for (unsigned seed = 1; seed < 12; ++seed) {
      INFO("context " << static_cast<int>(context) << ", seed " << seed);
      CHECK(plan_in_some_order(spec, seed) == plan);
    }
  }
}
