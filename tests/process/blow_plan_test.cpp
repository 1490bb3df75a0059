// When which node of a cluster is struck, how long its job stands still, and the verdict: what of
// `pecia chaos kill` is decided without any process.

#include "apps/pecia/blow_plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "apps/pecia/chaos_kill.hpp"
#include "apps/pecia/stall_meter.hpp"
#include "tests/catch.hpp"

using namespace pecia::apps;

namespace {

constexpr BlowGround kGround{10.0, 4, 0.9};

std::vector<double> moments_of(const std::vector<Blows>& jobs) {
  std::vector<double> moments;
  for (const Blows& blows : jobs) {
    for (const Blow& blow : blows) moments.push_back(blow.at_s);
  }
  return moments;
}

std::uint64_t count(const Blows& blows, Harm harm) {
  return static_cast<std::uint64_t>(std::count_if(
      blows.begin(), blows.end(), [harm](const Blow& blow) { return blow.harm == harm; }));
}

ClusterReport clean_report() {
  ClusterReport report;
  report.jobs = report.jobs_done = 3;
  report.counted = {30, 10, 2};
  return report;
}

}  // namespace

TEST_CASE("blows follow from the seed, and later ones are others") {
  const BlowCounts some{8, 4, 2};
  const auto dealt = deal_blows(1, {}, some, 2, kGround);
  CHECK(dealt == deal_blows(1, {}, some, 2, kGround));
  CHECK(dealt != deal_blows(2, {}, some, 2, kGround));
  CHECK(dealt != deal_blows(1, some, some, 2, kGround));
}

