// pecia explain over a real cluster, one of whose workers is killed while it writes.

#include <nlohmann/json.hpp>

#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/trial_cluster.hpp"
#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"

using namespace pecia::tests;
using pecia::apps::TrialCluster;
using Json = nlohmann::json;

namespace {

const std::string kSource = PECIA_SOURCE_DIR;
constexpr std::size_t kMidway = 2'000;  // bytes: beyond the preamble, far from the end

}  // namespace

TEST_CASE("what happened to a job of a cluster is told, the death of a worker among it", "[kill]") {
  auto file = pecia::apps::open_cluster(kSource + "/config/local.toml");
  REQUIRE(file.ok());
  auto cluster = TrialCluster::create(std::move(file->cluster), PECIA_PROGRAM);
  REQUIRE(cluster.ok());
  REQUIRE(cluster->start().ok());
  auto& processes = cluster->processes();
  std::vector<std::string> killed;
  const auto kill_workers = [&](int, const std::string& out) {
    if (out.size() < kMidway || !killed.empty()) return;
    // All of them, so that each slice that had begun is lost somewhere; and they come back.
    for (std::size_t i = 1; i < processes.size(); ++i) {
      if (processes[i].kill()) killed.push_back(processes[i].name());
      REQUIRE(processes[i].start().ok());
    }
  };
  const Ended written = run_pecia(
      {"write", "--cluster", cluster->config_file(), "--outline",
       kSource + "/config/demo/chronicle.md", "-n", "6000", "--ignore-eos", "--job", "book"},
      {.watch = kill_workers});
  INFO(written.err);
  REQUIRE(written.code == 0);
  REQUIRE(!killed.empty());

  const std::vector<std::string> explain = {"explain", "book", "--cluster", cluster->config_file()};
  const Ended text = run_pecia(explain);
  INFO(text.err);
  REQUIRE(text.code == 0);
  INFO(text.out);
  CHECK(text.out.find(" is done\n") != std::string::npos);
  std::vector<std::string> as_json = explain;
  as_json.push_back("--json");
  const Json told = Json::parse(run_pecia(as_json).out);
  CHECK(told["state"] == "done");
  CHECK(told["totals"]["tokens"] == 6'000);
  CHECK(told["totals"]["restarts"] == 0);
  std::size_t lost = 0;
  for (const Json& row : told["rows"]) {
    CHECK(row["unix_ms"].get<std::uint64_t>() >= told["opened_unix_ms"].get<std::uint64_t>());
    if (row["what"] != "left") continue;
    ++lost;
    CHECK(std::find(killed.begin(), killed.end(), row["node"]) != killed.end());
    CHECK(text.out.find(" lost on " + row["node"].get<std::string>()) != std::string::npos);
  }
  CHECK(lost > 0);
  CHECK(told["totals"]["lost"] == lost);

  const Ended unknown = run_pecia({"explain", "other", "--cluster", cluster->config_file()});
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("no such job") != std::string::npos);
}
