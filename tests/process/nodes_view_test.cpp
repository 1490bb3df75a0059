// The parts of `pecia up` that decide what is shown.

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "apps/pecia/line_cutter.hpp"
#include "apps/pecia/node_table.hpp"
#include "apps/pecia/patient_output.hpp"
#include "tests/catch.hpp"

using namespace pecia::apps;

namespace {

std::vector<NodeStatus> three() {
  return {{"head", "coordinator, cache", 12'345, NodePhase::ready, 0, 0, 192'000},
          {"worker-1", "worker", 0, NodePhase::waiting, 400, 11, 0},
          {"worker-2", "worker", 7, NodePhase::starting, 0, 1, 900}};
}

std::vector<std::string> cut(const std::vector<std::string>& pieces) {
  LineCutter cutter;
  std::vector<std::string> lines;
  const auto take = [&lines](std::string_view line) { lines.emplace_back(line); };
  for (const std::string& piece : pieces) cutter.add(piece, take);
  cutter.finish(take);
  return lines;
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 65'536> piece{};
  for (ssize_t count = 0; (count = ::read(descriptor, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

TEST_CASE("the table shows every node in columns") {
  CHECK(node_table(three(), 80, 24) ==
        "NODE      ROLES                 PID  STATE          RESTARTS    UPTIME\n"
        "head      coordinator, cache  12345  ready                 0  3 m 12 s\n"
        "worker-1  worker                  -  waiting 0.4 s        11         -\n"
        "worker-2  worker                  7  starting              1       0 s\n");
}

TEST_CASE("a table is no wider and no longer than its terminal") {
  CHECK(node_table(three(), 10, 3) ==
        "NODE  ROLE\n"
        "head  coor\n"
        "and 2 more\n");
  CHECK(node_table(three(), 4, 4) == "NODE\nhead\nwork\nwork\n");
}

TEST_CASE("durations are told in two units at most") {
  CHECK(duration_text(999) == "0 s");
  CHECK(duration_text(59'999) == "59 s");
  CHECK(duration_text(60'000) == "1 m 00 s");
  CHECK(duration_text(3'600'000) == "1 h 00 m");
  CHECK(duration_text(86'400'000 + 3'600'000 * 2) == "1 d 02 h");
}

TEST_CASE("a stream is cut into lines wherever its pieces end") {
  using Lines = std::vector<std::string>;
  CHECK(cut({"a\nb", "c\n", "\n", "d"}) == Lines{"a", "bc", "", "d"});
  CHECK(cut({"", "\n"}) == Lines{""});
  const std::string full(kLineBytesMax, 'x');
  CHECK(cut({full + "\ny\n"}) == Lines{full, "y"});
  CHECK(cut({full, "\n", "y"}) == Lines{full, "y"});
  CHECK(cut({full + "y\n"}) == Lines{full, "y"});
  CHECK(cut({full + full}) == Lines{full, full});
  CHECK(cut({full + "\n\n"}) == Lines{full, ""});
}

TEST_CASE("a reader who stops holds nobody up, and is told later what he missed") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
  PatientOutput output(ends[1]);
  const std::string line(4'095, 'x');
  for (int i = 0; i < 100; ++i) output.write(line + "\n");  // a pipe holds 16 of them
  const std::string taken = read_all(ends[0]);
  CHECK(taken.size() == 16 * 4'096);
  output.write("after\n");
  output.write("again\n");
  CHECK(read_all(ends[0]) == "pecia: lines dropped that nobody read: 84\nafter\nagain\n");
  for (int i = 0; i < 15; ++i) output.write(line + "\n");
  output.write(line + line + "\n");  // half of it finds room
  read_all(ends[0]);
  output.write("after\n");
  CHECK(read_all(ends[0]) == "\npecia: lines dropped that nobody read: 1\nafter\n");
  ::close(ends[0]);
  ::close(ends[1]);
}
