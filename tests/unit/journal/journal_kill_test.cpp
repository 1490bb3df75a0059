// A writer process that is killed in the midst of its work, and one whose disk is full.

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"
#include "tests/unit/journal/faulty_vfs.hpp"
#include "tests/unit/journal/journal_rig.hpp"
#include "tests/unit/journal/story.hpp"
#include "tests/unit/journal/test_codec.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;
using pecia::kernels::Expected;

namespace {

// A forked process and the bytes it wrote to its pipe.
class Child {
 public:
  explicit Child(const std::function<void(int pipe)>& body) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      body(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    out_ = ends[0];
  }
  ~Child() { ::close(out_); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Until `bytes` have come in all, or the child has closed its end.
  std::size_t read_until(std::size_t bytes) {
    std::array<char, 256> some{};
    while (received_.size() < bytes) {
      const ssize_t count = ::read(out_, some.data(), some.size());
      if (count <= 0) break;
      received_.append(some.data(), static_cast<std::size_t>(count));
    }
    return received_.size();
  }
  const std::string& received() const { return received_; }
  void kill() const { ::kill(pid_, SIGKILL); }
  int wait() const {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return status;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  std::string received_;
};

// Continues the story where the journal stands; a byte to the pipe for each durable answer.
void write_story(const std::string& path, const std::vector<Transaction>& all, int pipe) {
  SqliteJournalOptions options;
  options.gather_ms_max = 1;
  options.checkpoint_bytes = 32 * 1024;
  Expected<std::unique_ptr<SqliteJournal>> journal =
      SqliteJournal::open(path, test_codec(), options);
  if (!journal) return;
  Expected<std::vector<Record>> records = (*journal)->read();
  if (!records) return;
  const std::size_t have = without_terms(*records).size();
  std::size_t next = 0;
  for (std::size_t count = 0; count < have; ++next) count += all[next].size();
  Answers answers;
  (*journal)->on_answer([pipe](std::span<const AppendAnswer> known) {
    for (const AppendAnswer& answer : known) {
      const char byte = answer.outcome == AppendOutcome::durable ? 'd' : 'x';
      [[maybe_unused]] const ssize_t written = ::write(pipe, &byte, 1);
    }
  });
  if (!(*journal)->begin_term(5, 0)) return;
  for (; next < all.size(); ++next) (*journal)->append(all[next]);
  ::pause();  // until the kill
}

std::vector<Record> read_all(const std::string& path) {
  Expected<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path, test_codec());
  INFO((journal ? "" : journal.error().message));
  REQUIRE(journal.ok());
  Expected<std::vector<Record>> records = (*journal)->read();
  INFO((records ? "" : records.error().message));
  REQUIRE(records.ok());
  return std::move(*records);
}

}  // namespace

TEST_CASE("after each of 30 kills everything answered durable is there, in whole transactions") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  const std::vector<Transaction> all = story(21, 100, 6, 12);
  std::size_t durable = 0;  // transactions
  int unanswered = 0;       // kills that found more than was answered
  for (std::uint64_t kill = 0; kill < 30; ++kill) {
    const std::size_t before = durable;
    Child child([&](int pipe) { write_story(path, all, pipe); });
    child.read_until(pecia::kernels::philox64(3, kill, 0) % 150);
    child.kill();
    const std::size_t answers = child.read_until(SIZE_MAX);
    CHECK(WIFSIGNALED(child.wait()));
    CHECK(std::all_of(child.received().begin(), child.received().end(),
                      [](char c) { return c == 'd'; }));
    const std::vector<Record> found = without_terms(read_all(path));
    std::size_t records = 0;
    durable = 0;
    while (durable < all.size() && records < found.size()) records += all[durable++].size();
    REQUIRE(records == found.size());
    REQUIRE(found == flat(std::span(all).first(durable)));
    REQUIRE(durable >= before + answers);
    unanswered += durable > before + answers;
  }
  CHECK(durable < all.size());  // else the last kills found nothing to interrupt
  INFO(unanswered << " of 30 kills fell between commit and answer");
  CHECK(durable > 500);
}

