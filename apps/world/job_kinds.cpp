#include "apps/world/job_kinds.hpp"

#include <algorithm>
#include <cassert>
#include <string>

namespace pecia::world {

using namespace runtime;

namespace {

constexpr std::size_t kSpecBytes = 6;
constexpr int kWaveSteps = 2;

PlannedStep planned_step(const JobPlan& plan, int number) {
  PlannedStep step;
  step.path = std::to_string(number);
  step.tokens_max = plan.tokens_max;
  step.prompt = TokenIds(static_cast<std::size_t>(3 + number), number);
  if (plan.shape == PlanShape::chain && number > 1) step.inputs = {std::to_string(number - 1)};
  if (plan.shape == PlanShape::waves && number > kWaveSteps)
    step.inputs = {"1", std::to_string(kWaveSteps)};
  return step;
}

}  // namespace

bool JobKind::kills(std::string_view path, std::size_t position) const {
  return plan.poison_step > 0 && path == std::to_string(plan.poison_step) && position == 0;
}

bool JobKind::breaks(std::string_view path) const {
  return plan.broken_step > 0 && path == std::to_string(plan.broken_step);
}

std::vector<std::byte> write_spec(const JobPlan& plan) {
  const auto byte = [](int value) { return static_cast<std::byte>(value); };
  return {byte(static_cast<int>(plan.shape)),
          byte(plan.steps),
          byte(plan.tokens_max),
          byte(plan.poison_step),
          byte(plan.broken_step),
          byte(plan.unplannable)};
}

JobKind read_spec(std::span<const std::byte> spec) {
  assert(spec.size() == kSpecBytes);
  const auto value = [&](std::size_t at) { return std::to_integer<int>(spec[at]); };
  JobKind kind;
  kind.plan.shape = static_cast<PlanShape>(value(0));
  kind.plan.steps = value(1);
  kind.plan.tokens_max = value(2);
  kind.plan.poison_step = value(3);
  kind.plan.broken_step = value(4);
  kind.plan.unplannable = value(5) != 0;
  return kind;
}

// A chain is planned link by link, waves in two parts, so that planning meets every fault.
actors::Expanded expand(const JobId& job, std::span<const std::byte> spec,
                        std::size_t steps_ended) {
  const JobPlan plan = read_spec(spec).plan;
  actors::Expanded expanded{job, steps_ended, {}, false, {}};
  if (plan.unplannable) {
    expanded.failure = "the outline has no sections";
    return expanded;
  }
  int steps = plan.steps;
  if (plan.shape == PlanShape::chain) steps = std::min(steps, static_cast<int>(steps_ended) + 1);
  if (plan.shape == PlanShape::waves && static_cast<int>(steps_ended) < std::min(steps, kWaveSteps))
    steps = std::min(steps, kWaveSteps);
  for (int number = 1; number <= steps; ++number)
    expanded.steps.push_back(planned_step(plan, number));
  expanded.complete = steps == plan.steps;
  return expanded;
}

}  // namespace pecia::world