TEST_CASE("blows are shared evenly, ascending within a job, on every node and over all the time") {
  const auto jobs = deal_blows(7, {}, {4'000, 2'000, 1'000}, 10, kGround);
  REQUIRE(jobs.size() == 10);
  std::vector<int> of_node(4), of_second(10);
  for (const Blows& blows : jobs) {
    CHECK(count(blows, Harm::kill) == 400);
    CHECK(count(blows, Harm::zombie) == 200);
    CHECK(count(blows, Harm::pause) == 100);
    const auto earlier = [](const Blow& a, const Blow& b) { return a.at_s < b.at_s; };
    CHECK(std::is_sorted(blows.begin(), blows.end(), earlier));
    for (const Blow& blow : blows) {
      REQUIRE(blow.node < 4);
      ++of_node[blow.node];
      REQUIRE(blow.at_s >= 0);
      REQUIRE(blow.at_s < 10);
      ++of_second[static_cast<std::size_t>(blow.at_s)];
    }
  }
  // 1,750 and 700 each are expected; twins double some moments, so that the spread is wider.
  CHECK(*std::min_element(of_node.begin(), of_node.end()) > 1'550);
  CHECK(*std::max_element(of_node.begin(), of_node.end()) < 1'950);
  CHECK(*std::min_element(of_second.begin(), of_second.end()) > 550);
  CHECK(*std::max_element(of_second.begin(), of_second.end()) < 850);
}

TEST_CASE("about a quarter of the kills fall at the moment of another one, on another node") {
  const auto jobs = deal_blows(3, {}, {2'000, 0, 0}, 1, kGround);
  const Blows& blows = jobs.front();
  int twins = 0;
  for (std::size_t i = 1; i < blows.size(); ++i) {
    if (blows[i].at_s != blows[i - 1].at_s) continue;
    ++twins;
    CHECK(blows[i].node != blows[i - 1].node);
  }
  CHECK(twins > 400);
  CHECK(twins < 600);
  std::vector<double> alone = moments_of(deal_blows(3, {}, {200, 0, 0}, 1, {10.0, 1, 0.9}));
  CHECK(std::adjacent_find(alone.begin(), alone.end()) == alone.end());
}

TEST_CASE("zombies sleep until they were taken for gone, pauses end before, kills restart soon") {
  const auto jobs = deal_blows(5, {}, {1'000, 1'000, 1'000}, 1, kGround);
  int at_once = 0;
  for (const Blow& blow : jobs.front()) {
    if (blow.harm == Harm::zombie) {
      CHECK(blow.for_s > kGround.silent_s);
      CHECK(blow.for_s <= kZombieMaxS);
    } else if (blow.harm == Harm::pause) {
      CHECK(blow.for_s < kGround.silent_s);
    } else {
      CHECK(blow.for_s < kRestartAfterMaxS);
      if (blow.for_s == 0) ++at_once;
    }
  }
  CHECK(at_once > 400);
  CHECK(at_once < 600);
}

TEST_CASE("fewer blows than jobs make fewer jobs, and none makes none") {
  CHECK(deal_blows(1, {}, {2, 3, 0}, 10, kGround).size() == 3);
  CHECK(deal_blows(1, {}, {}, 10, kGround).empty());
}

TEST_CASE("a worker's stall lasts until the last slice that had begun has a new token") {
  StallMeter meter(false);
  const auto look = [&meter](double ms, std::uint64_t first, std::uint64_t second) {
    meter.look(ms - 2, ms,
               std::vector<SliceLook>{{first, false}, {second, false}, {0, false}, {9, true}});
  };
  meter.strike(4, Struck::worker_killed, 1'000);
  look(1'012, 4, 7);  // under way when it was struck
  look(1'043, 5, 7);
  for (int ms = 1'060; ms < 1'400; ms += 20) look(ms, static_cast<std::uint64_t>(ms), 7);
  CHECK(meter.stalls().empty());
  look(1'405, 1'405, 8);
  REQUIRE(meter.stalls().size() == 1);
  CHECK(meter.stalls()[0].ms == 405);
  CHECK(meter.stalls()[0].strike == 4);
  CHECK(meter.stalls()[0].struck == Struck::worker_killed);
  look(1'500, 1'500, 9);
  CHECK(meter.stalls().size() == 1);
}

TEST_CASE("tokens that were sent before the blow do not end a stall") {
  StallMeter meter(false);
  const auto look = [&meter](double ms, std::uint64_t tokens) {
    meter.look(ms, ms, std::vector<SliceLook>{{tokens, false}});
  };
  meter.strike(0, Struck::worker_killed, 0);
  look(50, 5);
  look(90, 6);  // late, and later still
  look(120, 7);
  look(800, 8);
  REQUIRE(meter.stalls().size() == 1);
  CHECK(meter.stalls()[0].ms == 800);
}

TEST_CASE("a slice that goes on at once and stays at it stood still until its first token only") {
  StallMeter meter(false);
  meter.strike(0, Struck::worker_killed, 0);
  for (int ms = 50; ms <= 300; ms += 25) {
    meter.look(ms, ms, std::vector<SliceLook>{{static_cast<std::uint64_t>(ms), false}});
    CHECK(meter.stalls().empty() == (ms <= 250));
  }
  REQUIRE(meter.stalls().size() == 1);
  CHECK(meter.stalls()[0].ms == 75);
}

TEST_CASE("a slice that ends has gone on, and where none had begun there is no stall") {
  StallMeter meter(false);
  meter.strike(0, Struck::worker_stopped, 0);
  meter.look(50, 51, std::vector<SliceLook>{{5, false}});
  meter.look(60, 61, std::vector<SliceLook>{{5, true}});
  REQUIRE(meter.stalls().size() == 1);
  CHECK(meter.stalls()[0].ms == 61);
  meter.strike(1, Struck::worker_killed, 100);
  meter.look(150, 151, std::vector<SliceLook>{{0, false}, {5, true}});
  meter.look(160, 161, std::vector<SliceLook>{{1, false}, {5, true}});
  CHECK(meter.stalls().size() == 1);
}

TEST_CASE("where all slices run, one that had not begun is waited for, too") {
  for (const bool all_run : {false, true}) {
    StallMeter meter(all_run);
    meter.strike(0, Struck::worker_killed, 0);
    for (int ms = 50; ms <= 300; ms += 25) {
      const auto tokens = static_cast<std::uint64_t>(ms);
      meter.look(ms, ms, std::vector<SliceLook>{{tokens, false}, {0, false}});
    }
    CHECK(meter.stalls().size() == (all_run ? 0 : 1));
    meter.look(400, 400, std::vector<SliceLook>{{400, false}, {1, false}});
    REQUIRE(meter.stalls().size() == 1);
    CHECK(meter.stalls()[0].ms == (all_run ? 400 : 75));
  }
}

TEST_CASE("a coordinator's stall lasts until the first new token behind what the next one found") {
  StallMeter meter(false);
  meter.strike(2, Struck::coordinator_killed, 1'000);
  meter.look(990, 1'001, std::vector<SliceLook>{{1, false}, {0, false}});
  meter.look(1'500, 1'502, std::vector<SliceLook>{{4, false}, {0, false}});
  meter.look(1'510, 1'512, std::vector<SliceLook>{{4, false}, {0, false}});
  CHECK(meter.stalls().empty());
  meter.look(1'520, 1'522, std::vector<SliceLook>{{4, false}, {1, false}});
  REQUIRE(meter.stalls().size() == 1);
  CHECK(meter.stalls()[0].ms == 522);
}

TEST_CASE("quantiles are values of the list, by nearest rank") {
  std::vector<double> hundred(100);
  std::iota(hundred.rbegin(), hundred.rend(), 1);
  CHECK(quantile(hundred, 0.5) == 50);
  CHECK(quantile(hundred, 0.99) == 99);
  CHECK(quantile(hundred, 1) == 100);
  CHECK(quantile({3}, 0.01) == 3);
  CHECK(quantile({}, 0.5) == 0);
}

TEST_CASE("a trial holds with all its blows and jobs, and without any failure") {
  CHECK(judge_cluster(clean_report(), {30, 10, 9}).empty());
  CHECK(judge_cluster(clean_report(), {31, 10, 0}).find("only 30 of 31 kills") !=
        std::string::npos);
  CHECK(judge_cluster(clean_report(), {30, 11, 0}).find("10 of 11 long stops") !=
        std::string::npos);
  for (const auto number :
       {&ClusterReport::lost_tokens, &ClusterReport::doubled_tokens,
        &ClusterReport::differing_documents, &ClusterReport::taken_back, &ClusterReport::hung_jobs,
        &ClusterReport::failed_jobs, &ClusterReport::failed_nodes}) {
    ClusterReport failed = clean_report();
    failed.*number = 1;
    failed.failure = "job 2: why";
    CHECK(judge_cluster(failed, {30, 10, 0}) == "job 2: why");
  }
  ClusterReport open = clean_report();
  open.jobs_done = 2;
  CHECK(!judge_cluster(open, {30, 10, 0}).empty());
}

TEST_CASE("a cluster's report has every number, and stalls of kills and stops together") {
  ClusterReport report = clean_report();
  report.kills_by_role = {{"coordinator", 10}, {"worker", 20}};
  report.kill_stall_ms = {100, 300};
  report.stop_stall_ms = {1'000};
  report.coordinator_stall_ms = {700, 500};
  const nlohmann::ordered_json object = cluster_to_json(report);
  CHECK(object["kills_by_role"]["worker"] == 20);
  CHECK(object["kills"] == 30);
  CHECK(object["zombies"] == 10);
  CHECK(object["stall_ms_p50"] == 300);
  CHECK(object["stall_ms_p99"] == 1'000);
  CHECK(object["kill_stall_ms_p50"] == 100);
  CHECK(object["coordinator_stall_ms_p50"] == 500);
  CHECK(object["coordinator_stall_ms_max"] == 700);
  for (const char* key : {"lost_tokens", "doubled_tokens", "differing_documents", "hung_jobs"})
    CHECK(object[key] == 0);
  CHECK(!object.contains("failure"));
  CHECK(cluster_to_text(report).find("30 (10 coordinator, 20 worker)") != std::string::npos);
}
