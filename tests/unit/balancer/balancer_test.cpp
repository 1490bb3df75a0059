#include "actors/balancer/balancer.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

using namespace pecia::actors;
using pecia::runtime::NodeBoot;
using pecia::runtime::StepName;

namespace {

using Workers = std::vector<WorkerLoad>;
using Choice = std::optional<NodeBoot>;

constexpr const char* kNames[] = {"static", "least_loaded"};
constexpr int kSteps = 1'000;

std::unique_ptr<Balancer> balancer(std::string_view name) { return *make_balancer(name); }

StepName step(int number) { return {{}, std::to_string(number)}; }

Workers idle_workers(int count) {
  Workers workers;
  for (int i = 0; i < count; ++i) {
    workers.push_back({{"worker-" + std::to_string(i), 100u + i}, 16, 0, {}, false, false});
  }
  return workers;
}

// Any loads, with full and draining ones among them.
Workers random_workers(std::uint64_t seed) {
  std::uint64_t n = 0;
  const auto draw = [&](std::uint64_t bound) {
    return pecia::kernels::philox64(seed, n++, 0) % bound;
  };
  Workers workers = idle_workers(static_cast<int>(draw(9)));
  for (WorkerLoad& worker : workers) {
    worker.free_slots = static_cast<int>(draw(4));
    worker.held = static_cast<int>(draw(16));
    if (draw(2) == 0) worker.tokens_per_second = static_cast<double>(draw(100));
    worker.draining = draw(4) == 0;
    worker.has_prefix = draw(2) == 0;
  }
  return workers;
}

const WorkerLoad& load_of(const Workers& workers, const Choice& choice) {
  const auto found = std::ranges::find(workers, *choice, &WorkerLoad::node);
  REQUIRE(found != workers.end());
  return *found;
}

}  // namespace

TEST_CASE("a balancer is made by its name, another name is refused with those that are known") {
  for (const char* name : kNames) CHECK(balancer(name)->name() == name);
  const auto unknown = make_balancer("round_robin");
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().kind == pecia::kernels::ErrorKind::refuse);
  CHECK(unknown.error().message ==
        "balancer 'round_robin' is unknown; known are: static, least_loaded");
}

TEST_CASE("a choice never falls on a draining or full worker, and is made where one is neither") {
  int none = 0;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    const Workers workers = random_workers(seed);
    for (const char* name : kNames) {
      const Choice choice = balancer(name)->choose(step(1), workers);
      REQUIRE(choice.has_value() == std::ranges::any_of(workers, can_take));
      if (choice) CHECK(can_take(load_of(workers, choice)));
      none += choice ? 0 : 1;
    }
  }
  CHECK(none > 100);
}

TEST_CASE("a choice is the same whatever the order of the workers") {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    Workers workers = random_workers(seed);
    for (const char* name : kNames) {
      const Choice choice = balancer(name)->choose(step(7), workers);
      CHECK(balancer(name)->choose(step(7), workers) == choice);
      std::ranges::reverse(workers);
      CHECK(balancer(name)->choose(step(7), workers) == choice);
      if (workers.empty()) continue;
      std::ranges::rotate(workers, workers.begin() + 1);
      CHECK(balancer(name)->choose(step(7), workers) == choice);
    }
  }
}

TEST_CASE("static spreads steps evenly over idle workers, and so does a tie of least_loaded") {
  const Workers workers = idle_workers(8);
  for (const char* name : kNames) {
    INFO(name);
    std::map<NodeBoot, int> steps;
    for (int i = 1; i <= kSteps; ++i) ++steps[*balancer(name)->choose(step(i), workers)];
    REQUIRE(steps.size() == workers.size());
    for (const auto& [node, count] : steps) {
      INFO(node.node << " has " << count);
      CHECK(count > 90);
      CHECK(count < 160);
    }
  }
}

TEST_CASE("static: a worker that is lost, full or draining moves its own steps and no others") {
  const Workers all = idle_workers(8);
  Workers lost = all, full = all, draining = all;
  lost.erase(lost.begin() + 3);
  full[3].free_slots = 0;
  draining[3].draining = true;
  const auto one = balancer("static");
  std::map<NodeBoot, int> heirs;
  for (int i = 1; i <= kSteps; ++i) {
    const Choice before = one->choose(step(i), all);
    const Choice after = one->choose(step(i), lost);
    if (before == all[3].node) {
      ++heirs[*after];
    } else {
      CHECK(after == before);
    }
    CHECK(one->choose(step(i), full) == after);
    CHECK(one->choose(step(i), draining) == after);
  }
  CHECK(heirs.size() == lost.size());
}

TEST_CASE("static: a new worker takes a fair share, from everybody, and moves nothing else") {
  const Workers nine = idle_workers(9);
  const Workers eight(nine.begin(), nine.end() - 1);
  const auto one = balancer("static");
  int moved = 0;
  for (int i = 1; i <= kSteps; ++i) {
    const Choice before = one->choose(step(i), eight);
    const Choice after = one->choose(step(i), nine);
    if (after == before) continue;
    CHECK(after == nine.back().node);
    ++moved;
  }
  CHECK(moved > 80);
  CHECK(moved < 150);
}

TEST_CASE("static: a worker that came back, and a job run again, meet the same places") {
  const Workers before = idle_workers(4);
  Workers after = before;
  for (WorkerLoad& worker : after) worker.node.boot += 1'000;
  const auto one = balancer("static");
  for (int i = 1; i <= 100; ++i) {
    const Choice choice = one->choose(step(i), before);
    CHECK(one->choose(step(i), after)->node == choice->node);
    CHECK(one->choose({pecia::runtime::JobId{9}, std::to_string(i)}, before) == choice);
  }
}

TEST_CASE("static pays no heed to load as long as a slot is free") {
  Workers workers = idle_workers(4);
  const auto one = balancer("static");
  const Choice choice = one->choose(step(5), workers);
  for (WorkerLoad& worker : workers) worker.free_slots = worker.node == *choice ? 1 : 16;
  CHECK(one->choose(step(5), workers) == choice);
}

TEST_CASE("least_loaded takes the most free slots, and falls back to static among equals") {
  const auto one = balancer("least_loaded");
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    const Workers workers = random_workers(seed);
    const Choice choice = one->choose(step(3), workers);
    if (!choice) continue;
    const int most = load_of(workers, choice).free_slots;
    Workers equals;
    for (const WorkerLoad& worker : workers) {
      if (!can_take(worker)) continue;
      CHECK(worker.free_slots <= most);
      if (worker.free_slots == most) equals.push_back(worker);
    }
    CHECK(balancer("static")->choose(step(3), equals) == choice);
  }
}
