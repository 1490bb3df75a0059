// Clients: submit, cancel, the deadline, and what a job needs to be done.

#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

TEST_CASE("a submit is answered when its opening is durable, and the plan is asked for then") {
  Coordinated c;
  c.begin();
  CHECK(c.submit() == Lines{"append 1: opened job1"});
  CHECK(c.durable() == Lines{"follow opened job1", "client 7 submitted opened", "expand at 0"});
}

TEST_CASE("a job counts from the coordinator's clock, not from the client's") {
  Coordinated c;
  c.begin();
  c.submit();
  c.durable();
  CHECK(c.core.book().find(kJob)->opened.unix_ms == c.now.unix_ms);
}

TEST_CASE("a job that is submitted twice is one job, and the second submit learns its state") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  CHECK(c.submit(submission(), 8) == Lines{"client 8 submitted running"});
  CHECK(c.times(CoordinatorEvent::submit_known) == 1);
}

TEST_CASE("a second submit before the first is durable waits for the same answer") {
  Coordinated c;
  c.begin();
  c.submit();
  CHECK(c.submit(submission(), 8).empty());
  const Lines answers = with(c.durable(), "client");
  CHECK(answers == Lines{"client 7 submitted opened", "client 8 submitted opened"});
}

TEST_CASE("a known job with another spec, seed, model or numerics is a conflict") {
  Coordinated c;
  c.begin();
  c.submit();
  std::vector<Submit> others(4, submission());
  others[0].spec.push_back(std::byte{1});
  others[1].seed = 12;
  others[2].model = Id{4};
  others[3].numerics = "others";
  for (const Submit& other : others)
    CHECK(c.submit(other).at(0).starts_with("client 7 conflict: the job is known with "));
  CHECK(c.times(CoordinatorEvent::submit_conflict) == 4);
}

TEST_CASE("a stalled storage refuses new jobs and goes on answering for known ones") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.expanded({plan("1"), plan("2")});
  c.all_full();
  CHECK(c.submit(submission(JobId{2})) == Lines{"client 7 refused: storage: the disk"});
  CHECK(c.submit() == Lines{"client 7 submitted stalled"});
  CHECK(c.core.book().find(JobId{2}) == nullptr);
}

TEST_CASE("beyond jobs_max open jobs a submit is refused until one is closed") {
  Coordinated c;
  c.limits.jobs_max = 1;
  c.begin();
  c.submit();
  c.all_durable();
  CHECK(c.submit(submission(JobId{2})) ==
        Lines{"client 7 refused: jobs_max jobs are open already"});
  c.cancel();
  CHECK(c.times(CoordinatorEvent::submit_refused_jobs_max) == 1);
  c.all_durable();
  CHECK(with(c.submit(submission(JobId{2})), "opened job2").size() == 1);
}

TEST_CASE("the end of a step is followed before the plan is asked what comes next") {
  Coordinated c;
  c.begin();
  c.submit();
  c.durable();
  c.expanded({plan("1")}, false);
  c.durable();
  c.join("a1");
  c.offer_end("a1", "1", 0, 3);
  const Lines lines = c.durable();
  REQUIRE(lines.size() > 1);
  CHECK(lines.front() == "follow tokens 1 from 0 +3, ended 1 at 3");
  CHECK(lines.back() == "expand at 1");
}

TEST_CASE("a cancel is answered, and attempts dropped, when the end of the job is durable") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1"), plan("2")});
  c.join("a1");
  CHECK(c.cancel(8) == Lines{"append 3: closed cancelled"});
  CHECK(c.durable() == Lines{"follow closed cancelled", "a1 drop 2.1", "a1 drop 2.2",
                             "client 8 submitted cancelled"});
  CHECK(c.times(CoordinatorEvent::closed_cancelled) == 2);
}

TEST_CASE("a cancel of no known job is refused, and one of a closed job learns its end") {
  Coordinated c;
  c.begin();
  CHECK(c.cancel() == Lines{"client 7 unknown: no such job"});
  c.open_job({plan("1")});
  c.cancel();
  c.all_durable();
  CHECK(c.cancel() == Lines{"client 7 submitted cancelled"});
}

TEST_CASE("a cancel after the recorded end of its job waits for that one: the first closed wins") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  c.offer_end("a1", "1", 0, 3);
  REQUIRE(with(c.durable(), "append") == Lines{"append 4: closed done"});
  CHECK(c.cancel().empty());
  CHECK(with(c.durable(), "client") == Lines{"client 7 submitted done"});
  CHECK(c.times(CoordinatorEvent::cancel_came_late) == 1);
}

