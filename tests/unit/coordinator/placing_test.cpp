// Which steps are ordered, where, with what; hedges and draining workers.

#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

// After so long without progress an attempt is slow, and may be hedged.
std::uint64_t slow_ms(const Coordinated& c) {
  return c.limits.stall_ms * static_cast<std::uint64_t>(c.limits.hedge_after_percent) / 100;
}

}  // namespace

TEST_CASE("an order carries all that a worker needs") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.workers["a1"].slots = 1;
  const Effects effects = c.core.on_report(c.report_of("a1"), c.now);
  const Order& order = std::get<Order>(std::get<ToNode>(effects.at(0)).message);
  CHECK(order.term == kTerm);
  CHECK((order.spec == opened().spec && order.seed == opened().seed));
  CHECK((order.model == opened().model && order.numerics == opened().numerics));
  CHECK((order.prompt == plan("1").prompt && order.tokens_max == plan("1").tokens_max));
  CHECK(order.input == input_of(c.core.book().find(kJob)->opened, plan("1")));
  CHECK_FALSE(order.alone);
}

TEST_CASE("an order carries the durable tokens and none that are pending") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  c.offer("a1", "1", 0, 2);
  c.durable();
  c.offer("a1", "1", 2, 5);
  c.lost("a1");
  c.workers["b1"].slots = 1;
  const Effects effects = c.core.on_report(c.report_of("b1"), c.now);
  const Order& order = std::get<Order>(std::get<ToNode>(effects.at(0)).message);
  CHECK(order.committed == text(0, 2));
  CHECK(c.step("1").recorded() == 5);
}

TEST_CASE("a step is not ordered before its plan is durable") {
  Coordinated c;
  c.begin();
  c.submit();
  c.durable();
  c.join("a1");
  CHECK(c.expanded({plan("1")}) == Lines{"append 2: planned 1"});
  CHECK(c.pass(500).empty());
  CHECK(c.durable() == Lines{"follow planned 1", "a1 order 2.1 step 1 from 0"});
}

TEST_CASE("a step waits until all of its inputs have ended, durably") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1"), plan("2"), plan("3", {"1", "2"})});
  CHECK(c.join("a1") == Lines{"a1 order 2.1 step 1 from 0", "a1 order 2.2 step 2 from 0"});
  c.offer_end("a1", "1", 0, 3);
  CHECK(with(c.durable(), "order").empty());
  CHECK(with(c.offer_end("a1", "2", 0, 3), "order").empty());
  CHECK(with(c.durable(), "order") == Lines{"a1 order 2.3 step 3 from 0"});
}

TEST_CASE("steps are ordered as they stand in the document, older jobs first") {
  Coordinated c;
  c.begin();
  c.open_job({plan("10"), plan("2"), plan("2.1")}, JobId{2});
  c.open_job({plan("1")});
  CHECK(with(c.join("a1"), "order") ==
        Lines{"a1 order 2.1 step job2/2 from 0", "a1 order 2.2 step job2/2.1 from 0",
              "a1 order 2.3 step job2/10 from 0", "a1 order 2.4 step 1 from 0"});
}

TEST_CASE("a worker is given no more attempts than it has slots, nor than the limit allows") {
  Coordinated c;
  c.limits.slots = 3;
  c.begin();
  c.open_job({plan("1"), plan("2"), plan("3"), plan("4"), plan("5"), plan("6")});
  CHECK(with(c.join("a1", 2), "order").size() == 2);
  CHECK(with(c.join("b1", 9), "order").size() == 3);
  CHECK(with(c.pass(500), "order").empty());
  c.offer_end("a1", "1", 0, 3);
  CHECK(with(c.durable(), "order") == Lines{"a1 order 2.6 step 6 from 0"});
}

TEST_CASE("a worker without a free slot gets nothing") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  CHECK(c.join("a1", 0).empty());
  c.workers["a1"].slots = 1;
  CHECK(c.report("a1") == Lines{"a1 order 2.1 step 1 from 0"});
}

