// The front door with all roles in this process.

#include <atomic>
#include <csignal>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pecia/node.hpp"
#include "tests/catch.hpp"
#include "tests/embed/jobs.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia;
using namespace pecia::tests;

TEST_CASE("callbacks bring the document piece by piece, the future brings it whole") {
  std::string heard;
  std::vector<Progress> course;
  Job job = short_job();
  job.on_text = [&](std::string_view text) { heard += text; };
  job.on_progress = [&](const Progress& progress) { course.push_back(progress); };
  Node node{NodeOptions{}};
  Submission submission = node.submit(job);
  const Document document = submission.document.get();
  CHECK(document.text == heard);
  CHECK(document.text.find("\n# Bird 3\n") != std::string::npos);
  CHECK(document.tokens == 300);
  CHECK(document.id == submission.id());
  CHECK(document.id.size() == 32);
  REQUIRE_FALSE(course.empty());
  CHECK(course.back().tokens == 300);
  CHECK(course.back().slices_done == 3);
  CHECK(course.back().slices == 3);
  for (std::size_t i = 1; i < course.size(); ++i) CHECK(course[i - 1].tokens <= course[i].tokens);
  CHECK_FALSE(node.failure());
}

TEST_CASE("workers, threads, batch and cache change no byte of a document, its seed does") {
  NodeOptions options;
  options.workers = 2, options.threads = 2, options.batch_max = 1, options.cache = false;
  const std::string text = text_of(short_job());
  CHECK(text_of(short_job(), options) == text);
  Job other = short_job();
  other.seed = 2;
  CHECK(text_of(other) != text);
}

TEST_CASE("several jobs are written at once by one node") {
  Node node{NodeOptions{}};
  std::vector<Submission> submissions;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Job job = short_job();
    job.seed = seed;
    submissions.push_back(node.submit(std::move(job)));
  }
  const std::string first = submissions[0].document.get().text;
  CHECK(first == text_of(short_job()));
  for (std::size_t i = 1; i < submissions.size(); ++i)
    CHECK(submissions[i].document.get().text != first);
}

TEST_CASE("the same id again is the same job, and another request of that id is refused") {
  Node node{NodeOptions{}};
  Job job = short_job();
  job.id = "birds";
  Submission one = node.submit(job), two = node.submit(job);
  CHECK(one.id() == two.id());
  const std::string text = one.document.get().text;
  CHECK(two.document.get().text == text);
  std::string heard;
  job.on_text = [&](std::string_view piece) { heard += piece; };
  CHECK(node.submit(job).document.get().text == text);
  CHECK(heard == text);
  job.seed = 2;
  Submission other = node.submit(job);
  CHECK(error_of(other).kind() == ErrorKind::refuse);
}

TEST_CASE("a cancelled job ends with an error that says so, for all who follow it") {
  Node node{NodeOptions{}};
  std::promise<void> begun;
  Job job = endless_job();
  job.id = "cancelled";
  Submission other = node.submit(job);
  job.on_text = [&, told = false](std::string_view) mutable {
    if (!std::exchange(told, true)) begun.set_value();
  };
  Submission submission = node.submit(job);
  begun.get_future().wait();
  submission.cancel();
  CHECK(error_of(submission).kind() == ErrorKind::cancelled);
  CHECK(error_of(other).kind() == ErrorKind::cancelled);
  submission.cancel();  // of a job that is over: nothing
  submission.detach();
}

