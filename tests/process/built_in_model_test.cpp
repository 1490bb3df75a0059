// Without -m: the model that comes with the program.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

const std::string kSource = PECIA_SOURCE_DIR;
const std::string kDemo = kSource + "/config/demo/chronicle.md";
const std::string kModel = kSource + "/config/chronicle/pecia-chronicle-q8_0.gguf";

std::size_t words_of(const std::string& text) {
  std::istringstream words(text);
  return static_cast<std::size_t>(std::distance(std::istream_iterator<std::string>(words),
                                                std::istream_iterator<std::string>()));
}

double fact_score(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "score-facts");
  arguments.push_back("--json");
  const Ended scored = run_pecia(arguments);
  INFO(scored.err);
  REQUIRE(scored.code == 0);
  return Json::parse(scored.out)["fact_score"].get<double>();
}

}  // namespace

TEST_CASE("without -m a long chronicle is written that agrees with its header") {
  const Workshop shop;
  const std::string document = shop.path("demo.md");
  const Ended ended = run_pecia({"write", "--outline", kDemo, "-n", "2400", "-o", document});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const std::string text = read_file(document);
  CHECK(words_of(text) >= 1'200);
  CHECK(text.find("\n# 6. The promise of Gerrit\n") != std::string::npos);
  CHECK(fact_score({document, "--outline", kDemo}) >= 0.9);
  const Ended named = run_pecia({"write", "-m", kModel, "--outline", kDemo, "-n", "2400"});
  CHECK(named.out == text);
}

TEST_CASE("the model is found where the program's name is that of something else, too") {
  const Workshop shop;
  const std::string folder = std::filesystem::path(PECIA_PROGRAM).parent_path().string();
  const Ended ended = run_program("/bin/sh", {"-c",
                                              "cd \"$1\" && mkdir -p here/pecia && cd here && "
                                              "PATH=\"$2:$PATH\" && exec pecia write --outline " +
                                                  kDemo + " -n 60",
                                              "sh", shop.path(""), folder});
  INFO(ended.err);
  CHECK(ended.code == 0);
  CHECK(ended.out.size() > 100);
}

TEST_CASE("one stream begins with the first heading and finds the others by itself") {
  const Ended ended =
      run_pecia({"write", "--outline", kDemo, "--one-stream", "-n", "1900", "--json"});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json report = Json::parse(ended.out);
  const std::string text = report["document"];
  CHECK(text.starts_with("Title: The glazier of Dunmarsh\n"));
  CHECK(text.find("\n\n# 1. A letter for Gerrit\n\n") != std::string::npos);
  CHECK(text.find("\n\n# 2. ") != std::string::npos);
  CHECK(text.find("At the start Gerrit and Muffin") == std::string::npos);  // no notes in it
  CHECK(report["slices"].size() == 1);
  const Workshop shop;
  CHECK(fact_score({shop.write("stream.md", text)}) >= 0.9);
}

TEST_CASE("a document in one stream that does not fit the context is refused") {
  const Ended ended = run_pecia({"write", "--outline", kDemo, "--one-stream", "-c", "100"});
  CHECK(ended.code == 2);
  CHECK(is_one_line(ended.err));
  CHECK(ended.err.find("are more than the context of 100") != std::string::npos);
}

TEST_CASE("an installed program finds the model that was installed with it") {
  const Workshop shop;
  const std::string prefix = shop.path("prefix");
  const Ended installed = run_program(
      PECIA_CMAKE, {"--install", PECIA_BUILD_DIR, "--prefix", prefix, "--component", "program"});
  INFO(installed.out << installed.err);
  REQUIRE(installed.code == 0);
  const Ended ended =
      run_program(prefix + "/bin/pecia", {"write", "--outline", kDemo, "-n", "12", "--json"});
  INFO(ended.err);
  CHECK(ended.code == 0);
  CHECK(Json::parse(ended.out)["tokens"] == 12);
}
