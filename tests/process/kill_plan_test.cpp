// What of the kill test is decided without any process: moments, which kills count, what a run may
// print, and the verdict.

#include "apps/pecia/kill_plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/pecia/chaos_write.hpp"
#include "apps/pecia/job_witness.hpp"
#include "tests/catch.hpp"

using namespace pecia::apps;

namespace {

constexpr Found kSilent = Found::silent;
constexpr Found kOpen = Found::open_job;
constexpr Found kFinished = Found::finished_job;

std::uint64_t counted(const std::vector<Found>& starts) { return count_kills(starts); }

}  // namespace

TEST_CASE("moments are uniform over the time and shared evenly, ascending within a job") {
  const std::vector<Moments> jobs = deal_moments(7, 0, 10'000, 10, 20.0);
  REQUIRE(jobs.size() == 10);
  std::vector<int> seconds(20);
  for (const Moments& moments : jobs) {
    CHECK(moments.size() == 1'000);
    CHECK(std::is_sorted(moments.begin(), moments.end()));
    for (const double moment : moments) {
      REQUIRE(moment >= 0);
      REQUIRE(moment < 20);
      ++seconds[static_cast<std::size_t>(moment)];
    }
  }
  // 500 each are expected; 5 standard deviations are 109.
  CHECK(*std::min_element(seconds.begin(), seconds.end()) > 390);
  CHECK(*std::max_element(seconds.begin(), seconds.end()) < 610);
}

TEST_CASE("moments follow from the seed, and later ones are others") {
  CHECK(deal_moments(1, 0, 6, 2, 1.0) == deal_moments(1, 0, 6, 2, 1.0));
  CHECK(deal_moments(1, 0, 6, 2, 1.0) != deal_moments(2, 0, 6, 2, 1.0));
  CHECK(deal_moments(1, 0, 6, 2, 1.0) != deal_moments(1, 6, 6, 2, 1.0));
}

TEST_CASE("fewer moments than jobs make fewer jobs, each with one") {
  const std::vector<Moments> jobs = deal_moments(1, 0, 3, 10, 1.0);
  REQUIRE(jobs.size() == 3);
  for (const Moments& moments : jobs) CHECK(moments.size() == 1);
  CHECK(deal_moments(1, 0, 0, 10, 1.0).empty());
}

TEST_CASE("moments are drawn until enough kills count, three for each at most") {
  CHECK(moments_to_draw(100, 0, 0) == 100);
  CHECK(moments_to_draw(100, 90, 100) == 10);
  CHECK(moments_to_draw(100, 100, 110) == 0);
  CHECK(moments_to_draw(100, 10, 290) == 10);
  CHECK(moments_to_draw(100, 10, 300) == 0);
}

TEST_CASE("a start says what it found by a whole line") {
  CHECK(read_found("") == kSilent);
  CHECK(read_found("pecia: going on with the job in x\n") == kOpen);
  CHECK(read_found("pecia: the job is finished\npecia: 3 tokens/s\n") == kFinished);
  CHECK(read_found("pecia: going on with the job") == kSilent);
  CHECK(read_found("pecia: writing\n") == kSilent);
}

TEST_CASE("a kill counts if the next start finds the job open") {
  CHECK(counted({}) == 0);
  CHECK(counted({kSilent}) == 0);
  CHECK(counted({kSilent, kOpen}) == 1);
  CHECK(counted({kSilent, kOpen, kOpen, kOpen}) == 3);
  CHECK(counted({kSilent, kFinished}) == 0);       // at its last moment
  CHECK(counted({kSilent, kSilent, kOpen}) == 1);  // before the job was written down
  CHECK(counted({kSilent, kOpen, kFinished}) == 1);
}

TEST_CASE("a kill before a start that could not speak counts where the job was open before") {
  CHECK(counted({kSilent, kOpen, kSilent, kOpen}) == 3);
  CHECK(counted({kSilent, kSilent, kOpen, kSilent, kSilent, kOpen, kFinished}) == 4);
  CHECK(counted({kSilent, kOpen, kSilent, kFinished}) == 1);  // it may have been finished
}

TEST_CASE("a run may print any beginning of the document, and the last all of it") {
  const std::string document = "one two three";
  JobWitness witness(document);
  CHECK(!witness.see("", Extent::part));
  CHECK(!witness.see("one two", Extent::part));
  CHECK(!witness.see("one", Extent::part));  // less than before is nothing taken back
  CHECK(witness.longest() == "one two");
  CHECK(!witness.see(document, Extent::part));
  CHECK(!witness.see(document, Extent::whole));
}

TEST_CASE("text that is not in the document is found, with its place") {
  const std::string document = "one two three";
  JobWitness witness(document);
  CHECK(!witness.see("one", Extent::part));
  const auto other = witness.see("one too", Extent::part);
  REQUIRE(other);
  CHECK(other->different);
  CHECK(!other->taken_back);
  CHECK(other->what.find("from byte 5 on") != std::string::npos);
  const auto more = witness.see("one two three four", Extent::whole);
  REQUIRE(more);
  CHECK(more->different);
  const auto less = witness.see("one two", Extent::whole);
  REQUIRE(less);
  CHECK(less->different);
}

TEST_CASE("text in place of what was printed before is taken back, in shorter runs too") {
  const std::string document = "one two three";
  JobWitness witness(document);
  CHECK(!witness.see("one two", Extent::part));
  const auto shorter = witness.see("on.", Extent::part);
  REQUIRE(shorter);
  CHECK(shorter->taken_back);
  CHECK(shorter->different);
  CHECK(shorter->what.find("earlier run") != std::string::npos);
}

TEST_CASE("flags that would hide the document from the trial are refused by name") {
  CHECK(check_write_flags({"--outline", "o.md", "-n", "5", "--temp", "0"}));
  for (const char* word :
       {"-o", "-oout.md", "--output", "--output=out.md", "--json", "--job-dir", "--job-dir=x"}) {
    const auto refused = check_write_flags({"-n", "5", word});
    REQUIRE(!refused);
    CHECK(refused.error().message.find(word) != std::string::npos);
  }
  CHECK(check_write_flags({"--outline", "--json-outline.md"}));
}

TEST_CASE("the verdict holds only with enough kills and without any failure") {
  KillReport report;
  report.kills = 10;
  CHECK(judge_kills(report, 10).held);
  CHECK(!judge_kills(report, 11).held);
  CHECK(judge_kills(report, 11).line.find("only 10 of 11 kills") != std::string::npos);
  for (const auto count :
       {&KillReport::different_documents, &KillReport::taken_back, &KillReport::failed_runs}) {
    KillReport failed = report;
    failed.*count = 1;
    failed.failure = "job 2, run 3";
    CHECK(!judge_kills(failed, 10).held);
    CHECK(judge_kills(failed, 10).line == "job 2, run 3");
  }
}

TEST_CASE("a report in JSON has every number, and a table names the digest") {
  KillReport report;
  report.sha256 = "abc";
  report.resume_s = {0.5, 0.1, 0.2};
  const nlohmann::ordered_json object = kills_to_json(report);
  CHECK(object["resume_median_s"] == 0.2);
  CHECK(object["resume_max_s"] == 0.5);
  for (const char* key : {"kills", "kills_not_counted", "jobs", "undisturbed_s",
                          "different_documents", "taken_back", "failed_runs"}) {
    CHECK(object[key] == 0);
  }
  CHECK(!object.contains("failure"));
  CHECK(kills_to_text(report).find("abc") != std::string::npos);
  CHECK(kills_to_json(KillReport())["resume_max_s"] == 0);
}

TEST_CASE("what is dealt later is as dense in its jobs as what came first") {
  CHECK(jobs_to_share(100, 0, 100, 10) == 10);
  CHECK(jobs_to_share(25, 100, 100, 10) == 3);
  CHECK(jobs_to_share(2, 5, 5, 10) == 2);  // fewer than jobs: one each
  CHECK(jobs_to_share(0, 5, 5, 10) == 1);
}