TEST_CASE("a draining worker is told so, gets nothing new, and its steps go on elsewhere") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1"), plan("2")});
  c.join("a1", 1);
  CHECK(c.take(c.core.on_drain(node("a1"), 500, c.now)) == Lines{"a1 drain 500"});
  c.workers["a1"].draining = true;
  c.workers["a1"].slots = 4;
  CHECK(c.pass(c.limits.order_ms).empty());
  c.workers["a1"].held.clear();  // its time was over
  CHECK(c.report("a1") == Lines{"a1 drop 2.1"});
  CHECK(c.times(CoordinatorEvent::closed_drained) == 1);
  CHECK(with(c.join("b1"), "order").size() == 2);
}

TEST_CASE("a worker is spared from the moment on in which it is told to drain") {
  Coordinated c;
  c.begin();
  c.join("a1");
  c.take(c.core.on_drain(node("a1"), 500, c.now));
  c.open_job({plan("1")});
  CHECK(c.core.attempts().all().empty());
}

TEST_CASE("a drain of a worker that is not there is no message") {
  Coordinated c;
  c.begin();
  c.join("a1");
  CHECK(c.take(c.core.on_drain(node("b1"), 500, c.now)).empty());
  CHECK(c.take(c.core.on_drain(node("a2"), 500, c.now)).empty());
}

TEST_CASE("a slow step is tried a second time at another worker, and never a third time") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  c.join("b1");
  c.join("d1");
  const std::string first = line(c.core.attempts().find({kTerm, 1})->node);
  CHECK(with(c.pass(slow_ms(c)), "order").empty());
  const Lines hedges = with(c.pass(500), "order");
  REQUIRE(hedges.size() == 1);
  CHECK(hedges[0].substr(2) == " order 2.2 step 1 from 0");
  CHECK(hedges[0].substr(0, 2) != first);
  CHECK(c.times(CoordinatorEvent::hedged) == 1);
}

TEST_CASE("no second attempt is made where no other worker has a slot") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  CHECK(c.pass(c.limits.stall_ms).empty());
}

TEST_CASE("an attempt that makes progress is not hedged") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  c.workers["b1"].slots = 1;
  for (std::uint64_t i = 0; i < 10; ++i) {
    c.pass(slow_ms(c) / 2);
    c.offer("a1", "1", i, i + 1);
    c.all_durable();
  }
  CHECK(c.times(CoordinatorEvent::hedged) == 0);
}

TEST_CASE("hedges stay within their share of the open attempts") {
  Coordinated c;
  c.limits.hedge_percent = 20;
  c.begin();
  std::vector<PlannedStep> steps;
  for (int i = 1; i <= 10; ++i) steps.push_back(plan(std::to_string(i)));
  c.open_job(steps);
  c.join("a1", 10);
  c.join("b1", 10);
  c.pass(slow_ms(c) + 500);
  CHECK(c.times(CoordinatorEvent::hedged) == 3);  // 20 % of 10 and the first two, rounded up
  CHECK(c.core.attempts().hedges() == 3);
}

TEST_CASE("a hedge budget of nothing hedges nothing") {
  Coordinated c;
  c.limits.hedge_percent = 0;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  c.join("b1");
  CHECK(with(c.pass(c.limits.stall_ms), "order").empty());
}

TEST_CASE("either of two attempts at a step may bring the next tokens, and the end closes both") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  c.join("b1");
  c.pass(slow_ms(c) + 500);
  REQUIRE(c.core.attempts().count_of({kJob, "1"}) == 2);
  c.offer("a1", "1", 0, 2);
  CHECK(c.offer("b1", "1", 0, 3) == Lines{"append 4: tokens 1 from 2 +1"});
  CHECK(c.offer_end("a1", "1", 2, 4) == Lines{"append 5: tokens 1 from 3 +1, ended 1 at 4"});
  CHECK(with(c.all_durable(), "drop").size() == 2);
  CHECK(c.core.attempts().hedges() == 0);
}
