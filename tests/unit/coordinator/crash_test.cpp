// Workers that died with a step in their hands, and how a step becomes poison.

#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

struct Crashing : Coordinated {
  explicit Crashing(const std::vector<PlannedStep>& steps = {plan("1")}) {
    limits.hedge_percent = 0;
    begin();
    open_job(steps);
  }
  // The process of worker a dies with what it holds and comes back under its next boot.
  Lines dies(int slots = kSlots) {
    const std::string before = "a" + std::to_string(boot_);
    report(before);  // so that it is known what it holds
    lost(before);
    return comes_back(slots);
  }
  Lines comes_back(int slots = kSlots) { return join("a" + std::to_string(++boot_), slots); }

 private:
  int boot_ = 0;
};

}  // namespace

TEST_CASE("a worker that comes back under another boot has died, and the step it held is blamed") {
  Crashing c;
  c.comes_back();
  CHECK(c.dies() == Lines{"a2 order 2.2 step 1 from 0"});
  CHECK(c.times(CoordinatorEvent::worker_reborn) == 1);
  CHECK(c.step("1").crashes == 1);
}

TEST_CASE("a worker whose link was down and that lives blames nobody") {
  Crashing c;
  c.comes_back();
  c.report("a1");
  c.lost("a1");
  c.join("a1");
  c.lost("a1");
  CHECK(c.step("1").crashes == 0);
}

TEST_CASE("an order that its worker never told to hold is not blamed for the death") {
  Crashing c;
  c.comes_back();
  c.lost("a1");
  c.comes_back();
  CHECK(c.times(CoordinatorEvent::worker_reborn) == 1);
  CHECK(c.step("1").crashes == 0);
}

TEST_CASE("a step that has moved since its worker was lost is not blamed") {
  Crashing c;
  c.comes_back();
  c.offer("a1", "1", 0, 2);
  c.lost("a1");
  c.durable();  // what it had offered before
  c.comes_back();
  CHECK(c.times(CoordinatorEvent::worker_reborn) == 1);
  CHECK(c.step("1").crashes == 0);
}

TEST_CASE("one late message of an old boot does not bury the process that lives") {
  Crashing c;
  c.comes_back();
  c.dies();
  Report late{kTerm, node("a1"), kSlots, false, {}};
  CHECK(c.take(c.core.on_report(late, c.now)).empty());
  CHECK(c.times(CoordinatorEvent::ghost_ignored) == 1);
  c.pass(c.limits.report_ms);
  CHECK(c.take(c.core.on_report(late, c.now)).empty());
  CHECK(c.core.workers().all().at("a").node == node("a2"));
  CHECK(c.core.attempts().count_at(node("a2")) == 1);
}

TEST_CASE("a new boot that nobody announced is believed after report_ms of the old one's silence") {
  Crashing c;
  c.comes_back();
  c.report("a1");
  c.workers.erase("a1");
  CHECK(c.comes_back().empty());
  CHECK(c.pass(c.limits.report_ms) == Lines{"a2 order 2.2 step 1 from 0"});
  CHECK(c.step("1").crashes == 1);
}

TEST_CASE("a durable token clears the crashes of a step") {
  Crashing c;
  c.comes_back();
  c.dies();
  c.dies();
  CHECK(c.step("1").crashes == 2);
  c.offer("a3", "1", 0, 1);
  CHECK(c.step("1").crashes == 2);
  c.durable();
  CHECK(c.step("1").crashes == 0);
  CHECK(c.dies() == Lines{"a4 order 2.4 step 1 from 1"});
}

TEST_CASE("from the second crash on a step runs alone, and two deaths alone make it poison") {
  Crashing c;
  CHECK(c.comes_back() == Lines{"a1 order 2.1 step 1 from 0"});
  CHECK(c.dies() == Lines{"a2 order 2.2 step 1 from 0"});
  CHECK(c.dies() == Lines{"a3 order 2.3 step 1 from 0 alone"});
  CHECK(c.dies() == Lines{"a4 order 2.4 step 1 from 0 alone"});
  CHECK(c.step("1").crashes == 3);
  CHECK(c.dies() == Lines{"append 3: closed failed(poison)"});
  CHECK(c.times(CoordinatorEvent::poisoned) == 1);
  c.all_durable();
  CHECK(c.core.state_of(kJob) == JobState::failed);
}

