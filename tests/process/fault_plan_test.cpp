// Which link fails when and how: what of `pecia chaos net` is decided without any process.

#include "apps/pecia/fault_plan.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/pecia/chaos_net.hpp"
#include "tests/catch.hpp"

using namespace pecia::apps;

namespace {

constexpr FaultGround kGround{10.0, 4, 1, 0.9};

LinkFaults all_of(const std::vector<LinkFaults>& jobs) {
  LinkFaults all;
  for (const LinkFaults& faults : jobs) all.insert(all.end(), faults.begin(), faults.end());
  return all;
}

NetReport clean_report() {
  NetReport report;
  report.jobs = report.jobs_done = 3;
  report.counted = {3, 3, 3, 3, 3};
  return report;
}

}  // namespace

TEST_CASE("link faults follow from the seed, and later ones are others") {
  const FaultCounts some = share_faults(20);
  const auto dealt = deal_faults(1, {}, some, 2, kGround);
  CHECK(dealt == deal_faults(1, {}, some, 2, kGround));
  CHECK(dealt != deal_faults(2, {}, some, 2, kGround));
  CHECK(dealt != deal_faults(1, some, some, 2, kGround));
}

TEST_CASE("kinds of link faults have equal shares, the first ones what is left") {
  CHECK(share_faults(100) == FaultCounts{20, 20, 20, 20, 20});
  CHECK(share_faults(7) == FaultCounts{2, 2, 1, 1, 1});
  CHECK(sum(share_faults(7)) == 7);
  CHECK(kFaultWords[static_cast<std::size_t>(FaultKind::rate)] == "rate");
}