TEST_CASE("an end that comes while a cancel is on its way does not make the job done") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  c.offer_end("a1", "1", 0, 3);
  c.cancel();
  const Lines lines = c.all_durable();
  CHECK(with(lines, "closed").back() == "follow closed cancelled");
  CHECK(with(lines, "append").empty());
  CHECK(c.core.state_of(kJob) == JobState::cancelled);
}

TEST_CASE("a second cancel before the first is durable is answered together with it") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.cancel(7);
  CHECK(c.cancel(8).empty());
  CHECK(with(c.durable(), "client") ==
        Lines{"client 7 submitted cancelled", "client 8 submitted cancelled"});
}

TEST_CASE("a job that is not done by its deadline fails, once, and its attempts are dropped") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.join("a1");
  const std::uint64_t opened_ms = c.core.book().find(kJob)->opened.unix_ms;
  c.now.unix_ms = opened_ms + c.limits.job_deadline_ms - 1;
  CHECK(c.tick().empty());
  ++c.now.unix_ms;
  CHECK(c.tick() == Lines{"append 3: closed failed(deadline)"});
  CHECK(c.tick().empty());
  CHECK(with(c.durable(), "drop") == Lines{"a1 drop 2.1"});
  CHECK(c.core.state_of(kJob) == JobState::failed);
}

TEST_CASE("a deadline counts from the opening, over restarts") {
  Coordinated c;
  c.now.unix_ms = kOpenedUnixMs + c.limits.job_deadline_ms;
  c.start({opened()});
  CHECK(c.tick() == Lines{"append 1: closed failed(deadline)"});
}

TEST_CASE("a job is done when all steps have ended and no further one will follow") {
  Coordinated c;
  c.begin();
  c.submit();
  c.all_durable();
  c.expanded({plan("1")}, false);
  c.all_durable();
  c.join("a1");
  c.offer_end("a1", "1", 0, 3);
  CHECK(with(c.durable(), "expand") == Lines{"expand at 1"});
  CHECK(c.expanded({plan("2", {"1"})}, true) == Lines{"append 4: planned 2"});
  CHECK(with(c.durable(), "order") == Lines{"a1 order 2.2 step 2 from 0"});
  c.offer_end("a1", "2", 0, 4);
  CHECK(with(c.durable(), "append") == Lines{"append 6: closed done"});
  CHECK(with(c.durable(), "follow") == Lines{"follow closed done"});
}

TEST_CASE("a plan that is asked for is never asked for twice at once, but again after more ends") {
  Coordinated c;
  c.begin();
  c.submit();
  c.all_durable();
  c.expanded({plan("1"), plan("2")}, false);
  c.all_durable();
  c.join("a1");
  c.offer_end("a1", "1", 0, 3);
  CHECK(with(c.durable(), "expand") == Lines{"expand at 1"});
  c.offer_end("a1", "2", 0, 3);
  CHECK(with(c.durable(), "expand").empty());
  CHECK(c.expanded({}, false) == Lines{"expand at 2"});
  CHECK(c.expanded({}, false) == Lines{"append 5: closed done"});
}

TEST_CASE("a spec that cannot be planned ends its job with the reason") {
  Coordinated c;
  c.begin();
  c.submit();
  c.all_durable();
  CHECK(c.take(c.core.on_expanded({kJob, 0, {}, false, "the outline is empty"}, c.now)) ==
        Lines{"append 2: closed failed(the outline is empty)"});
}

TEST_CASE("a plan for a job that is closing is forgotten") {
  Coordinated c;
  c.begin();
  c.submit();
  c.all_durable();
  c.cancel();
  CHECK(c.expanded({plan("1")}).empty());
}

TEST_CASE("the end of one job leaves another one alone") {
  Coordinated c;
  c.begin();
  c.open_job({plan("1")});
  c.open_job({plan("1")}, JobId{2});
  c.join("a1");
  c.cancel();
  CHECK(with(c.all_durable(), "drop") == Lines{"a1 drop 2.1"});
  CHECK(c.core.state_of(JobId{2}) == JobState::running);
  CHECK(c.core.book().open_jobs() == 1);
}

TEST_CASE("a job is opened without a plan, stalled without a worker, and running with one") {
  Coordinated c;
  c.begin();
  c.submit();
  c.all_durable();
  CHECK(c.core.state_of(kJob) == JobState::opened);
  c.expanded({plan("1")});
  c.all_durable();
  CHECK(c.core.state_of(kJob) == JobState::stalled);
  c.join("a1");
  CHECK(c.core.state_of(kJob) == JobState::running);
  c.lost("a1");
  CHECK(c.core.state_of(kJob) == JobState::stalled);
}
