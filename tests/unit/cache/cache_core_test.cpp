#include "actors/cache/cache_core.hpp"

#include "tests/catch.hpp"
#include "tests/unit/cache/names.hpp"

namespace pecia::actors {
namespace {

using test::any_bytes;
using test::name_of;
using test::node;
using test::shared_bytes;

constexpr SpeedGuesses kGuesses{
    .bytes_per_s = 1e6, .prefill_tokens_per_s = 320, .fetch_latency_s = 0.01};
// A tenth of a second to compute; fetching takes as long at 1 MB/s.
constexpr PageCost kPage{.bytes = 100'000, .tokens = 32};

std::vector<Id> pages_1_to(std::uint64_t last) {
  std::vector<Id> names;
  for (std::uint64_t page = 1; page <= last; ++page) names.push_back(name_of(page));
  return names;
}

}  // namespace

TEST_CASE("pages kept are not fetched, and pages nobody has are computed") {
  CacheCore cache({}, kGuesses, any_bytes);
  const std::vector<Id> names = pages_1_to(4);
  cache.pages().put(names[0], std::nullopt, shared_bytes(1, 10));
  cache.pages().put(names[2], names[1], shared_bytes(3, 10));  // behind a gap
  const PagePlan plan = cache.plan(names, kPage);
  CHECK(plan.kept == 1);
  CHECK(plan.fetched == 0);
  CHECK_FALSE(plan.from);
  CHECK(plan.computed == 3);
  CHECK(cache.plan({}, kPage).computed == 0);
}

TEST_CASE("a page is fetched where that is sooner than computing it") {
  CacheCore cache({}, kGuesses, any_bytes);
  const std::vector<Id> names = pages_1_to(4);
  cache.holders().announce(node("far"), names);
  CHECK(cache.plan(names, kPage).computed == 4);    // equal speeds, and the latency on top
  cache.cost().fetched(node("far"), 2'000, 1'000);  // 2 MB/s
  const PagePlan fetch = cache.plan(names, kPage);
  CHECK(fetch.from == node("far"));
  CHECK(fetch.fetched == 4);
  CHECK(fetch.computed == 0);
  cache.cost().prefilled(3'200, 1'000'000);
  CHECK(cache.plan(names, kPage).computed == 4);  // a faster device computes
}

TEST_CASE("where both take as long, pages are computed") {
  CacheCore cache({}, {.bytes_per_s = 1e6, .prefill_tokens_per_s = 320, .fetch_latency_s = 0},
                  any_bytes);
  const std::vector<Id> names = pages_1_to(4);
  cache.holders().announce(node("near"), names);
  const PagePlan plan = cache.plan(names, kPage);
  CHECK(plan.computed == 4);
  CHECK_FALSE(plan.from);
}

TEST_CASE("of several holders the one that saves most is asked, by its run and its speed") {
  CacheCore cache({}, kGuesses, any_bytes);
  const std::vector<Id> names = pages_1_to(4);
  cache.holders().announce(node("long"), names);
  cache.holders().announce(node("short"), std::span(names).first(1));
  cache.cost().fetched(node("long"), 2'000, 1'000);
  cache.cost().fetched(node("short"), 50'000, 1'000);
  CHECK(cache.plan(names, kPage).from == node("long"));
  cache.holders().withdraw(node("long"), names[1]);
  const PagePlan plan = cache.plan(names, kPage);
  CHECK(plan.from == node("short"));
  CHECK(plan.fetched == 1);
  CHECK(plan.computed == 3);
  cache.down(node("short"));
  CHECK(cache.plan(names, kPage).from == node("long"));
}

}  // namespace pecia::actors
