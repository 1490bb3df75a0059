// Attempts that are lost, stalled or broken, and workers that are gone.

#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

TEST_CASE("an attempt that its worker does not hold is lost, but not before order_ms") {
  Placed c;
  c.workers["a1"].held.clear();  // the order was lost
  CHECK(c.pass(c.limits.order_ms - 1).empty());
  CHECK(c.pass(1) == Lines{"a1 drop 2.1", "a1 order 2.2 step 1 from 0"});
  CHECK(c.times(CoordinatorEvent::closed_lost) == 1);
}

TEST_CASE("an attempt that its worker holds stays open") {
  Placed c;
  CHECK(c.pass(c.limits.order_ms + 500).empty());
  CHECK(c.core.attempts().find({kTerm, 1})->held);
}

TEST_CASE("what a worker holds and the coordinator has closed is dropped at every report") {
  Placed c;
  c.workers["a1"].held.push_back({{kTerm, 9}, {kJob, "1"}, 0, 0, {}, 0});
  const Report report = c.report_of("a1");
  CHECK(c.take(c.core.on_report(report, c.now)) == Lines{"a1 drop 2.9"});
  CHECK(c.take(c.core.on_report(report, c.now)) == Lines{"a1 drop 2.9"});
}

TEST_CASE("the worker that goes silent loses its attempts, and they are placed elsewhere") {
  Placed c;
  c.join("b1");
  c.workers.erase("a1");
  CHECK(c.pass(c.limits.silent_ms).empty());
  CHECK(c.pass(c.limits.report_ms) == Lines{"b1 order 2.2 step 1 from 0"});
  CHECK(c.times(CoordinatorEvent::worker_silent) == 1);
}

TEST_CASE("nobody was silent while the coordinator's own loop stood still") {
  Placed c;
  c.workers.erase("a1");
  c.wait(60'000);
  CHECK(c.tick().empty());
  CHECK(c.times(CoordinatorEvent::loop_stood_still) == 1);
  CHECK(c.core.attempts().all().size() == 1);
  c.pass(c.limits.silent_ms + c.limits.report_ms);
  CHECK(c.core.attempts().all().empty());
}

TEST_CASE("the attempts of a worker whose link is down are lost at once, without a message") {
  Placed c;
  CHECK(c.lost("a1").empty());
  CHECK(c.times(CoordinatorEvent::closed_lost) == 1);
  CHECK(c.join("b1") == Lines{"b1 order 2.2 step 1 from 0"});
  CHECK(c.lost("a1").empty());
  CHECK(c.times(CoordinatorEvent::worker_lost) == 1);
}

TEST_CASE("a worker that was lost and lives has to drop what it held") {
  Placed c;
  const auto before = c.workers["a1"];
  c.lost("a1");
  c.join("b1");
  c.workers["a1"] = before;
  CHECK(c.report("a1") == Lines{"a1 drop 2.1"});
}

TEST_CASE("an attempt without a durable token for stall_ms is stalled and placed again") {
  Placed c;
  CHECK(c.pass(c.limits.stall_ms).empty());
  CHECK(c.pass(250) == Lines{"a1 drop 2.1", "a1 order 2.2 step 1 from 0"});
  CHECK(c.times(CoordinatorEvent::closed_stalled) == 1);
}

TEST_CASE("a worker whose attempts stall is given twice as long each time, until one moves") {
  Placed c;
  c.pass(c.limits.stall_ms + 250);
  CHECK(c.times(CoordinatorEvent::closed_stalled) == 1);
  CHECK(c.pass(2 * c.limits.stall_ms).empty());
  CHECK(with(c.pass(250), "order") == Lines{"a1 order 2.3 step 1 from 0"});
  CHECK(c.pass(4 * c.limits.stall_ms).empty());
  // Whoever else comes has not stalled.
  c.lost("a1");
  CHECK(with(c.join("b1"), "order").size() == 1);
  CHECK(with(c.pass(c.limits.stall_ms + 250), "b1 order").size() == 1);
}

TEST_CASE("a slow worker's pace is expected of its next attempts too") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1"), plan("2", {"1"})});
  c.join("a1");
  c.pass(c.limits.stall_ms);
  c.offer_end("a1", "1", 0, 1);
  CHECK(with(c.durable(), "order").size() == 1);
  CHECK(with(c.pass(c.limits.stall_factor * c.limits.stall_ms), "order").empty());
}

