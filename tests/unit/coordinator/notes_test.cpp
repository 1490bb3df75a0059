// Notes: what a coordinator tells the journal of placements and losses, and that nothing else comes
// of them.

#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

TEST_CASE("a placement is noted with the next record, in front of it and in its transaction") {
  Placed c;
  CHECK(c.notes.empty());
  CHECK(c.offer("a1", "1", 0, 3) == Lines{"append 3: tokens 1 from 0 +3"});
  CHECK(c.notes == Lines{"placed 2.1 step 1 at a1 from 0 ordered"});
}

TEST_CASE("notes that no record comes to ride with are appended after a second") {
  Placed c;
  c.pass(750);
  CHECK(c.notes.empty());
  c.pass(250);
  CHECK(c.notes.size() == 1);
}

TEST_CASE("a loss is noted with its reason, and with the tokens that are generated again") {
  Placed c;
  c.offer("a1", "1", 0, 3);
  c.durable();
  c.workers["a1"].held.front().have = 10;
  c.report("a1");
  c.join("b1");
  SECTION("its link is down") {
    c.lost("a1");
    c.offer("b1", "1", 3, 4);
    CHECK(c.notes == Lines{"placed 2.1 step 1 at a1 from 0 ordered",
                           "left 2.1 step 1 at a1 down ahead 7",
                           "placed 2.2 step 1 at b1 from 3 ordered"});
  }
  SECTION("it is silent") {
    c.workers.erase("a1");
    c.pass(c.limits.silent_ms + c.limits.report_ms);
    c.offer("b1", "1", 3, 4);
    CHECK(c.notes.at(1) == "left 2.1 step 1 at a1 silent ahead 7");
  }
  SECTION("it does not hold what it was ordered") {
    c.workers["a1"].held.clear();
    c.pass(c.limits.order_ms + 1'000);
    CHECK(with(c.notes, "left").at(0) == "left 2.1 step 1 at a1 unheld ahead 7");
  }
  SECTION("it stands still") {
    c.pass(c.limits.stall_ms + 1'250);
    CHECK(with(c.notes, "left").at(0) == "left 2.1 step 1 at a1 stalled ahead 7");
  }
  SECTION("it broke") {
    c.broke("a1", BrokeKind::elsewhere);
    c.pass(1'000);
    CHECK(with(c.notes, "left").at(0) == "left 2.1 step 1 at a1 broke ahead 7");
  }
}

TEST_CASE("what was decided before a job's end is noted before it, in a transaction of its own") {
  Placed c;
  CHECK(with(c.broke("a1", BrokeKind::content), "append") ==
        Lines{"append 3: closed failed(step 1: not a number)"});
  CHECK(c.notes ==
        Lines{"placed 2.1 step 1 at a1 from 0 ordered", "left 2.1 step 1 at a1 broke ahead 0"});
}

TEST_CASE("an adopted attempt is noted as one") {
  Coordinated c;
  c.start({opened(), PlannedRecord{kJob, "", {plan("1")}}, past_tokens("1", 0, 3)});
  c.workers["a1"].slots = kSlots;
  c.workers["a1"].held.push_back(c.held("1", 5, 3));
  c.report("a1");
  c.offer("a1", "1", 3, 5);
  CHECK(c.notes == Lines{"placed 1.1 step 1 at a1 from 3 adopted"});
}

TEST_CASE("a storage that comes back is noted with how long it was away") {
  Placed c;
  c.offer("a1", "1", 0, 3);
  c.all_full();
  CHECK(c.notes.size() == 1);
  c.pass(3'000);
  c.all_durable();
  c.pass(1'000);
  CHECK(c.notes.back().starts_with("stalled for "));
  CHECK(c.notes.back().ends_with("(the disk)"));
}

TEST_CASE("a full storage gets notes alone behind all that waits") {
  Placed c;
  c.pass(1'000);  // the note, alone and unanswered
  REQUIRE(c.notes.size() == 1);
  c.cancel();
  c.all_full();
  const Lines again = c.pass(c.limits.storage_retry_ms);
  CHECK(with(again, "append").size() == 1);
  CHECK(c.next_append() == "closed cancelled");
}

TEST_CASE("every record says when it was made, and a note when what it tells happened") {
  Placed c;
  const std::uint64_t placed_at = c.now.unix_ms;
  c.wait(77);
  const Effects effects = c.core.on_offer(c.offer_of("a1", "1", 0, 3), c.now);
  const auto& records = std::get<Append>(effects.at(0)).records;
  REQUIRE(records.size() == 2);
  CHECK(std::get<PlacedRecord>(records[0]).unix_ms == placed_at);
  CHECK(std::get<TokensRecord>(records[1]).unix_ms == placed_at + 77);
}

TEST_CASE("a book is the same with notes and without") {
  const std::vector<Record> past = {TermRecord{1, 1}, opened(),
                                    PlannedRecord{kJob, "", {plan("1"), plan("2")}},
                                    past_tokens("1", 0, 3)};
  const std::vector<Record> noted = {
      PlacedRecord{{kJob, "1"}, {1, 1}, node("a1")},
      LeftRecord{{kJob, "1"}, {1, 1}, node("a1"), LeftReason::down, ""}, StalledRecord{0, ""}};
  JobBook with_notes, without;
  for (const Record& record : past) {
    for (JobBook* book : {&with_notes, &without}) book->record(record), book->confirm(record);
    if (with_notes.find(kJob) == nullptr) continue;
    for (const Record& note : noted) with_notes.record(note), with_notes.confirm(note);
  }
  CHECK(with_notes.order() == without.order());
  const Job &a = *with_notes.find(kJob), &b = *without.find(kJob);
  CHECK(a.steps_ended == b.steps_ended);
  REQUIRE(a.steps.size() == b.steps.size());
  CHECK(a.steps.at("1").ids == b.steps.at("1").ids);
  CHECK(a.steps.at("1").durable == b.steps.at("1").durable);
}
