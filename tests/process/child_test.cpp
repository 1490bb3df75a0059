// A program under watch: taken in, killed when its time has come, and gone afterwards.

#include "apps/pecia/child.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "apps/pecia/interrupt.hpp"
#include "tests/catch.hpp"

using namespace pecia::apps;

namespace {

constexpr std::uint64_t kLimitMs = 60'000;
constexpr double kFirstKillS = 0.1;

ChildOrder shell(const std::string& script) {
  return {.program = "/bin/sh",
          .arguments = {"-c", script},
          .kill_s = {},
          .limit_ms = kLimitMs,
          .out_bytes_max = 1 << 20,
          .known_bytes = 0};
}

ChildStory story_of(const ChildOrder& order) {
  const auto story = run_child(order);
  REQUIRE(story);
  return *story;
}

// Killed later and later, until it had the time to print.
ChildStory killed_after_print(const std::string& script) {
  ChildOrder order = shell(script);
  order.kill_s = kFirstKillS;
  ChildStory story = story_of(order);
  while (story.out.empty()) {
    *order.kill_s *= 2;
    story = story_of(order);
  }
  CHECK(story.end == ChildEnd::killed);
  return story;
}

bool lives(int pid) { return ::kill(pid, 0) == 0; }

}  // namespace

TEST_CASE("a child's streams, exit code and empty input are seen") {
  const ChildStory story = story_of(shell("cat; echo out; echo err >&2; exit 4"));
  CHECK(story.end == ChildEnd::exited);
  CHECK(story.code == 4);
  CHECK(story.out == "out\n");
  CHECK(story.err == "err\n");
  CHECK(story_of(shell("kill -TERM $$")).code == 128 + SIGTERM);
}

TEST_CASE("a child is killed at its moment, and what it printed before is kept") {
  const ChildStory story = killed_after_print("echo $$; exec sleep 1000");
  CHECK(story.code == 128 + SIGKILL);
  CHECK(story.seconds >= kFirstKillS);
  CHECK(!lives(std::stoi(story.out)));
}

TEST_CASE("a killed child whose own child holds its pipes is not waited for") {
  const ChildStory story = killed_after_print("sleep 1000 & echo $!; wait");
  CHECK(::kill(std::stoi(story.out), SIGKILL) == 0);  // it was still there
}

TEST_CASE("a child beyond its limit, or with too much to say, is ended") {
  ChildOrder slow = shell("exec sleep 1000");
  slow.limit_ms = 50;
  CHECK(story_of(slow).end == ChildEnd::overdue);
  ChildOrder loud = shell("exec yes");
  CHECK(story_of(loud).end == ChildEnd::talkative);
}

TEST_CASE("a child with endless complaints is read on and keeps its first ones") {
  const ChildStory story =
      story_of(shell("echo first >&2; yes 2>&1 | head -c 3000000 >&2 && echo done"));
  CHECK(story.code == 0);
  CHECK(story.out == "done\n");
  CHECK(story.err.starts_with("first\n"));
  CHECK(story.err.size() == 64 * 1024);
}

TEST_CASE("the first byte beyond the known ones is noticed") {
  ChildOrder order = shell("echo 12345");
  order.known_bytes = 6;
  CHECK(!story_of(order).beyond_s);
  order.known_bytes = 5;
  CHECK(story_of(order).beyond_s);
}

TEST_CASE("a program that is not there exits with 127") {
  ChildOrder order = shell("");
  order.program = "/nowhere/program";
  CHECK(story_of(order).code == 127);
}

TEST_CASE("Ctrl-C and the death of its watcher both end a child") {
  for (const int signal : {SIGINT, SIGKILL}) {
    INFO(signal);
    std::array<int, 2> ends{};  // the child inherits them; its death closes the last one
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t watcher = ::fork();
    REQUIRE(watcher >= 0);
    if (watcher == 0) {
      watch_interrupts();
      const std::string pipe = std::to_string(ends[1]);
      const auto story = run_child(shell("echo ready >&" + pipe + "; exec sleep 1000"));
      ::_exit(story && story->end == ChildEnd::interrupted ? 0 : 1);
    }
    ::close(ends[1]);
    std::array<char, 8> word{};
    REQUIRE(::read(ends[0], word.data(), word.size()) == 6);
    REQUIRE(::kill(watcher, signal) == 0);
    int status = 0;
    REQUIRE(::waitpid(watcher, &status, 0) == watcher);
    if (signal == SIGINT) CHECK(status == 0);
    CHECK(::read(ends[0], word.data(), word.size()) == 0);
    ::close(ends[0]);
  }
}