TEST_CASE("link faults are shared evenly, ascending within a job, over all the time") {
  const auto jobs = deal_faults(7, {}, share_faults(1'000), 10, kGround);
  REQUIRE(jobs.size() == 10);
  std::array<int, 10> of_second{};
  for (const LinkFaults& faults : jobs) {
    CHECK(faults.size() == 100);
    const auto earlier = [](const LinkFault& a, const LinkFault& b) { return a.at_s < b.at_s; };
    CHECK(std::is_sorted(faults.begin(), faults.end(), earlier));
    for (const FaultKind kind : {FaultKind::cut, FaultKind::rate}) {
      CHECK(std::count_if(faults.begin(), faults.end(),
                          [kind](const LinkFault& fault) { return fault.kind == kind; }) == 20);
    }
    for (const LinkFault& fault : faults) ++of_second.at(static_cast<std::size_t>(fault.at_s));
  }
  CHECK(*std::min_element(of_second.begin(), of_second.end()) > 65);
  CHECK(*std::max_element(of_second.begin(), of_second.end()) < 140);
}

TEST_CASE("every link fails either way round, those of the coordinator in 7 of 10 faults") {
  std::map<std::pair<std::size_t, std::size_t>, int> ways;
  int near = 0;
  for (const LinkFault& fault : all_of(deal_faults(3, {}, share_faults(2'000), 1, kGround))) {
    ++ways[{fault.from, fault.to}];
    near += fault.from == kGround.coordinator || fault.to == kGround.coordinator ? 1 : 0;
  }
  CHECK(ways.size() == 14);  // 6 links between nodes and that of the client, both ways round
  CHECK(ways[{1, 4}] > 130);
  CHECK(ways[{4, 1}] > 130);
  CHECK(near > 1'330);
  CHECK(near < 1'470);
  for (const auto& [way, faults] : ways) {
    CHECK(way.first != way.second);
    CHECK(faults > 70);
    CHECK(faults < 230);
  }
}

TEST_CASE("a cluster of one node has the link of its client") {
  for (const LinkFault& fault : all_of(deal_faults(3, {}, share_faults(50), 1, {10.0, 1, 0, 0.9})))
    CHECK(fault.from + fault.to == 1);
}

TEST_CASE("some faults are short hiccups, and some last until a node was taken for gone") {
  const auto faults = all_of(deal_faults(5, {}, share_faults(1'000), 1, kGround));
  int hiccups = 0;
  for (const LinkFault& fault : faults) {
    CHECK(fault.for_s >= kFaultMinS);
    CHECK(fault.for_s <= kFaultMaxSilents * kGround.silent_s);
    if (fault.for_s < kGround.silent_s) ++hiccups;
  }
  CHECK(hiccups > 350);
  CHECK(hiccups < 500);
}

TEST_CASE("each kind of fault has its own rule, as bad as was drawn") {
  std::uint64_t delay_us_max = 0, delay_us_min = UINT64_MAX;
  double loss_max = 0, loss_min = 1;
  for (const LinkFault& fault : all_of(deal_faults(5, {}, share_faults(1'000), 1, kGround))) {
    const LinkRule& rule = fault.rule;
    CHECK(rule.is_cut == (fault.kind == FaultKind::cut || fault.kind == FaultKind::one_way));
    CHECK((rule.loss_share > 0) == (fault.kind == FaultKind::loss));
    CHECK((rule.delay_us_max > 0) == (fault.kind == FaultKind::delay));
    CHECK(rule.bytes_per_s == (fault.kind == FaultKind::rate ? kSlowBytesPerS : 0));
    CHECK((rule.waiting_bytes_max > 0) == !rule.is_cut);
    if (fault.kind == FaultKind::delay) {
      CHECK(rule.delay_us_min < rule.delay_us_max);
      delay_us_min = std::min(delay_us_min, rule.delay_us_min);
      delay_us_max = std::max(delay_us_max, rule.delay_us_max);
    }
    if (fault.kind == FaultKind::loss) {
      loss_min = std::min(loss_min, rule.loss_share);
      loss_max = std::max(loss_max, rule.loss_share);
    }
  }
  CHECK(delay_us_min >= 50'000);
  CHECK(delay_us_min < 60'000);
  CHECK(delay_us_max > 180'000);
  CHECK(delay_us_max <= 200'000);
  CHECK(loss_min >= 0.01);
  CHECK(loss_min < 0.03);
  CHECK(loss_max > 0.18);
  CHECK(loss_max <= 0.2);
}

TEST_CASE("fewer link faults than jobs make fewer jobs, and none makes none") {
  CHECK(deal_faults(1, {}, share_faults(3), 10, kGround).size() == 3);
  CHECK(deal_faults(1, {}, {}, 10, kGround).empty());
  for (const LinkFaults& faults : deal_faults(1, {}, share_faults(7), 7, kGround))
    CHECK(faults.size() == 1);
}

TEST_CASE("a trial of links holds with all its faults and jobs, and without any failure") {
  const NetReport clean = clean_report();
  CHECK(judge_links(clean, share_faults(15)).empty());
  CHECK(judge_links(clean, share_faults(16)).find("only 3 of 4 faults of kind cut") == 0);
  NetReport open = clean;
  open.jobs_done = 2;
  CHECK(!judge_links(open, share_faults(15)).empty());
  NetReport failed = clean;
  failed.hung_jobs = 1;
  failed.failure = "job 2: why";
  CHECK(judge_links(failed, share_faults(15)) == "job 2: why");
}

TEST_CASE("a report of links has every number, faults by kind and by link") {
  NetReport report = clean_report();
  report.faults_by_link = {{"client-coordinator", 5}, {"coordinator-worker", 10}};
  report.not_counted = {1, 0, 2, 0, 0};
  report.stall_ms = {100, 300, 1'000};
  report.packets = {70, 7, 5, 1};
  const nlohmann::ordered_json object = links_to_json(report);
  CHECK(object["faults"] == 15);
  CHECK(object["faults_by_kind"]["one_way"] == 3);
  CHECK(object["faults_by_link"]["client-coordinator"] == 5);
  CHECK(object["not_counted"] == 3);
  CHECK(object["stall_ms_p50"] == 300);
  CHECK(object["stall_ms_p99"] == 1'000);
  CHECK(object["packets"] == 70);
  CHECK(object["packets_late"] == 7);
  CHECK(object["packets_lost"] == 5);
  for (const char* key : {"lost_tokens", "doubled_tokens", "differing_documents", "hung_jobs"})
    CHECK(object[key] == 0);
  CHECK(!object.contains("failure"));
  CHECK(links_to_text(report).find("15 (3 cut, 3 delay, 3 loss, 3 one_way, 3 rate)") !=
        std::string::npos);
}
