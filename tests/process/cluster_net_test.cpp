// A real cluster whose links fail: `./dev chaos` in short.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

const std::string kSource = PECIA_SOURCE_DIR;

std::vector<std::string> chaos_net(const std::string& config, const std::string& outline,
                                   const std::string& faults) {
  return {"chaos", "net", "--config", config,      "--faults", faults,  "--jobs",
          "1",     "-n",  "12000",    "--outline", outline,    "--json"};
}

bool others_may_open_tun() {
  struct stat facts = {};
  return ::stat("/dev/net/tun", &facts) == 0 && (facts.st_mode & S_IROTH) != 0;
}

}  // namespace

TEST_CASE("a cluster whose links fail writes the same bytes", "[net]") {
  const Workshop shop;
  const Ended ended = run_pecia(
      chaos_net(kSource + "/config/local.toml", kSource + "/config/demo/chronicle.md", "5"),
      {.environment = {"TMPDIR=" + shop.path("")}});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json report = Json::parse(ended.out);
  if (report.contains("skipped")) PECIA_SKIP(report["skipped"].get<std::string>().c_str());
  CHECK(report["faults"] >= 5);
  for (const char* kind : {"cut", "one_way", "delay", "loss", "rate"}) {
    INFO(kind);
    CHECK(report["faults_by_kind"][kind] >= 1);
  }
  CHECK(report["jobs_done"] == report["jobs"]);
  for (const char* key : {"lost_tokens", "doubled_tokens", "differing_documents", "taken_back",
                          "hung_jobs", "failed_jobs", "failed_nodes"}) {
    INFO(key);
    CHECK(report[key] == 0);
  }
  CHECK(report["packets_lost"] > 0);
  CHECK(report["packets_late"] > 0);
  CHECK(shop.files() == 0);  // no folder of a cluster is left
}

TEST_CASE("without the rights for a network the trial of links is skipped, and says why", "[net]") {
  if (::geteuid() != 0) PECIA_SKIP("only root can give up rights");
  if (others_may_open_tun()) PECIA_SKIP("everybody may open /dev/net/tun here");
  const Workshop shop;
  const std::string config = shop.write("cluster.toml", read_file(kSource + "/config/local.toml"));
  const std::string outline = shop.write("outline.md", "# Title\n\n## One\n");
  std::filesystem::permissions(shop.path(""), std::filesystem::perms{0755});
  const Ended ended = run_pecia(chaos_net(config, outline, "5"),
                                {.environment = {"TMPDIR=" + shop.path("")}, .unprivileged = true});
  INFO(ended.err);
  CHECK(ended.code == 0);
  CHECK(is_one_line(ended.err));
  CHECK(ended.err.find("skipped: cannot ") != std::string::npos);
  CHECK(Json::parse(ended.out)["skipped"].get<std::string>().find("cannot ") == 0);
}
