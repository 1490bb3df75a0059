// The real writer, killed by SIGKILL at random moments and started again: `./dev chaos` in short.

#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

const std::string kDemo = std::string(PECIA_SOURCE_DIR) + "/config/demo/chronicle.md";

std::vector<std::string> chaos(const std::string& kills, const std::string& tokens,
                               const std::string& context) {
  return {"chaos",     "write", "--kills", kills,  "--jobs",       "1",         "--json", "--",
          "--outline", kDemo,   "-n",      tokens, "--ignore-eos", "--context", context};
}

}  // namespace

TEST_CASE("a killed writer gives the same bytes in every mode of context", "[kill]") {
  for (const char* context : {"none", "direct", "summary"}) {
    INFO(context);
    const Workshop shop;
    const Ended ended =
        run_pecia(chaos("5", "6000", context), {.environment = {"TMPDIR=" + shop.path("")}});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    const Json report = Json::parse(ended.out);
    CHECK(report["kills"] == 5);
    CHECK(report["different_documents"] == 0);
    CHECK(report["taken_back"] == 0);
    CHECK(report["failed_runs"] == 0);
    CHECK(report["sha256"].get<std::string>().size() == 64);
    CHECK(shop.files() == 0);  // no folder of a job is left
  }
}

TEST_CASE("Ctrl-C ends the killing, its writer and every folder", "[kill]") {
  const Workshop shop;
  int looks = 0;
  const Ended ended = run_pecia(chaos("1000", "6000", "none"),
                                {.environment = {"TMPDIR=" + shop.path("")}, .tick = [&](int pid) {
                                   if (shop.files() > 0 && looks++ == 0) ::kill(pid, SIGINT);
                                 }});
  CHECK(ended.code == 130);
  CHECK(ended.out == "");
  CHECK(is_one_line(ended.err));
  CHECK(ended.err.find("interrupted after 0 of 1000 kills") != std::string::npos);
  CHECK(shop.files() == 0);
}
