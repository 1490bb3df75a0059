#include "apps/pecia/kill_trial.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <fstream>
#include <span>
#include <utility>

#include "apps/pecia/child.hpp"
#include "apps/pecia/job_witness.hpp"
#include "apps/pecia/kill_plan.hpp"
#include "apps/pecia/output.hpp"
#include "kernels/base/hash.hpp"
#include "pecia/temporary_folder.hpp"

namespace pecia::apps {

using namespace kernels;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kQuotedBytesMax = 400;  // of what a failed run said

// A folder for one job, with room beside it for what a person wants to see of a failure.
class TrialFolder {
 public:
  static Expected<TrialFolder> create() {
    auto path = make_temporary_folder("pecia-chaos");
    if (!path) return path.error();
    TrialFolder folder(*std::move(path));
    std::error_code failed;
    if (fs::create_directory(folder.job(), failed)) return folder;
    return fail(ErrorKind::elsewhere, "{}: cannot make a folder: {}; set TMPDIR to another place",
                folder.job(), failed.message());
  }
  ~TrialFolder() {
    std::error_code ignored;
    if (!path_.empty() && !kept_) fs::remove_all(path_, ignored);
  }
  TrialFolder(TrialFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), kept_(other.kept_) {}
  TrialFolder& operator=(TrialFolder&&) = delete;

  const std::string& path() const { return path_; }
  std::string job() const { return path_ + "/job"; }
  void keep() { kept_ = true; }
  void write(const char* name, const std::string& text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  }

 private:
  explicit TrialFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
  bool kept_ = false;
};

std::string sha256_of(const std::string& text) {
  Sha256 hash;
  hash.update(text);
  return hex(hash.finish());
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return printable(text.substr(text.rfind('\n') + 1), kQuotedBytesMax);
}

// Why a run that was not killed at its moment is no success; empty where it is one.
std::string failure_of(const ChildStory& story) {
  if (story.end == ChildEnd::overdue) {
    return fmt::format("did not end within {:.1f} s", story.seconds);
  }
  if (story.end == ChildEnd::talkative) {
    return fmt::format("printed more than {} MiB", kDocumentBytesMax >> 20);
  }
  if (story.end == ChildEnd::killed || story.code == 0) return {};
  const std::string said = last_line(story.err);
  return fmt::format("exit code {}{}{}", story.code, said.empty() ? "" : ": ", said);
}

class Trial {
 public:
  Trial(const KillTrial& plan, const std::function<void(const KillReport&)>& show)
      : plan_(plan), show_(show) {}

  Status write_undisturbed();
  Status kill_until_enough();

  Expected<ChildStory> start(const std::string& job_folder, std::uint64_t limit_ms,
                             std::optional<double> kill_s, std::size_t known_bytes) {
    std::vector<std::string> arguments = plan_.arguments;
    arguments.insert(arguments.end(), {"--job-dir", job_folder});
    auto story = run_child({.program = plan_.program,
                            .arguments = std::move(arguments),
                            .kill_s = kill_s,
                            .limit_ms = limit_ms,
                            .out_bytes_max = kDocumentBytesMax,
                            .known_bytes = known_bytes});
    if (story && story->end == ChildEnd::interrupted) report_.interrupted = true;
    return story;
  }
  std::uint64_t run_ms_max() const {
    const auto undisturbed_ms = static_cast<std::uint64_t>(report_.undisturbed_s * 1e3);
    return std::max(plan_.run_ms_max, kRunTimesMax * undisturbed_ms);
  }
  const std::string& document() const { return document_; }
  KillReport& report() { return report_; }
  void show() const { show_(report_); }

 private:
  const KillTrial& plan_;
  const std::function<void(const KillReport&)>& show_;
  std::string document_;
  KillReport report_;
};

Status Trial::write_undisturbed() {
  const auto folder = TrialFolder::create();
  if (!folder) return folder.error();
  auto story = start(folder->job(), kUndisturbedMsMax, {}, 0);
  if (!story) return story.error();
  if (report_.interrupted) return {};
  if (const std::string why = failure_of(*story); !why.empty()) {
    return fail(ErrorKind::refuse, "undisturbed, the writer fails already: {}", why);
  }
  if (story->out.empty()) {
    return fail(ErrorKind::refuse, "undisturbed, the writer prints nothing: nothing to compare");
  }
  document_ = std::move(story->out);
  report_.undisturbed_s = story->seconds;
  report_.document_bytes = document_.size();
  report_.sha256 = sha256_of(document_);
  return {};
}

// One job: its runs, what they showed, and the first failure, which ends it.
class Job {
 public:
  Job(Trial& trial, TrialFolder folder)
      : trial_(trial), folder_(std::move(folder)), witness_(trial.document()) {}