TEST_CASE("a writer whose files may grow no further hears full, and goes on when they may") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  Child child([&](int pipe) {
    ::signal(SIGXFSZ, SIG_IGN);
    Expected<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path, test_codec());
    if (!journal || !(*journal)->begin_term(5, 0)) return;
    Answers answers;
    answers.listen_to(**journal);
    const auto tell = [&](std::size_t number) {
      const char letter = name_of(answers.wait_for(number).back().outcome)[0];
      [[maybe_unused]] const ssize_t written = ::write(pipe, &letter, 1);
    };
    (*journal)->append({opened(1), planned(1, 1)});
    tell(1);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    rlimit small = limit;
    small.rlim_cur = 100'000;
    ::setrlimit(RLIMIT_FSIZE, &small);
    (*journal)->append({tokens(1, "1", 0, 50'000)});
    tell(2);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    (*journal)->retry();
    (*journal)->append({tokens(1, "1", 0, 50'000)});
    tell(3);
  });
  child.read_until(SIZE_MAX);
  CHECK(child.wait() == 0);
  CHECK(child.received() == "dfd");
  CHECK(without_terms(read_all(path)) ==
        std::vector<Record>{opened(1), planned(1, 1), tokens(1, "1", 0, 50'000)});
}

namespace {

constexpr std::size_t kSmallJobBytes = 200 * 1024;  // of files, with room to spare

// A job of a few pages of tokens, and its closing.
std::vector<Transaction> small_job() {
  std::vector<Transaction> all = {{opened(1), planned(1, 1)}};
  for (std::uint64_t from = 0; from < 4'000; from += 1'000)
    all.push_back({tokens(1, "1", from, 1'000)});
  all.push_back({closed(1)});
  return all;
}

// What an error must be where room alone is missing.
bool tells_of_room(const pecia::kernels::Error& error, const std::string& path) {
  const std::string& line = error.message;
  return error.kind == pecia::kernels::ErrorKind::retry && line.find('\n') == line.npos &&
         line.starts_with(path) && line.find("no room left") != line.npos;
}

// Appends all that is not there yet, one after another, as long as they are kept; the letters of
// the answers. '!': an error that says something else than that room is missing.
std::string write_small_job(SqliteJournal& journal, const std::string& path) {
  const Expected<Term> term = journal.begin_term(5, 0);
  if (!term) return tells_of_room(term.error(), path) ? "t" : "!" + term.error().message;
  const Expected<std::vector<Record>> records = journal.read();
  if (!records) return "!" + records.error().message;
  std::size_t have = without_terms(*records).size();
  Answers answers;
  answers.listen_to(journal);
  std::string letters;
  for (const Transaction& one : small_job()) {
    if (have >= one.size()) {
      have -= one.size();
      continue;
    }
    journal.append(one);
    const AppendAnswer answer = answers.wait_for(letters.size() + 1).back();
    letters += name_of(answer.outcome)[0];
    if (answer.outcome == AppendOutcome::broken) letters += answer.why;
    if (answer.outcome != AppendOutcome::durable) break;
  }
  return letters;
}

// One letter each and more where something is wrong; r: refused to open, t: to begin a term.
std::string open_and_write(const std::string& path) {
  Expected<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path, test_codec());
  if (journal) return write_small_job(**journal, path);
  return tells_of_room(journal.error(), path) ? "r" : "!" + journal.error().message;
}

// Twice, for a first try may leave a half behind; each with a blank behind it.
std::string try_twice(const std::string& path) {
  const std::string first = open_and_write(path);
  return first + ' ' + open_and_write(path) + ' ';
}

// What was said in a small room, and that with enough of it the job is whole.
void check_small_room(const std::string& path, std::size_t bytes, const std::string& said) {
  INFO(bytes << " bytes: " << said);
  CHECK(said.find_first_not_of("rtdf ") == std::string::npos);
  CHECK(std::count(said.begin(), said.end(), ' ') == 2);
  if (bytes == 0) CHECK(said == "r r ");
  if (bytes == kSmallJobBytes) CHECK(said == "dddddd  ");
  CHECK(open_and_write(path).find_first_not_of('d') == std::string::npos);
  CHECK(without_terms(read_all(path)) == flat(small_job()));
}

}  // namespace

TEST_CASE("where no file may grow beyond a size, a journal opens and says full, or refuses") {
  for (std::size_t bytes = 0; bytes <= kSmallJobBytes; bytes += 4'096) {
    const TemporaryFolder folder;
    const std::string path = folder.file("journal");
    Child child([&](int pipe) {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit small{bytes, RLIM_INFINITY};
      ::setrlimit(RLIMIT_FSIZE, &small);
      const std::string said = try_twice(path);
      [[maybe_unused]] const ssize_t written = ::write(pipe, said.data(), said.size());
    });
    child.read_until(SIZE_MAX);
    REQUIRE(child.wait() == 0);
    check_small_room(path, bytes, child.received());
  }
}

TEST_CASE("on a disk with any room left a journal opens and says full, or refuses") {
  for (std::size_t bytes = 0; bytes <= kSmallJobBytes; bytes += 4'096) {
    FaultyVfs vfs;
    const TemporaryFolder folder;
    const std::string path = folder.file("journal");
    vfs.set_room(static_cast<std::int64_t>(bytes));
    const std::string said = try_twice(path);
    vfs.set_endless_room();
    check_small_room(path, bytes, said);
  }
}
