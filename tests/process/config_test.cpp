// The config of the built program: its dump, its file and its environment.

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;

namespace {

void check_refused(const Ended& ended, const std::string& reason) {
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(is_one_line(ended.err));
  CHECK(ended.err == "pecia: " + reason + "\n");
  CHECK(ended.out == "");
}

}  // namespace

TEST_CASE("write --dump-config prints config/all_options.toml and asks for nothing else") {
  const Ended ended = run_pecia({"write", "--dump-config"});
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
  CHECK(ended.out == read_file(PECIA_SOURCE_DIR "/config/all_options.toml"));
  CHECK_FALSE(ended.out.empty());
}

TEST_CASE("a dump holds what file and environment set, and reads back as the same dump") {
  const Workshop shop;
  const std::string file = shop.write("c.toml", "[write]\nworkers = 2\nbatch_max = 5\n");
  const Ended ended = run_pecia({"write", "--config", file, "--dump-config"},
                                {.environment = {"PECIA_WRITE_WORKERS=3", "PECIA_CPU=portable"}});
  CHECK(ended.code == 0);
  CHECK(ended.out.find("# set by 'PECIA_WRITE_WORKERS'\nworkers = 3\n") != std::string::npos);
  CHECK(ended.out.find("\nbatch_max = 5\n") != std::string::npos);
  const std::string dump = shop.write("d.toml", ended.out);
  const Ended again = run_pecia({"write", "--dump-config", "--config", dump});
  CHECK(again.code == 0);
  CHECK(again.out.find("\nworkers = 3\n") != std::string::npos);
  CHECK(again.out.find("\nbatch_max = 5\n") != std::string::npos);
}

TEST_CASE("write refuses a bad config before it opens anything else") {
  const Workshop shop;
  const std::string file = shop.write("c.toml", "[write]\nworker = 2\n");
  const std::vector<std::string> write = {"write", "-m", shop.path("none.gguf"), "--outline",
                                          shop.path("none.md")};
  std::vector<std::string> with_file = write;
  with_file.insert(with_file.end(), {"--config", file});
  check_refused(run_pecia(with_file),
                file + ":2:1: [write] has no key 'worker'; the nearest is 'workers'");
  check_refused(run_pecia(write, {.environment = {"PECIA_JOURNAL_X=1"}}),
                "'PECIA_JOURNAL_X': no setting of [journal] has this name; the nearest is "
                "PECIA_JOURNAL_RESERVE_BYTES");
  check_refused(run_pecia(write, {.environment = {"PECIA_WRITE_WORKERS=0"}}),
                "PECIA_WRITE_WORKERS: write.workers = 0 is out of range; give 1 to 64 workers");
}

TEST_CASE("write does not write its document over its config") {
  const Workshop shop;
  const std::string file = shop.write("c.toml", "[write]\nworkers = 2\n");
  const Ended ended =
      run_pecia({"write", "-m", shop.tiny_model(), "--outline", shop.write("o.md", "# One\n"), "-n",
                 "4", "--config", file, "-o", file});
  CHECK(ended.code == 2);
  CHECK(ended.err.find("is --config as well") != std::string::npos);
  CHECK(read_file(file) == "[write]\nworkers = 2\n");
}
