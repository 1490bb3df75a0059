// What a loss must not leave behind: each of these once did.

#include "tests/unit/coordinator/coordinator_fixture.hpp"
using namespace pecia::actors;
using namespace pecia::runtime;

TEST_CASE("a step is poison after crashes_max crashes, also where that is one or two") {
  for (const int crashes_max : {1, 2}) {
    Coordinated c;
    c.limits.hedge_percent = 0;
    c.limits.crashes_max = crashes_max;
    c.begin();
    c.open_job({plan("1")});
    for (int boot = 1; boot < 9; ++boot) {
      const std::string name = "a" + std::to_string(boot);
      c.join(name);
      c.report(name);
      c.lost(name);
    }
    CHECK(c.times(CoordinatorEvent::poisoned) == 1);
  }
}

TEST_CASE("a worker that was told to drain and has not heard it is told again, and spared") {
  Coordinated c;
  c.begin();
  c.join("a1");
  c.take(c.core.on_drain(node("a1"), 500, c.now));  // lost on the way, or a report crossed it
  CHECK_FALSE(with(c.report("a1"), "a1 drain").empty());
  c.open_job({plan("1")});
  CHECK(c.core.attempts().all().empty());
}

TEST_CASE("a step that broke at one worker goes to another one that has room") {
  for (const char* balancer : {"static", "least_loaded"}) {
    Coordinated c(balancer);
    c.limits.hedge_percent = 0;
    c.begin();
    c.join("a1");
    c.join("b1");
    c.open_job({plan("1")});
    const std::string first = line(c.core.attempts().find({kTerm, 1})->node);
    const Lines orders = with(c.broke(first, BrokeKind::elsewhere), "order");
    CHECK(orders.at(0).substr(0, 2) != first);
  }
}

TEST_CASE("a job whose complete plan has no step is closed") {
  Coordinated c;
  c.begin();
  c.submit();
  c.all_durable();
  CHECK(with(c.expanded({}, true), "closed").size() == 1);
}

TEST_CASE("a worker that starts to drain is no longer the one kept free for a step") {
  Coordinated c;
  c.limits.hedge_percent = 0;
  c.begin();
  c.open_job({plan("1"), plan("2"), plan("3"), plan("4"), plan("5"), plan("6"), plan("7")});
  c.join("a1", 1);
  c.join("b1", 1);
  c.join("d1", 2);
  for (const char* name : {"a1", "a2"}) {
    c.report(name);
    c.lost(name);
    if (std::string(name) == "a1") c.join("a2", 1);
  }
  c.workers["a3"].draining = true;
  c.join("a3", 1);  // b, with one attempt, is kept free now
  c.workers["b1"].draining = true;
  c.report("b1");
  c.take(c.core.on_drain(node("b1"), 60'000, c.now));
  c.offer_end("d1", "3", 0, 3);
  CHECK(with(c.all_durable(), "order").empty());  // d is to be kept free instead
}
