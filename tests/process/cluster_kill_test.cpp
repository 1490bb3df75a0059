// A real cluster, its nodes killed and stopped: `./dev chaos` in short.

#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

const std::string kSource = PECIA_SOURCE_DIR;

std::vector<std::string> chaos(const std::string& kills, const std::string& zombies,
                               const std::string& context) {
  return {"chaos",   "kill", "--config",  kSource + "/config/local.toml",
          "--kills", kills,  "--zombies", zombies,
          "--jobs",  "1",    "--outline", kSource + "/config/demo/chronicle.md",
          "-n",      "6000", "--context", context,
          "--json"};
}

}  // namespace

TEST_CASE("a cluster whose nodes die and sleep writes the same bytes", "[kill]") {
  for (const char* context : {"none", "summary"}) {
    INFO(context);
    const Workshop shop;
    const Ended ended =
        run_pecia(chaos("3", "1", context), {.environment = {"TMPDIR=" + shop.path("")}});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    const Json report = Json::parse(ended.out);
    CHECK(report["kills"] >= 3);
    CHECK(report["zombies"] >= 1);
    CHECK(report["jobs_done"] == report["jobs"]);
    for (const char* key : {"lost_tokens", "doubled_tokens", "differing_documents", "taken_back",
                            "hung_jobs", "failed_jobs", "failed_nodes"}) {
      INFO(key);
      CHECK(report[key] == 0);
    }
    CHECK(report["sha256"].get<std::string>().size() == 64);
    CHECK(shop.files() == 0);  // no folder of a cluster is left
  }
}

TEST_CASE("Ctrl-C ends the killing, its cluster and every folder", "[kill]") {
  const Workshop shop;
  int looks = 0;
  const Ended ended = run_pecia(chaos("1000", "0", "none"),
                                {.environment = {"TMPDIR=" + shop.path("")}, .tick = [&](int pid) {
                                   if (shop.files() > 0 && looks++ == 0) ::kill(pid, SIGINT);
                                 }});
  CHECK(ended.code == 130);
  CHECK(ended.out == "");
  CHECK(ended.err.find("interrupted after 0 of 1000 kills") != std::string::npos);
  CHECK(shop.files() == 0);
}

TEST_CASE("a cluster that cannot be read or started is refused in one line", "[kill]") {
  const Workshop shop;
  const auto refusal = [&shop](const std::string& config) {
    std::vector<std::string> words = chaos("1", "0", "none");
    words[3] = shop.write("cluster.toml", config);
    const Ended ended = run_pecia(words, {.environment = {"TMPDIR=" + shop.path("")}});
    CHECK(ended.code == 2);
    CHECK(is_one_line(ended.err));
    CHECK(shop.files() == 1);
    return ended.err;
  };
  CHECK(refusal("nothing").find("cluster.toml:1:") != std::string::npos);
  const std::string row =
      "[cluster]\nname = \"c\"\n[[node]]\nname = \"all\"\naddress = \"127.0.0.1:7400\"\n"
      "roles = [\"coordinator\", \"worker\"]\n";
  CHECK(refusal(row + "model = \"none.gguf\"\n").find("none.gguf") != std::string::npos);
}
