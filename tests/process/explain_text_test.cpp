// Rows of a job's story as lines and as JSON.

#include "apps/pecia/explain_text.hpp"

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace pecia::apps;
using namespace pecia::runtime;

namespace {

const NodeBoot kA{"a", 5}, kB{"b", 6};
const StepName kOne{JobId{1}, "1"};

// Opened at second 1,000,000: slice 1 is lost on a and goes on on b, behind a coordinator's death.
Explained story() {
  Explained whole;
  whole.job = JobId{1};
  whole.state = JobState::done;
  whole.unix_ms = 1'000'000'000;
  whole.model = Id{0xAB, 0xCD};
  whole.numerics = "cpu-1";
  whole.context = ContextMode::summary;
  whole.tokens = 600;
  const auto at = [&](std::uint64_t ms) { return whole.unix_ms + ms; };
  whole.rows = {PlannedRow{1, 600, at(20)},
                PlacedRecord{kOne, {1, 1}, kA, PlacedHow::ordered, 0, at(30)},
                GrewRow{"1", {1, 1}, 0, 512, 41, at(100), at(2'200)},
                LeftRecord{kOne, {1, 1}, kA, LeftReason::silent, "", 12, at(3'200)},
                PlacedRecord{kOne, {1, 2}, kB, PlacedHow::ordered, 512, at(3'700)},
                StalledRecord{1'500, "disk full", at(5'500)},
                TermRecord{2, 9, at(6'000)},
                PlacedRecord{kOne, {1, 2}, kB, PlacedHow::adopted, 512, at(6'100)},
                GrewRow{"1", {1, 2}, 512, 600, 1, at(6'200), at(6'200)},
                EndedRecord{kOne, StepEnd::length, 600, 2'400, {}, at(6'200)},
                ClosedRecord{JobId{1}, JobEnd::done, "", at(6'210)}};
  whole.rows_in_all = whole.rows.size();
  return whole;
}

}  // namespace

TEST_CASE("a story is told in order, each thing with its time since the job was submitted") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  CHECK(explain_text(story()) ==
        "job 01000000000000000000000000000000 is done\n"
        "submitted 1970-01-12 13:46:40: 600 tokens, context summary, model abcd0000, cpu-1\n"
        "\n"
        "    +0.020 s  planned 1 step, 600 tokens at most\n"
        "    +0.030 s  slice 1 placed on a, attempt 1.1\n"
        "    +0.100 s  slice 1 tokens 0..512 durable in 41 offers, 2.100 s, attempt 1.1\n"
        "    +3.200 s  slice 1 lost on a, attempt 1.1: the node was silent; 12 tokens or more to "
        "generate again\n"
        "    +3.700 s  slice 1 placed on b, attempt 1.2, behind 512 tokens, after 0.500 s without "
        "a worker\n"
        "    +5.500 s  the storage works again, after 1.500 s without: disk full\n"
        "    +6.000 s  the coordinator started again, term 2\n"
        "    +6.100 s  slice 1 adopted from b, attempt 1.2, behind 512 tokens\n"
        "    +6.200 s  slice 1 tokens 512..600 durable in 1 offer, 0.000 s, attempt 1.2\n"
        "    +6.200 s  slice 1 ended with 600 tokens: all tokens\n"
        "    +6.210 s  done\n"
        "\n"
        "600 tokens durable, 1 step ended, 2 attempts, 1 lost; 1 restart of the coordinator; 12 "
        "tokens or more generated again; storage away for 1.500 s\n");
}

TEST_CASE("records without times are told without") {
  Explained whole = story();
  whole.rows = {GrewRow{"1", {1, 1}, 0, 512, 41, 0, 0}, TermRecord{2, 9, 0}};
  const std::string text = explain_text(whole);
  CHECK(text.find("           ?  slice 1 tokens 0..512 durable in 41 offers, attempt 1.1\n") !=
        std::string::npos);
  CHECK(text.find("           ?  the coordinator started again, term 2\n") != std::string::npos);
}

TEST_CASE("a clock that went back makes no time of it") {
  Explained whole = story();
  whole.rows = {TermRecord{2, 9, whole.unix_ms - 5'000}};
  CHECK(explain_text(whole).find("    +0.000 s  the coordinator") != std::string::npos);
}

TEST_CASE("what an engine or a node's name says cannot write on the terminal") {
  Explained whole = story();
  whole.rows = {LeftRecord{kOne, {1, 1}, {"a\x1b[2J", 1}, LeftReason::broke, "no\nmemory", 0, 0}};
  const std::string text = explain_text(whole);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("it broke there (no\\x0amemory)") != std::string::npos);
}

TEST_CASE("the same as JSON, row by row, with what it adds up to") {
  const nlohmann::ordered_json json = explain_json(story());
  CHECK(json["state"] == "done");
  CHECK(json["context"] == "summary");
  REQUIRE(json["rows"].size() == 11);
  CHECK(json["rows"][1]["what"] == "placed");
  CHECK(json["rows"][1]["node"] == "a");
  CHECK(json["rows"][2]["to"] == 512);
  CHECK(json["rows"][3]["reason"] == "silent");
  CHECK(json["rows"][7]["how"] == "adopted");
  CHECK(json["totals"]["tokens"] == 600);
  CHECK(json["totals"]["attempts"] == 2);
  CHECK(json["totals"]["restarts"] == 1);
  CHECK(json["totals"]["tokens_again_at_least"] == 12);
  CHECK(json["totals"]["storage_stalled_ms"] == 1'500);
}
