// A document as a job: one text for any number of workers, and a folder in which it goes on.

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

using Words = std::vector<std::string>;

const std::string kDemo = std::string(PECIA_SOURCE_DIR) + "/config/demo/chronicle.md";
const std::string kModel =
    std::string(PECIA_SOURCE_DIR) + "/config/chronicle/pecia-chronicle-q8_0.gguf";
constexpr char kGoesOn[] = "going on with the job";
constexpr char kFinished[] = "the job is finished";
constexpr std::size_t kMidway = 2'000;  // bytes: beyond the preamble, far from the end

Words write(const Words& more) {
  Words words = {"write", "--outline", kDemo, "-n", "900"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Takes most of a second, so that something can happen in its midst.
Words write_long(const Words& more) {
  Words words = {"write", "--outline", kDemo, "-n", "6000", "--ignore-eos"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// What was printed where all went well.
std::string document_of(const Words& words) {
  const Ended ended = run_pecia(words);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  REQUIRE(!ended.out.empty());
  return ended.out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// Sends a signal once the document has come midway.
SpawnOptions signal_midway(int signal, const Words& environment = {}) {
  return {.environment = environment,
          .watch = [signal, sent = false](int pid, const std::string& out) mutable {
            if (sent || out.size() < kMidway) return;
            ::kill(pid, signal);
            sent = true;
          }};
}

// One line says what is wrong; nothing is printed.
std::string refusal_of(const Words& words) {
  const Ended ended = run_pecia(words);
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(ended.out == "");
  CHECK(is_one_line(ended.err));
  CHECK(ended.err.starts_with("pecia: "));
  return ended.err;
}

// A folder for temporary files that nothing else uses.
struct TemporaryPlace {
  explicit TemporaryPlace(const Workshop& shop)
      : folder(shop.path("temporary")), environment({"TMPDIR=" + folder}) {
    std::filesystem::create_directory(folder);
  }
  bool is_empty() const { return std::filesystem::is_empty(folder); }

  std::string folder;
  Words environment;
};

}  // namespace

TEST_CASE("what happened to a killed job is told from its folder, when nobody writes there") {
  const Workshop shop;
  const Words words = write_long({"--job-dir", shop.path("job"), "--workers", "2"});
  const Words explain = {"explain", "--job-dir", shop.path("job")};
  CHECK(contains(refusal_of(explain), "no journal there"));
  CHECK(!std::filesystem::exists(shop.path("job")));
  Ended while_written;
  SpawnOptions options = signal_midway(SIGKILL);
  const auto kill_midway = options.watch;
  options.watch = [&](int pid, const std::string& out) {
    if (out.size() >= kMidway && while_written.err.empty()) while_written = run_pecia(explain);
    kill_midway(pid, out);
  };
  run_pecia(words, options);
  CHECK(while_written.code == 2);
  CHECK(contains(while_written.err, "journal.sqlite"));
  const Ended midway = run_pecia(explain);
  INFO(midway.err);
  REQUIRE(midway.code == 0);
  CHECK(contains(midway.out, " is stalled: nobody is at work on it\n"));
  CHECK(contains(midway.out, " placed on worker-1, attempt 1."));
  REQUIRE(run_pecia(words).code == 0);
  const Ended all = run_pecia({"explain", "--job-dir", shop.path("job"), "--json"});
  REQUIRE(all.code == 0);
  const Json told = Json::parse(all.out);
  CHECK(told["state"] == "done");
  CHECK(told["totals"]["restarts"] == 1);
  CHECK(told["totals"]["tokens"] == 6'000);
  CHECK(told["rows"].back()["what"] == "closed");
  CHECK(contains(refusal_of({"explain", "other", "--job-dir", shop.path("job")}), "no such job"));
  CHECK(contains(refusal_of({"explain", "book"}), "one of --cluster and --job-dir"));
}

TEST_CASE("a document is the same for any workers, batch, cache and balancer") {
  const std::string document = document_of(write({}));
  for (const Words& how : {Words{"--workers", "1"},
                           {"--workers", "2"},
                           {"--workers", "3"},
                           {"--workers", "4"},
                           {"--batch-max", "1"},
                           {"--batch-max", "2"},
                           {"--batch-max", "16"},
                           {"--cache", "off"},
                           {"--cache", "local"},
                           {"--balancer", "static"},
                           {"--balancer", "least_loaded"},
                           {"--workers", "3", "--batch-max", "1", "--cache", "off"},
                           {"--workers", "2", "--batch-max", "2", "--balancer", "static"}}) {
    INFO(how[0] << " " << how[1]);
    CHECK(document_of(write(how)) == document);
  }
}

TEST_CASE("each mode of context gives a document of its own, the same for any workers") {
  std::vector<std::string> documents;
  for (const char* context : {"none", "direct", "summary"}) {
    INFO(context);
    documents.push_back(document_of(write({"--context", context, "--workers", "1"})));
    CHECK(document_of(write({"--context", context, "--workers", "3"})) == documents.back());
  }
  CHECK(documents[0] != documents[1]);
  CHECK(documents[0] != documents[2]);
  CHECK(documents[1] != documents[2]);
}

TEST_CASE("a killed job goes on in its folder and takes back nothing that it printed") {
  const Workshop shop;
  const std::string document = document_of(write_long({}));
  const Words job = write_long({"--job-dir", shop.path("job")});
  const Ended killed = run_pecia(job, signal_midway(SIGKILL));
  REQUIRE(killed.code == 128 + SIGKILL);
  CHECK(!contains(killed.err, kGoesOn));
  CHECK(!contains(killed.err, kFinished));
  const Ended resumed = run_pecia(job);
  CHECK(resumed.code == 0);
  CHECK(contains(first_line(resumed.err), kGoesOn));
  CHECK(resumed.out.starts_with(killed.out));
  CHECK(resumed.out == document);
}

TEST_CASE("a killed job goes on with other workers, batches and caches") {
  const Workshop shop;
  const Words folder = {"--job-dir", shop.path("job")};
  Words other = write_long(folder);
  other.insert(other.end(), {"--workers", "3", "--batch-max", "2", "--cache", "off"});
  REQUIRE(run_pecia(write_long(folder), signal_midway(SIGKILL)).code == 128 + SIGKILL);
  const Ended resumed = run_pecia(other);
  CHECK(contains(first_line(resumed.err), kGoesOn));
  CHECK(resumed.out == document_of(write_long({})));
}

TEST_CASE("a job whose disk is full waits, says so, and is done once there is room") {
  const std::string document = document_of(write_long({}));
  int waited = 0;
  for (std::uint64_t bytes = 64 * 1024; bytes < 1024 * 1024; bytes += bytes / 2) {
    const Workshop shop;
    const Words job = write_long({"--job-dir", shop.path("job")});
    SpawnOptions options{.environment = {"PECIA_JOURNAL_RESERVE_BYTES=65536"},
                         .file_bytes_max = bytes};
    options.watch_err = [](int pid, const std::string& err) {
      if (contains(err, "waiting for storage")) give_room(pid);
    };
    const Ended ended = run_pecia(job, options);
    INFO(bytes << " bytes: " << ended.err);
    CHECK(ended.code == 0);
    CHECK(ended.out == document);
    waited += contains(ended.err, "waiting for storage") ? 1 : 0;
  }
  CHECK(waited >= 3);
}

TEST_CASE("Ctrl-C leaves a job that goes on") {
  const Workshop shop;
  const Words job = write_long({"--job-dir", shop.path("job")});
  const Ended stopped = run_pecia(job, signal_midway(SIGINT));
  REQUIRE(stopped.code == 130);
  const Ended resumed = run_pecia(job);
  CHECK(contains(first_line(resumed.err), kGoesOn));
  CHECK(resumed.out.starts_with(stopped.out));
  CHECK(resumed.out == document_of(write_long({})));
}

TEST_CASE("a finished job prints its document again, as often as it is asked") {
  const Workshop shop;
  const Words job = write({"--job-dir", shop.path("job")});
  const Ended first = run_pecia(job);
  REQUIRE(first.code == 0);
  CHECK(!contains(first.err, kFinished));
  for (int again = 0; again < 2; ++again) {
    const Ended ended = run_pecia(job);
    CHECK(ended.code == 0);
    CHECK(contains(first_line(ended.err), kFinished));
    CHECK(ended.out == first.out);
  }
}

TEST_CASE("another spec on the folder of a job is refused and leaves the job as it was") {
  const Workshop shop;
  const std::string folder = shop.path("job");
  const std::string outline = shop.write("other.md", read_file(kDemo) + "\nOne sentence more.\n");
  const Words job = write_long({"--job-dir", folder});
  const auto refuse_all = [&] {
    for (const Words& other : {write_long({"--job-dir", folder, "-s", "2"}),
                               write_long({"--job-dir", folder, "-m", shop.path("q4.gguf")}),
                               write({"--job-dir", folder, "--ignore-eos"}),
                               Words{"write", "--outline", outline, "-n", "6000", "--ignore-eos",
                                     "--job-dir", folder}}) {
      CHECK(contains(refusal_of(other), folder));
    }
  };
  REQUIRE(run_pecia({"convert", kModel, shop.path("q4.gguf"), "--to", "q4_0"}).code == 0);
  REQUIRE(run_pecia(job, signal_midway(SIGKILL)).code == 128 + SIGKILL);
  refuse_all();
  const Ended resumed = run_pecia(job);
  CHECK(contains(first_line(resumed.err), kGoesOn));
  CHECK(resumed.out == document_of(write_long({})));
  refuse_all();
  const Ended again = run_pecia(job);
  CHECK(contains(first_line(again.err), kFinished));
  CHECK(again.out == resumed.out);
}

TEST_CASE("without a folder of its own a job leaves none behind") {
  const Workshop shop;
  const TemporaryPlace place(shop);
  CHECK(run_pecia(write({}), {.environment = place.environment}).code == 0);
  CHECK(place.is_empty());
  CHECK(run_pecia(write({"-c", "100"}), {.environment = place.environment}).code == 2);
  CHECK(place.is_empty());
  CHECK(
      run_pecia({"write", "--outline", shop.path("absent.md")}, {.environment = place.environment})
          .code == 2);
  CHECK(place.is_empty());
  CHECK(run_pecia(write_long({}), signal_midway(SIGINT, place.environment)).code == 130);
  CHECK(place.is_empty());
}

TEST_CASE("a document of more prompt tokens than a plan may have is refused before it is begun") {
  const Workshop shop;
  std::string headings;
  for (int k = 1; k <= 4'096; ++k) headings += "# Chapter " + std::to_string(k) + "\n";
  const std::string line = refusal_of({"write", "--outline", shop.write("long.md", headings), "-n",
                                       "0", "--job-dir", shop.path("job")});
  CHECK(contains(line, "4096 sections: "));
  CHECK(contains(line, "at most 67108864 are right"));
  CHECK(!std::filesystem::exists(shop.path("job")));
  CHECK(contains(refusal_of({"write", "--outline", shop.write("short.md", "# One\n"), "-n",
                             "1048577", "--job-dir", shop.path("job")}),
                 "its share of -n is 1048577 tokens"));
}

TEST_CASE("a reader that goes away ends a job quietly, and its folder goes too") {
  const Workshop shop;
  const TemporaryPlace place(shop);
  std::string line = "{ " PECIA_PROGRAM;
  for (const std::string& word : write_long({})) line += " '" + word + "'";
  line += "; echo $? >" + shop.path("code") + "; } | head -c 3000";
  const Ended ended = run_program("/bin/sh", {"-c", line}, {.environment = place.environment});
  CHECK(ended.out.size() == 3'000);
  CHECK(!contains(ended.err, "pecia: "));
  CHECK(read_file(shop.path("code")) == "141\n");
  CHECK(place.is_empty());
}

TEST_CASE("a closed terminal ends a job as Ctrl-C does, unless it was told to stay") {
  const Workshop shop;
  const TemporaryPlace place(shop);
  CHECK(run_pecia(write_long({}), signal_midway(SIGHUP, place.environment)).code == 130);
  CHECK(place.is_empty());
  Words kept = {"-c", "trap '' HUP; exec \"$@\"", "sh", PECIA_PROGRAM};
  const Words job = write_long({});
  kept.insert(kept.end(), job.begin(), job.end());
  const Ended ended = run_program("/bin/sh", kept, signal_midway(SIGHUP, place.environment));
  CHECK(ended.code == 0);
  CHECK(ended.out == document_of(job));
  CHECK(place.is_empty());
}

TEST_CASE("a second Ctrl-C ends a job at once, and its folder goes too") {
  const Workshop shop;
  const TemporaryPlace place(shop);
  std::size_t seen = 0;  // files of the job
  SpawnOptions options{.environment = place.environment};
  options.watch = [&](int pid, const std::string& out) {
    if (out.size() < kMidway || seen > 0) return;
    ::kill(pid, SIGSTOP);  // so that both are there before it looks
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place.folder))
      seen += entry.is_regular_file();
    ::kill(pid, SIGINT);
    ::kill(pid, SIGTERM);
    ::kill(pid, SIGCONT);
  };
  const int code = run_pecia(write_long({}), options).code;
  CHECK(seen >= 5);
  CHECK((code == 128 + SIGINT || code == 128 + SIGTERM));
  CHECK(place.is_empty());
}

TEST_CASE("what kills have left is removed a day later, and nothing else") {
  const Workshop shop;
  const TemporaryPlace place(shop);
  const std::filesystem::path folder(place.folder), files = folder / "files";
  REQUIRE(run_pecia(write_long({}), signal_midway(SIGKILL, place.environment)).code ==
          128 + SIGKILL);
  REQUIRE(!place.is_empty());
  std::filesystem::rename(std::filesystem::directory_iterator(folder)->path(), files);
  const auto now = std::filesystem::file_time_type::clock::now();
  const auto leave = [&](const char* name, int hours) {
    std::filesystem::copy(files, folder / name);
    std::filesystem::last_write_time(folder / name, now - std::chrono::hours(hours));
  };
  leave("pecia-job-stale0", 25);
  leave("pecia-job-stale1", 25);
  leave("pecia-job-young0", 23);
  leave("pecia-job-locked", 25);
  leave("pecia-job-mybook", 25);
  std::filesystem::remove(folder / "pecia-job-mybook/temporary");  // a person's --job-dir
  leave("pecia-job-longer0", 25);
  leave("another-stale0", 25);
  std::filesystem::last_write_time(folder / "pecia-job-mybook", now - std::chrono::hours(25));
  const int lock = ::open((folder / "pecia-job-locked/journal.sqlite.lock").c_str(), O_RDWR);
  REQUIRE(::flock(lock, LOCK_EX | LOCK_NB) == 0);
  CHECK(run_pecia(write({}), {.environment = place.environment}).code == 0);
  ::close(lock);
  const auto is_there = [&](const char* name) { return std::filesystem::exists(folder / name); };
  CHECK(!is_there("pecia-job-stale0"));
  CHECK(!is_there("pecia-job-stale1"));
  CHECK(is_there("pecia-job-young0/journal.sqlite"));
  CHECK(is_there("pecia-job-locked/journal.sqlite"));
  CHECK(is_there("pecia-job-mybook/journal.sqlite"));
  CHECK(is_there("pecia-job-longer0/journal.sqlite"));
  CHECK(is_there("another-stale0/journal.sqlite"));
}

TEST_CASE("a job in a folder reports in JSON and stores its document, finished or not") {
  const Workshop shop;
  const std::string document = document_of(write({})), book = shop.path("book.md");
  for (int start = 0; start < 2; ++start) {
    INFO(start);
    const Ended told = run_pecia(write({"--job-dir", shop.path("told"), "--json"}));
    CHECK(told.code == 0);
    CHECK(is_one_line(told.out));
    CHECK(Json::parse(told.out)["document"] == document);
    const Ended stored = run_pecia(write({"--job-dir", shop.path("stored"), "-o", book}));
    CHECK(stored.code == 0);
    CHECK(stored.out == "");
    CHECK(read_file(book) == document);
    std::filesystem::remove(book);
  }
  CHECK(document_of(write({"--job-dir", shop.path("stored")})) == document);
}

TEST_CASE("a second writer in the folder of a job is refused while the first one lives") {
  const Workshop shop;
  const Words job = write_long({"--job-dir", shop.path("job")});
  Ended second;
  const Ended first =
      run_pecia(job, {.watch = [&](int pid, const std::string& out) {
                  if (out.size() < kMidway || second.code != -1) return;
                  ::kill(pid, SIGSTOP);  // so that it cannot end before the second has looked
                  second = run_pecia(job);
                  ::kill(pid, SIGCONT);
                }});
  CHECK(second.code == 2);
  CHECK(second.out == "");
  CHECK(is_one_line(second.err));
  CHECK(contains(second.err, shop.path("job")));
  CHECK(first.code == 0);
  CHECK(first.out == document_of(write_long({})));
}
