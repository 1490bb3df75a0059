#pragma once
// Any choice is correct, so the world makes any.

#include "actors/balancer/balancer.hpp"
#include "apps/world/chance.hpp"

namespace pecia::world {

class AnyBalancer : public actors::Balancer {
 public:
  explicit AnyBalancer(Chance& chance) : chance_(chance) {}

  std::string_view name() const override { return "any"; }
  std::optional<runtime::NodeBoot> choose(
      const runtime::StepName&, std::span<const actors::WorkerLoad> workers) const override {
    if (workers.empty()) return std::nullopt;
    return workers[chance_.below(workers.size())].node;
  }

 private:
  Chance& chance_;
};

}  // namespace pecia::world