TEST_CASE("steps that died together are suspected together, and each then runs alone") {
  Crashing c({plan("1"), plan("2")});
  c.comes_back();
  c.dies();
  CHECK(c.dies() == Lines{"a3 order 2.5 step 1 from 0 alone"});
  CHECK((c.step("1").crashes == 2 && c.step("2").crashes == 2));
  CHECK(c.join("b1") == Lines{"b1 order 2.6 step 2 from 0 alone"});
}

TEST_CASE("the innocent of two suspects ends alone, and the job goes on with the other one's end") {
  Crashing c({plan("1"), plan("2")});
  c.comes_back();
  c.dies();
  c.dies();
  CHECK(c.offer_end("a3", "1", 0, 2).size() == 1);
  CHECK(with(c.all_durable(), "order") == Lines{"a3 order 2.6 step 2 from 0 alone"});
  CHECK(c.dies() == Lines{"a4 order 2.7 step 2 from 0 alone"});
  CHECK(c.dies() == Lines{"append 4: closed failed(poison)"});
}

TEST_CASE("nothing is ordered beside a step that runs alone") {
  Crashing c;
  c.comes_back();
  c.dies();
  c.dies();
  c.open_job({plan("1")}, JobId{2});
  CHECK(c.pass(500).empty());
  c.offer("a3", "1", 0, 1);
  c.durable();
  CHECK(with(c.offer_end("a3", "1", 1, 2), "order").empty());
  CHECK(with(c.all_durable(), "order") == Lines{"a3 order 2.4 step job2/1 from 0"});
}

TEST_CASE("for a step that runs alone the worker with the least to finish takes nothing new") {
  std::vector<PlannedStep> steps;
  for (int i = 1; i <= 8; ++i) steps.push_back(plan(std::to_string(i)));
  Crashing c(steps);
  c.comes_back(1);  // step 1
  c.join("b1", 2);  // steps 2 and 3
  c.join("d1", 3);  // steps 4, 5 and 6
  c.dies(1);
  c.workers["a3"].draining = true;
  CHECK(c.dies(1).empty());
  CHECK(c.step("1").crashes == 2);
  c.offer_end("b1", "2", 0, 3);
  CHECK(with(c.all_durable(), "order").empty());
  c.offer_end("d1", "4", 0, 3);
  CHECK(with(c.all_durable(), "order") == Lines{"d1 order 2.8 step 7 from 0"});
  c.offer_end("b1", "3", 0, 3);
  CHECK(with(c.all_durable(), "order") == Lines{"b1 order 2.9 step 1 from 0 alone"});
}

TEST_CASE("a worker that ran one step alone takes others when that step may have company") {
  Crashing c;
  c.comes_back();
  c.dies();
  c.dies();
  c.open_job({plan("1")}, JobId{2});
  c.offer("a3", "1", 0, 1);
  CHECK(with(c.all_durable(), "order").empty());
  CHECK(with(c.broke("a3", BrokeKind::elsewhere), "order").empty());
  CHECK(with(c.pass(c.limits.order_ms), "order") ==
        Lines{"a3 order 2.4 step 1 from 1", "a3 order 2.5 step job2/1 from 0"});
}

TEST_CASE("the third death of a step makes it no poison where others ran beside it") {
  Crashing c({plan("1"), plan("2")});
  c.comes_back();
  c.dies();
  c.limits.hedge_percent = 100;
  c.join("b1");
  c.pass(c.limits.stall_ms * 3 / 4);
  REQUIRE(c.core.attempts().count_at(node("b1")) == 2);
  c.dies();
  CHECK(c.step("1").crashes == 2);
  c.lost("b1");
  c.join("b2");
  CHECK(c.times(CoordinatorEvent::crash_counted) == 6);
  CHECK(c.step("1").crashes == 3);
  CHECK(c.step("1").crashes_alone == 0);
  CHECK(c.times(CoordinatorEvent::poisoned) == 0);
}

TEST_CASE("a token that becomes durable late frees a suspect, and the worker kept for it") {
  Crashing c({plan("1"), plan("2"), plan("3")});
  c.comes_back(1);  // step 1
  c.join("b1", 2);  // steps 2 and 3
  c.dies(1);
  c.offer_end("b1", "2", 0, 3);
  c.offer("a2", "1", 0, 1);  // on its way to the disk while its worker dies
  c.workers["a3"].draining = true;
  CHECK(with(c.dies(1), "order").empty());
  CHECK(c.step("1").crashes == 2);
  CHECK(with(c.durable(), "order").empty());  // b1 has room, and is kept until it is empty
  CHECK(with(c.durable(), "order") == Lines{"b1 order 2.5 step 1 from 1"});
}
