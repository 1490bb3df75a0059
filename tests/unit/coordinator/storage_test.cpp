// FULL, BROKEN and DEPOSED.

#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

// Steps 1 and 2 at worker a, and the storage has just refused three tokens of step 1.
struct Stalled : Coordinated {
  explicit Stalled(AppendOutcome outcome = AppendOutcome::full) {
    limits.hedge_percent = 0;
    begin();
    open_job({plan("1"), plan("2"), plan("3", {"1"})});
    join("a1");
    offer("a1", "1", 0, 3);
    CHECK(answer(outcome).empty());
  }
};

}  // namespace

TEST_CASE("a refused append acknowledges nothing, and its jobs are stalled") {
  for (const AppendOutcome outcome : {AppendOutcome::full, AppendOutcome::broken}) {
    Stalled c(outcome);
    CHECK(c.core.storage_stalled());
    CHECK(c.core.state_of(kJob) == JobState::stalled);
    CHECK(c.step("1").durable == 0);
    CHECK(c.offer("a1", "1", 0, 3) == Lines{"a1 committed 2.1 to 0"});
  }
}

TEST_CASE("while the storage is stalled nothing is ordered") {
  Stalled c;
  c.limits.storage_retry_ms = c.limits.storage_retry_ms_max;
  c.lost("a1");
  CHECK(c.join("b1").empty());
  CHECK(with(c.pass(c.limits.storage_retry_ms), "order").empty());
  CHECK(with(c.all_durable(), "order") ==
        Lines{"b1 order 2.3 step 1 from 3", "b1 order 2.4 step 2 from 0"});
}

TEST_CASE("offers are recorded while the storage is stalled, and follow in their order") {
  Stalled c;
  CHECK(c.offer("a1", "2", 0, 2).empty());
  CHECK(c.offer("a1", "1", 3, 4).empty());
  CHECK(c.pass(c.limits.storage_retry_ms) == Lines{"retry storage", "append 4: tokens 1 from 0 +3",
                                                   "append 5: tokens 2 from 0 +2",
                                                   "append 6: tokens 1 from 3 +1"});
  CHECK(with(c.all_durable(), "committed") ==
        Lines{"a1 committed 2.1 to 3", "a1 committed 2.2 to 2", "a1 committed 2.1 to 4"});
}

TEST_CASE("a storage that stays full is tried again after twice as long") {
  Stalled c;
  CHECK(c.pass(c.limits.storage_retry_ms).size() == 2);
  c.all_full();
  CHECK(c.pass(2 * c.limits.storage_retry_ms - 1).empty());
  CHECK(c.pass(1).size() == 2);
  c.all_full();
  CHECK(c.pass(4 * c.limits.storage_retry_ms - 1).empty());
  CHECK(c.pass(1).size() == 2);
}

TEST_CASE("what a stalled storage held up stalls no attempt, then or just afterwards") {
  Stalled c;
  for (int refusals = 0; refusals < 4; ++refusals) {
    c.pass(c.limits.storage_retry_ms_max);
    c.all_full();
  }
  CHECK(c.times(CoordinatorEvent::closed_stalled) == 0);
  c.pass(c.limits.storage_retry_ms_max);
  c.all_durable();
  c.pass(c.limits.stall_ms);
  CHECK(c.times(CoordinatorEvent::closed_stalled) == 0);
  CHECK(c.core.state_of(kJob) == JobState::running);
}

TEST_CASE("the progress timers start anew at the moment the storage is back") {
  Stalled c;
  c.pass(c.limits.storage_retry_ms);
  c.wait(c.limits.silent_ms);
  c.all_durable();
  CHECK(c.core.attempts().find({kTerm, 2})->armed_ms == c.now.mono_ms);
}

TEST_CASE("a refused opening is told at once, and again when it is durable at last") {
  Coordinated c;
  c.begin();
  CHECK(c.submit().size() == 1);
  CHECK(c.all_full() == Lines{"client 7 refused: storage: the disk"});
  CHECK(c.submit().empty());  // waits for the one that is pending
  CHECK(c.pass(c.limits.storage_retry_ms) == Lines{"retry storage", "append 2: opened job1"});
  CHECK(with(c.durable(), "client") == Lines{"client 7 submitted opened"});
}

TEST_CASE("a refused end ends nothing until it is durable") {
  Stalled c;
  c.offer_end("a1", "1", 3, 4);
  CHECK(c.pass(c.limits.storage_retry_ms).size() == 3);
  CHECK_FALSE(c.step("1").ended);
  CHECK(with(c.durable(), "order").empty());
  CHECK(with(c.durable(), "order") == Lines{"a1 order 2.3 step 3 from 0"});
}

TEST_CASE("a coordinator whose journal has another writer exits at once and is silent afterwards") {
  Stalled c;
  c.pass(c.limits.storage_retry_ms);
  CHECK(c.answer(AppendOutcome::deposed) ==
        Lines{"exit: another coordinator has opened the journal"});
  CHECK(c.times(CoordinatorEvent::deposed_by_journal) == 1);
  CHECK(c.submit(submission(JobId{2})).empty());
  CHECK(c.expanded({plan("4")}).empty());
  CHECK(c.offer("a1", "2", 0, 3).empty());
  CHECK(c.broke("a1", BrokeKind::content).empty());
  CHECK(c.take(c.core.on_drain(node("a1"), 500, c.now)).empty());
  CHECK(c.pass(10'000).empty());
}