  // Kills that counted and those that did not are in the trial's report afterwards.
  Status undergo(const Moments& moments);

 private:
  enum class Course : std::uint8_t { open, ended, over };  // over: failed, or interrupted

  Expected<Course> run(std::optional<double> moment);
  Course judge(const ChildStory& story);
  Course blame(const ChildStory& story, const std::string& what);

  Trial& trial_;
  TrialFolder folder_;
  JobWitness witness_;
  std::vector<Found> starts_;  // one a run
  std::size_t killed_ = 0;     // runs; the first ones
  double worked_s_ = 0;
};

Status Job::undergo(const Moments& moments) {
  Course course = Course::open;
  std::size_t tried = 0;
  for (; tried < moments.size() && course == Course::open; ++tried) {
    const auto next = run(moments[tried]);
    if (!next) return next.error();
    course = *next;
  }
  // The moments are past and the job may end; then it prints its document again.
  for (const Course before : {Course::open, Course::ended}) {
    if (course != before) continue;
    const auto next = run({});
    if (!next) return next.error();
    course = *next;
  }
  KillReport& report = trial_.report();
  // Kills in a row, and the start behind the last of them.
  const auto starts = std::span(starts_).first(std::min(killed_ + 1, starts_.size()));
  const std::uint64_t counted = count_kills(starts);
  report.kills += counted;
  // Those that a failure kept from being tried are neither.
  if (course == Course::ended) tried = moments.size();
  assert(counted <= tried);
  report.kills_not_counted += tried - counted;
  trial_.show();
  return {};
}

Expected<Job::Course> Job::run(std::optional<double> moment) {
  std::optional<double> kill_s;
  if (moment) kill_s = std::max(0.0, *moment - worked_s_);
  const std::size_t known_bytes = witness_.longest().size();
  const auto story = trial_.start(folder_.job(), trial_.run_ms_max(), kill_s, known_bytes);
  if (!story) return story.error();
  if (story->end == ChildEnd::interrupted) return Course::over;
  worked_s_ += story->seconds;
  if (!starts_.empty() && story->beyond_s) trial_.report().resume_s.push_back(*story->beyond_s);
  starts_.push_back(read_found(story->err));
  if (story->end == ChildEnd::killed) ++killed_;
  const Course course = judge(*story);
  trial_.show();
  return course;
}

Job::Course Job::judge(const ChildStory& story) {
  KillReport& report = trial_.report();
  if (const std::string why = failure_of(story); !why.empty()) {
    ++report.failed_runs;
    return blame(story, why);
  }
  const bool killed = story.end == ChildEnd::killed;
  if (const auto found = witness_.see(story.out, killed ? Extent::part : Extent::whole)) {
    if (found->different) ++report.different_documents;
    if (found->taken_back) ++report.taken_back;
    return blame(story, found->what);
  }
  return killed ? Course::open : Course::ended;
}

Job::Course Job::blame(const ChildStory& story, const std::string& what) {
  KillReport& report = trial_.report();
  if (report.failure) return Course::over;
  folder_.keep();
  folder_.write("undisturbed", trial_.document());
  folder_.write("printed-before", witness_.longest());
  folder_.write("printed", story.out);
  folder_.write("said", story.err);
  report.failure = fmt::format("job {}, run {}, which ended at {:.3f} s of its work: {}; kept: {}",
                               report.jobs, starts_.size(), worked_s_, what, folder_.path());
  return Course::over;
}

Status Trial::kill_until_enough() {
  std::uint64_t drawn = 0;
  while (const std::uint64_t more = moments_to_draw(plan_.kills, report_.kills, drawn)) {
    for (const Moments& moments :
         deal_moments(plan_.seed, drawn, more, plan_.jobs, report_.undisturbed_s)) {
      auto folder = TrialFolder::create();
      if (!folder) return folder.error();
      ++report_.jobs;
      Status done = Job(*this, std::move(*folder)).undergo(moments);
      if (!done) return done;
      if (report_.interrupted) return {};
    }
    drawn += more;
    if (!report_.clean()) return {};
  }
  return {};
}

}  // namespace

Expected<KillReport> try_kills(const KillTrial& trial,
                               const std::function<void(const KillReport&)>& show) {
  Trial running(trial, show);
  if (const Status written = running.write_undisturbed(); !written) return written.error();
  if (!running.report().interrupted) {
    if (const Status done = running.kill_until_enough(); !done) return done.error();
  }
  return std::move(running.report());
}

}  // namespace pecia::apps
