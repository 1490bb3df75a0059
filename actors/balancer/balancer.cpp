#include "actors/balancer/balancer.hpp"

#include <array>
#include <string>
#include <tuple>

#include "actors/balancer/rendezvous.hpp"

namespace pecia::actors {

namespace {

using runtime::NodeBoot;
using runtime::StepName;

// The worker of the highest rank among those that can take a step. The boot stands last in a rank,
// so that it is total even where two processes claim one name.
template <class Rank>
std::optional<NodeBoot> highest(std::span<const WorkerLoad> workers, Rank rank) {
  const WorkerLoad* best = nullptr;
  for (const WorkerLoad& worker : workers) {
    if (!can_take(worker)) continue;
    if (best == nullptr || rank(*best) < rank(worker)) best = &worker;
  }
  if (best == nullptr) return std::nullopt;
  return best->node;
}

class StaticBalancer : public Balancer {
 public:
  std::string_view name() const override { return "static"; }
  std::optional<NodeBoot> choose(const StepName& step,
                                 std::span<const WorkerLoad> workers) const override {
    return highest(workers, [&](const WorkerLoad& worker) {
      return std::tuple(rendezvous_score(step, worker.node.node), worker.node.boot);
    });
  }
};

class LeastLoadedBalancer : public Balancer {
 public:
  std::string_view name() const override { return "least_loaded"; }
  std::optional<NodeBoot> choose(const StepName& step,
                                 std::span<const WorkerLoad> workers) const override {
    return highest(workers, [&](const WorkerLoad& worker) {
      return std::tuple(worker.free_slots, rendezvous_score(step, worker.node.node),
                        worker.node.boot);
    });
  }
};

template <class Kind>
std::unique_ptr<Balancer> make() {
  return std::make_unique<Kind>();
}

}  // namespace

kernels::Expected<std::unique_ptr<Balancer>> make_balancer(std::string_view name) {
  std::string known;
  for (const auto maker : std::array{&make<StaticBalancer>, &make<LeastLoadedBalancer>}) {
    std::unique_ptr<Balancer> balancer = maker();
    if (balancer->name() == name) return balancer;
    known += known.empty() ? "" : ", ";
    known += balancer->name();
  }
  return kernels::fail(kernels::ErrorKind::refuse, "balancer '{}' is unknown; known are: {}", name,
                       known);
}

}  // namespace pecia::actors
