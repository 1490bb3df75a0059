// The kill test itself, tried on scripts that stand for good and for bad writers.

#include "apps/pecia/kill_trial.hpp"

#include <stdlib.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/process/resumable_writer.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::apps;
using namespace pecia::tests;
using pecia::kernels::Expected;

namespace {

constexpr int kLines = 30;

struct Tried {
  Expected<KillReport> report;
  std::size_t folders;  // left behind
};

// Folders of jobs lie in the workshop, where they can be counted.
Tried try_on(const Workshop& shop, const KillTrial& trial) {
  const std::string folder = shop.path("jobs");
  std::filesystem::create_directory(folder);
  ::setenv("TMPDIR", folder.c_str(), 1);
  auto report = try_kills(trial, [](const KillReport&) {});
  ::unsetenv("TMPDIR");
  const std::filesystem::directory_iterator entries(folder);
  return {std::move(report), static_cast<std::size_t>(std::distance(begin(entries), end(entries)))};
}

Tried try_on(Conduct conduct) {
  const Workshop shop;
  return try_on(shop, {.program = resumable_writer(shop, conduct, kLines), .kills = 6, .jobs = 2});
}

}  // namespace

TEST_CASE("a writer that keeps its place survives every kill with the same document") {
  const Tried tried = try_on(Conduct::faithful);
  REQUIRE(tried.report);
  const KillReport& report = *tried.report;
  INFO(report.failure.value_or(""));
  CHECK(report.clean());
  CHECK(report.kills == 6);
  CHECK(report.jobs >= 2);
  CHECK(report.document_bytes > kLines * 6);
  CHECK(report.sha256.size() == 64);
  CHECK(report.undisturbed_s > 0);
  CHECK(!report.resume_s.empty());
  CHECK(!report.failure);
  CHECK(tried.folders == 0);
}

TEST_CASE("a writer that goes on with other text after a kill is found and its folder is kept") {
  const Tried tried = try_on(Conduct::forgetful);
  REQUIRE(tried.report);
  CHECK(tried.report->different_documents > 0);
  CHECK(tried.report->failed_runs == 0);
  REQUIRE(tried.report->failure);
  CHECK(tried.report->failure->find("printed 'other line") != std::string::npos);
  CHECK(tried.report->failure->find("kept: ") != std::string::npos);
  CHECK(tried.folders == 1);
}

TEST_CASE("a writer that prints other text in place of what it printed before is found") {
  const Tried tried = try_on(Conduct::changeable);
  REQUIRE(tried.report);
  CHECK(tried.report->taken_back > 0);
  CHECK(tried.report->failure.value_or("").find("an earlier run had printed") != std::string::npos);
}

TEST_CASE("a writer that does not print a finished job again is found") {
  const Tried tried = try_on(Conduct::spent);
  REQUIRE(tried.report);
  CHECK(tried.report->different_documents > 0);
  CHECK(tried.report->failure.value_or("").find("printed '' from byte 0 on") != std::string::npos);
}

TEST_CASE("a writer that fails when it is started again is found, and told in its own words") {
  const Tried tried = try_on(Conduct::failing);
  REQUIRE(tried.report);
  CHECK(tried.report->failed_runs > 0);
  CHECK(tried.report->different_documents == 0);
  CHECK(tried.report->failure.value_or("").find("exit code 3: no room left") != std::string::npos);
}

TEST_CASE("a writer that never ends after a kill is ended at its limit, and found") {
  const Workshop shop;
  const Tried tried = try_on(shop, {.program = resumable_writer(shop, Conduct::stuck, 8),
                                    .kills = 2,
                                    .jobs = 1,
                                    .run_ms_max = 1});  // ten times the undisturbed run is more
  REQUIRE(tried.report);
  CHECK(tried.report->failed_runs > 0);
  CHECK(tried.report->failure.value_or("").find("did not end within") != std::string::npos);
}

TEST_CASE("what is kept of a failure shows both texts") {
  const Workshop shop;
  const Tried tried =
      try_on(shop, {.program = resumable_writer(shop, Conduct::forgetful, kLines), .kills = 2});
  REQUIRE(tried.report);
  const std::filesystem::path kept = std::filesystem::directory_iterator(shop.path("jobs"))->path();
  CHECK(read_file(kept / "undisturbed").size() == tried.report->document_bytes);
  CHECK(read_file(kept / "printed").find("other line") != std::string::npos);
  CHECK(read_file(kept / "printed-before").find("other line") == std::string::npos);
  CHECK(read_file(kept / "said").find("going on with the job") != std::string::npos);
  CHECK(std::filesystem::exists(kept / "job/reached"));
}

TEST_CASE("too short a job for kills ends the drawing of moments") {
  const Workshop shop;
  const std::string program = shop.write("writer.sh", "#!/bin/sh\necho document\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const Tried tried = try_on(shop, {.program = program, .kills = 2, .jobs = 1});
  REQUIRE(tried.report);
  CHECK(tried.report->clean());
  CHECK(tried.report->kills == 0);
  CHECK(tried.report->kills_not_counted == 6);
}

TEST_CASE("a writer that fails undisturbed, prints nothing or is not there is refused") {
  const Workshop shop;
  const auto refusal = [&shop](const std::string& program) {
    const Tried tried = try_on(shop, {.program = program});
    REQUIRE(!tried.report);
    CHECK(tried.folders == 0);
    return tried.report.error().message;
  };
  const auto script = [&shop](const char* lines) {
    std::string path = shop.write("writer.sh", std::string("#!/bin/sh\n") + lines);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  };
  CHECK(refusal(script("echo 'no outline' >&2; exit 2\n")).find("exit code 2: no outline") !=
        std::string::npos);
  CHECK(refusal(script("exit 0\n")).find("prints nothing") != std::string::npos);
  CHECK(refusal(shop.path("nothing")).find("exit code 127") != std::string::npos);
}
