// Orders, terms, drops, drains: which attempts a worker holds.

#include "tests/unit/worker/worker_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

TEST_CASE("the first word of a worker is a report") {
  ProtocolLimits limits;
  WorkerCore core(limits, {"a", 1}, kSlots, 0);
  CHECK(core.on_tick(10'000).empty());
  const WorkerEffects effects = core.on_link_up(10'000);
  REQUIRE(effects.size() == 1);
  const auto& report = std::get<Report>(std::get<ToCoordinatorEffect>(effects[0]).message);
  CHECK(report == Report{0, {"a", 1}, kSlots, false, {}});
}

TEST_CASE("an order is reported at once, and only then started") {
  Working w;
  CHECK(w.order(1, "1") == Lines{"report 2.1 has 0 committed 0, free 1", "start 1 from 0"});
  CHECK(w.core.held() == 1);
}

TEST_CASE("an order goes on behind its committed tokens") {
  Working w;
  CHECK(w.order(1, "1", 3) == Lines{"report 2.1 has 3 committed 3, free 1", "start 1 from 3"});
  w.generated(1, 3, 5);
  CHECK(w.offered() == Lines{"offer 2.1 from 3 +2"});
}

TEST_CASE("a report tells for each attempt how far it is and the chain at what is committed") {
  Working w;
  w.order(1, "1");
  w.core.on_prefilled(1, 3);
  w.generated(1, 0, 3);
  w.committed(1, 2);
  w.now_ms += w.limits.report_ms;
  const WorkerEffects effects = w.core.on_tick(w.now_ms);
  const auto& report = std::get<Report>(std::get<ToCoordinatorEffect>(effects.at(0)).message);
  const HeldAttempt held{{2, 1}, {kJob, "1"}, 3, 2, chain_at("1", 2), 3};
  CHECK(report == Report{2, {"a", 1}, 1, false, {held}});
}

TEST_CASE("a worker reports every report_ms") {
  Working w;
  CHECK(w.pass(w.limits.report_ms - 1).empty());
  CHECK(w.pass(1) == Lines{"report free 2"});
  CHECK(w.pass(w.limits.report_ms - 1).empty());
  CHECK(w.pass(1) == Lines{"report free 2"});
}

TEST_CASE("a coordinator of a lower term than the one seen is ignored") {
  Working w(3);
  w.order(1, "1");
  w.term = 2;
  CHECK(w.order(9, "2").empty());
  CHECK(w.drain(100).empty());
  CHECK(w.hear(Drop{2, {3, 1}}).empty());
  CHECK(w.hear(Committed{2, {3, 1}, 1}).empty());
  CHECK(w.core.held() == 1);
  CHECK(w.core.term_seen() == 3);
  CHECK(w.times(WorkerEvent::stale_term) == 4);
}

TEST_CASE("a stale coordinator does not keep an orphan's attempts") {
  Working w(3);
  w.order(1, "1");
  w.now_ms += w.limits.orphan_ms;
  w.term = 2;
  w.drain(100);
  CHECK(w.pass(1).front() == "end 1");
}

TEST_CASE("an order that is repeated starts nothing") {
  Working w;
  w.order(1, "1");
  CHECK(w.order(1, "1").empty());
  CHECK(w.times(WorkerEvent::order_repeated) == 1);
}

TEST_CASE("an order without a free slot is refused") {
  Working w;
  w.order(1, "1");
  w.order(2, "2");
  CHECK(w.order(3, "3").empty());
  CHECK(w.times(WorkerEvent::order_refused) == 1);
  w.dropped(1);
  CHECK(w.order(3, "3").size() == 2);
}

TEST_CASE("an order that was overtaken by a later one of its step is refused") {
  Working w;
  w.order(5, "1");
  CHECK(w.order(4, "1").empty());
  CHECK(w.times(WorkerEvent::order_refused) == 1);
  CHECK(w.core.held() == 1);
}

TEST_CASE("a later order of a held step keeps the engine's state where the chain agrees") {
  Working w;
  w.order(1, "1");
  w.generated(1, 0, 3);
  w.offered();
  CHECK(w.order(2, "1", 2).empty());  // no run is started or ended
  CHECK(w.times(WorkerEvent::taken_over) == 1);
  CHECK(w.core.held() == 1);
  w.generated(1, 3, 4);
  CHECK(w.offered() == Lines{"offer 2.2 from 2 +2"});
}

TEST_CASE("a step is taken over from a coordinator before this one, at full slots too") {
  Working w;
  w.order(1, "1");
  w.order(2, "2");
  w.generated(1, 0, 3);
  w.term = 3;
  CHECK(w.order(1, "1", 3).empty());
  CHECK(w.times(WorkerEvent::taken_over) == 1);
  CHECK(w.core.held() == 2);
}

TEST_CASE("a step that was generated to its end is offered with its end by whoever takes over") {
  Working w;
  w.order(1, "1");
  w.generated(1, 0, 3, true);
  w.offered();
  w.order(2, "1", 3);
  CHECK(w.offered() == Lines{"offer 2.2 from 3 +0 end"});
}

TEST_CASE("a later order of a held step with another chain starts anew") {
  Working w;
  w.order(1, "1");
  w.generated(1, 0, 3);
  Order other = w.order_of(2, "1", 2);
  other.committed[1] = 9;
  CHECK(w.hear(other) == Lines{"end 1", "report 2.2 has 2 committed 2, free 1", "start 2 from 2"});
}

TEST_CASE("a later order of a held step starts anew where more is committed than was generated") {
  Working w;
  w.order(1, "1");
  w.generated(1, 0, 3);
  CHECK(w.order(2, "1", 4) ==
        Lines{"end 1", "report 2.2 has 4 committed 4, free 1", "start 2 from 4"});
}

TEST_CASE("a later order of a held step with another input starts anew") {
  Working w;
  w.order(1, "1");
  Order other = w.order_of(2, "1", 0);
  other.input = Id{9};
  CHECK(w.hear(other).front() == "end 1");
}

TEST_CASE("a drop ends the run at once, and tokens that it still brings are nobody's") {
  Working w;
  w.order(1, "1");
  w.generated(1, 0, 2);
  CHECK(w.dropped(1) == Lines{"end 1"});
  CHECK(w.dropped(1).empty());
  CHECK(w.generated(1, 2, 3).empty());
  CHECK(w.offered().empty());
  CHECK(w.core.held() == 0);
}

TEST_CASE("a draining worker says so, takes no order, and drops the rest at its deadline") {
  Working w;
  w.order(1, "1");
  CHECK(w.drain(1'000) == Lines{"report 2.1 has 0 committed 0, free 0 draining"});
  CHECK(w.order(2, "2").empty());
  CHECK(w.order(3, "1").empty());  // nor does it take over
  w.generated(1, 0, 2);
  CHECK(w.offered() == Lines{"offer 2.1 from 0 +2"});
  CHECK(with_runs(w.pass(999)).empty());
  CHECK(with_runs(w.pass(1)) == Lines{"end 1"});
  CHECK(w.times(WorkerEvent::drained) == 1);
  CHECK(w.core.held() == 0);
}

TEST_CASE("a drain that is repeated does not put off the deadline") {
  Working w;
  w.order(1, "1");
  w.drain(1'000);
  w.now_ms += 900;
  w.drain(1'000);
  CHECK(with_runs(w.pass(100)) == Lines{"end 1"});
}

TEST_CASE("without a coordinator for orphan_ms a worker drops everything") {
  Working w;
  w.order(1, "1");
  w.order(2, "2");
  CHECK(with_runs(w.pass(w.limits.orphan_ms)).empty());
  CHECK(with_runs(w.pass(1)) == Lines{"end 1", "end 2"});
  CHECK(w.times(WorkerEvent::orphaned) == 1);
}

TEST_CASE("a word of the coordinator, or a new link, keeps what a worker holds") {
  Working w;
  w.order(1, "1");
  w.now_ms += w.limits.orphan_ms;
  w.committed(1, 0);
  CHECK(with_runs(w.pass(w.limits.orphan_ms)).empty());
  w.core.on_link_up(w.now_ms);
  CHECK(with_runs(w.pass(w.limits.orphan_ms)).empty());
}

TEST_CASE("an engine that breaks is told, and the attempt is gone") {
  Working w;
  w.order(1, "1");
  w.order(2, "2");
  CHECK(w.take(w.core.on_failed(1, BrokeKind::content, "too long")) == Lines{"broke 2.1 content"});
  CHECK(w.take(w.core.on_failed(2, BrokeKind::elsewhere, "memory")) ==
        Lines{"broke 2.2 elsewhere"});
  CHECK(w.take(w.core.on_failed(2, BrokeKind::elsewhere, "memory")).empty());
  CHECK(w.core.held() == 0);
}

TEST_CASE("a step that has all its tokens already is offered as an end alone") {
  Working w;
  w.order(1, "1", 3);
  w.take(w.core.on_ended(1, OfferEnd{}));
  CHECK(w.offered() == Lines{"offer 2.1 from 3 +0 end"});
  w.dropped(1);
  CHECK(w.core.on_ended(1, OfferEnd{}).empty());  // dropped while the engine was at it
}