TEST_CASE("durable tokens start the progress timer anew") {
  Placed c;
  c.pass(c.limits.stall_ms);
  c.offer("a1", "1", 0, 1);
  c.durable();
  CHECK(c.pass(c.limits.stall_ms).empty());
}

TEST_CASE("a prefill tick starts the progress timer anew, and the same tick told again does not") {
  Placed c;
  c.pass(c.limits.stall_ms - 250);
  c.workers["a1"].held[0].prefilled = 2;
  c.report("a1");
  const Attempt& attempt = *c.core.attempts().find({kTerm, 1});
  const std::uint64_t armed_ms = attempt.armed_ms;
  CHECK(armed_ms == c.now.mono_ms);
  c.pass(500);
  CHECK(attempt.armed_ms == armed_ms);
}

TEST_CASE("offers that bring nothing new do not keep an attempt alive") {
  Placed c;
  c.offer("a1", "1", 0, 1);
  c.durable();
  for (int i = 0; i < 8; ++i) {
    c.pass(250);
    c.offer("a1", "1", 0, 1);
  }
  CHECK(c.pass(250) == Lines{"a1 drop 2.1", "a1 order 2.2 step 1 from 1"});
}

TEST_CASE("an attempt that is slow by its own pace is given stall_factor times that pace") {
  Placed c;
  c.pass(c.limits.stall_ms);
  c.offer("a1", "1", 0, 1);
  c.durable();
  CHECK(c.pass(c.limits.stall_factor * c.limits.stall_ms).empty());
  CHECK(with(c.pass(250), "drop").size() == 1);
}

TEST_CASE("a step that broke at the only worker is placed there again after a rest") {
  Placed c;
  CHECK(with(c.broke("a1", BrokeKind::elsewhere), "order").empty());
  CHECK(with(c.pass(c.limits.order_ms), "step 1 from 0").size() == 1);
  CHECK(c.times(CoordinatorEvent::broke_elsewhere) == 1);
  CHECK(c.times(CoordinatorEvent::closed_lost) == 1);
}

TEST_CASE("content that breaks an engine breaks every engine: the job fails with its words") {
  Placed c;
  CHECK(c.broke("a1", BrokeKind::content) ==
        Lines{"append 3: closed failed(step 1: not a number)", "a1 drop 2.1"});
  c.all_durable();
  CHECK(c.core.state_of(kJob) == JobState::failed);
}

TEST_CASE("what broke in an attempt that is not open there changes nothing") {
  Placed c;
  c.join("b1");
  const auto broke = [&](const char* name, AttemptId id) {
    return c.take(c.core.on_broke({kTerm, node(name), id, BrokeKind::content, ""}, c.now));
  };
  CHECK(broke("a1", {kTerm, 9}).empty());
  CHECK(broke("b1", {kTerm, 1}).empty());
  CHECK(c.core.attempts().all().size() == 1);
}

TEST_CASE("a worker that has seen a later term deposes the coordinator, which is silent then") {
  Placed c;
  Report report = c.report_of("a1");
  report.term_seen = kTerm + 1;
  CHECK(c.take(c.core.on_report(report, c.now)) == Lines{"exit: a worker has seen a later term"});
  CHECK(c.times(CoordinatorEvent::deposed_by_worker) == 1);
  CHECK(c.submit(submission(JobId{2})).empty());
  CHECK(c.cancel().empty());
  CHECK(c.offer("a1", "1", 0, 3).empty());
  CHECK(c.lost("a1").empty());
  CHECK(c.pass(5'000).empty());
}

TEST_CASE("a later term in an offer or in what broke deposes as one in a report does") {
  Placed offered, broken;
  Offer offer = offered.offer_of("a1", "1", 0, 3);
  offer.term_seen = kTerm + 1;
  CHECK(offered.say(offer) == Lines{"exit: a worker has seen a later term"});
  CHECK(offered.step("1").recorded() == 0);
  const Broke broke{kTerm + 1, node("a1"), {kTerm, 1}, BrokeKind::content, ""};
  CHECK(broken.take(broken.core.on_broke(broke, broken.now)) ==
        Lines{"exit: a worker has seen a later term"});
}
