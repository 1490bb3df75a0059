#include "actors/cache/fetch_cost_core.hpp"

#include "tests/catch.hpp"
#include "tests/unit/cache/names.hpp"

namespace pecia::actors {
namespace {

using test::node;

constexpr SpeedGuesses kGuesses{
    .bytes_per_s = 1e6, .prefill_tokens_per_s = 100, .fetch_latency_s = 0.5};

}  // namespace

TEST_CASE("until something is measured the guesses stand") {
  const FetchCost cost(kGuesses, 4);
  CHECK(cost.fetch_s(node("a"), 2'000'000) == 2.5);
  CHECK(cost.compute_s(50) == 0.5);
}

TEST_CASE("the first measurement replaces the guess, later ones move it by a quarter") {
  FetchCost cost(kGuesses, 4);
  cost.fetched(node("a"), 4'000, 1'000);  // 4e6 bytes/s
  CHECK(cost.fetch_s(node("a"), 4'000'000) == 1.5);
  CHECK(cost.fetch_s(node("b"), 4'000'000) == 4.5);
  cost.fetched(node("a"), 8'000, 1'000);  // 8e6: the average is 5e6
  CHECK(cost.fetch_s(node("a"), 5'000'000) == 1.5);
  cost.prefilled(200, 1'000'000);
  CHECK(cost.compute_s(100) == 0.5);
  cost.prefilled(600, 1'000'000);  // the average is 300
  CHECK(cost.compute_s(300) == 1.0);
}

TEST_CASE("measurements of nothing or of no time break nothing") {
  FetchCost cost(kGuesses, 4);
  cost.fetched(node("a"), 0, 5);
  cost.prefilled(0, 0);
  CHECK(cost.fetch_s(node("a"), 1'000'000) == 1.5);
  CHECK(cost.compute_s(100) == 1.0);
  cost.fetched(node("a"), 1, 0);
  CHECK(cost.fetch_s(node("a"), 1'000'000) == 1.5);  // 1 byte in 1 us
}

TEST_CASE("a node that went down is a guess again, and no more are measured than the limit") {
  FetchCost cost(kGuesses, 2);
  for (const char* name : {"a", "b", "c"}) cost.fetched(node(name), 4'000, 1'000);
  CHECK(cost.nodes() == 2);
  CHECK(cost.fetch_s(node("c"), 1'000'000) == 1.5);
  cost.forget(node("a"));
  CHECK(cost.nodes() == 1);
  CHECK(cost.fetch_s(node("a"), 1'000'000) == 1.5);
}

}  // namespace pecia::actors