TEST_CASE("a job that is left is heard of no more, goes on, and is followed again by its id") {
  Node node{NodeOptions{}};
  Job job = job_of(3, 3'000);
  const std::string text = text_of(job);
  job.id = "left";
  std::promise<Submission*> handle;
  std::shared_future<Submission*> known = handle.get_future();
  int calls = 0;
  Job leaving = job;
  leaving.on_text = [&, known](std::string_view) {
    ++calls;
    known.get()->detach();  // from the callback itself
  };
  Submission submission = node.submit(std::move(leaving));
  handle.set_value(&submission);
  CHECK(error_of(submission).kind() == ErrorKind::left);
  CHECK(calls == 1);
  CHECK(node.submit(job).document.get().text == text);
  CHECK(calls == 1);
}

TEST_CASE("once detach has returned no callback runs and none comes") {
  Node node{NodeOptions{}};
  Job job = endless_job();
  job.id = "endless";
  std::atomic<bool> leaving = false, returned = false, left = false;
  std::promise<void> begun;
  Job slow = job;
  slow.on_text = [&, told = false](std::string_view) mutable {
    if (std::exchange(told, true)) return;
    begun.set_value();
    while (!leaving) std::this_thread::yield();
    for (int i = 0; i < 1'000; ++i) std::this_thread::yield();
    returned = true;
  };
  Submission one = node.submit(std::move(slow));
  begun.get_future().wait();
  leaving = true;
  one.detach();
  CHECK(returned);
  std::atomic<int> late = 0;
  for (int i = 0; i < 30; ++i) {
    left = false;
    job.on_text = [&](std::string_view) { late += left; };
    job.on_progress = [&](const Progress&) { late += left; };
    Submission two = node.submit(job);
    for (int turns = 0; turns < 20 * i; ++turns) std::this_thread::yield();
    two.detach();
    left = true;
    CHECK(error_of(two).kind() == ErrorKind::left);
  }
  CHECK(late == 0);
}

TEST_CASE("what a callback throws comes out of the future, and the job goes on") {
  Node node{NodeOptions{}};
  Job job = short_job();
  job.id = "thrown";
  Job throwing = job;
  throwing.on_text = [](std::string_view) { throw std::logic_error("the host's own"); };
  Submission submission = node.submit(std::move(throwing));
  CHECK_THROWS_AS(submission.document.get(), std::logic_error);
  CHECK(node.submit(job).document.get().text == text_of(short_job()));
}

TEST_CASE("a callback may submit the next job") {
  Node node{NodeOptions{}};
  std::promise<std::string> next;
  Job job = short_job();
  job.on_text = [&, told = false](std::string_view) mutable {
    if (!std::exchange(told, true)) next.set_value(node.submit(job_of(1, 20)).document.get().text);
  };
  Submission submission = node.submit(std::move(job));
  CHECK(next.get_future().get() == text_of(job_of(1, 20)));
  CHECK(submission.document.get().tokens == 300);
}

TEST_CASE("what is wrong with a job comes from its future") {
  Node node{NodeOptions{}};
  const auto refused = [&](const std::function<void(Job&)>& spoil, std::string_view words) {
    Job job = short_job();
    spoil(job);
    Submission submission = node.submit(std::move(job));
    const Error error = error_of(submission);
    CHECK(error.kind() == ErrorKind::refuse);
    CHECK(says(error, words));
  };
  refused([](Job& job) { job.outline = "no heading"; }, "Job: ");
  refused([](Job& job) { job.id = "two words"; }, "Job::id");
  refused([](Job& job) { job.tokens = -2; }, "tokens");
  refused([](Job& job) { job.stop = {""}; }, "Job::stop");
  refused([](Job& job) { job.sampling.top_p = 2; }, "top_p");
  // More than the positions of the model can tell apart, as only the node finds.
  refused([](Job& job) { job.tokens = 3 * 1'000'000; }, "");
}

TEST_CASE("jobs beyond those that a node follows at once are told to come later") {
  Node node{NodeOptions{}};
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future();
  Job job = short_job();
  job.id = "one for all";
  job.id[3] = job.id[7] = '-';
  job.on_text = [released](std::string_view) { released.wait(); };
  std::vector<Submission> submissions;
  for (std::size_t i = 0; i < NodeOptions::kJobsMax; ++i) submissions.push_back(node.submit(job));
  Submission beyond = node.submit(job);
  CHECK(error_of(beyond).kind() == ErrorKind::retry);
  release.set_value();
  const std::string text = submissions.front().document.get().text;
  for (std::size_t i = 1; i < submissions.size(); ++i)
    CHECK(submissions[i].document.get().text == text);
  CHECK(node.submit(job).document.get().text == text);
}

TEST_CASE("a node that is destroyed leaves its open jobs, and their handles stay harmless") {
  std::promise<void> begun;
  std::optional<Submission> submission;
  {
    Node node{NodeOptions{}};
    Job job = endless_job();
    job.on_text = [&, told = false](std::string_view) mutable {
      if (!std::exchange(told, true)) begun.set_value();
    };
    submission.emplace(node.submit(std::move(job)));
    begun.get_future().wait();
  }
  CHECK(error_of(*submission).kind() == ErrorKind::left);
  submission->cancel();
  submission->detach();
}

TEST_CASE("the next node over the same folder goes on with the job to the same bytes") {
  const Workshop shop;
  NodeOptions options;
  options.data_dir = shop.path("jobs");
  Job job = job_of(4, 6'000);
  job.id = "goes-on";
  {
    Node node{options};
    CHECK(error_of([&] { Node second{options}; }).kind() == ErrorKind::elsewhere);
    std::promise<void> begun;
    Job heard = job;
    heard.on_text = [&, told = false](std::string_view) mutable {
      if (!std::exchange(told, true)) begun.set_value();
    };
    const Submission submission = node.submit(std::move(heard));
    begun.get_future().wait();
  }
  Node node{options};
  CHECK(node.submit(job).document.get().text == text_of(job));
}

TEST_CASE("a node that cannot be made throws what is wrong and what would be right") {
  const Workshop shop;
  const auto refused = [](const NodeOptions& options, std::string_view words) {
    const Error error = error_of([&] { Node node{options}; });
    CHECK(error.kind() == ErrorKind::refuse);
    CHECK(says(error, words));
  };
  NodeOptions options;
  options.model = shop.path("absent.gguf");
  refused(options, "absent.gguf");
  options.model = shop.write("text.gguf", "no model");
  refused(options, "text.gguf");
  options = {}, options.workers = 0;
  refused(options, "NodeOptions::workers");
  options = {}, options.threads = -1;
  refused(options, "NodeOptions::threads");
  options = {}, options.data_dir = shop.write("file", "") + "/folder";
  refused(options, "data_dir");
  refused(NodeOptions::client_of(shop.path("absent.toml")), "absent.toml");
  options = NodeOptions::client_of(shop.path("absent.toml")), options.workers = 2;
  refused(options, "leave them");
  const std::string config =
      shop.write("c.toml", "[cluster]\nname = \"c\"\ncolour = 1\n[[node]]\nname = \"head\"\n");
  const Error mistakes = error_of([&] { Node node{NodeOptions::from_file(config, "head")}; });
  CHECK(says(mistakes, "colour"));
  CHECK(says(mistakes, "\n"));  // all of them, a line each
}

TEST_CASE("the host keeps its signal handlers, and a temporary folder goes with its node") {
  const Workshop shop;
  ::setenv("TMPDIR", shop.path("").c_str(), 1);
  const std::vector<int> numbers = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGABRT, SIGSEGV};
  const auto handlers = [&] {
    std::vector<void (*)(int)> all;
    for (const int number : numbers) {
      struct sigaction action = {};
      ::sigaction(number, nullptr, &action);
      all.push_back(action.sa_handler);
    }
    return all;
  };
  const auto before = handlers();
  {
    Node node{NodeOptions{}};
    CHECK(shop.files() == 1);
    CHECK(node.submit(short_job()).document.get().tokens == 300);
    CHECK(handlers() == before);
  }
  ::unsetenv("TMPDIR");
  CHECK(handlers() == before);
  CHECK(shop.files() == 0);
}
