// The library as it is installed: found by CMake, linked by a host that knows nothing of the tree.

#include <set>
#include <sstream>
#include <string>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;

namespace {

const std::string kSource = PECIA_SOURCE_DIR;
const std::string kHostFlags = PECIA_HOST_FLAGS;  // of a sanitizer, as the library has them
const std::string kDemo = kSource + "/config/demo/chronicle.md";

void run(const std::string& program, const std::vector<std::string>& arguments) {
  const Ended ended = run_program(program, arguments);
  INFO(ended.out << ended.err);
  REQUIRE(ended.code == 0);
}

std::string written() { return run_pecia({"write", "--outline", kDemo, "-n", "240"}).out; }

// The first block of C++ in README.md.
std::string example() {
  const std::string text = read_file(kSource + "/README.md"), fence = "```cpp\n";
  const std::size_t begin = text.find(fence) + fence.size();
  REQUIRE(begin > fence.size());
  return text.substr(begin, text.find("```", begin) - begin);
}

// What a host may see of a library: mangled names of its functions.
std::set<std::string> foreign_functions(const std::string& library) {
  std::istringstream lines(
      run_program(PECIA_NM, {"-D", "--defined-only", "--no-demangle", library}).out);
  std::set<std::string> foreign;
  int ours = 0;
  for (std::string address, type, name; lines >> address >> type >> name;) {
    if (type != "T") continue;
    const bool is_door = name.find("N5pecia4Node") == 2 || name.find("K5pecia4Node") == 3 ||
                         name.find("N5pecia11NodeOptions") == 2 ||
                         name.find("N5pecia10Submission") == 2;
    is_door ? void(++ours) : void(foreign.insert(name));
  }
  CHECK(ours >= 6);
  return foreign;
}

}  // namespace

TEST_CASE("a host built against an installed library writes what the program writes") {
  const Workshop shop;
  const std::string prefix = shop.path("prefix"), host = shop.path("host");
  run(PECIA_CMAKE, {"--install", PECIA_BUILD_DIR, "--prefix", prefix});
  // A host's own flags, stricter or looser than ours, and an older language.
  run(PECIA_CMAKE,
      {"-S", kSource + "/apps/embed", "-B", host, "-DCMAKE_PREFIX_PATH=" + prefix,
       "-DCMAKE_CXX_STANDARD=17", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror " + kHostFlags});
  run(PECIA_CMAKE, {"--build", host});
  const Ended ended = run_program(host + "/embed", {kDemo, "240"});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  CHECK(ended.out == written());
  std::istringstream lines(ended.err);  // the host's own lines and no other
  for (std::string line; std::getline(lines, line);) CHECK(line.starts_with("embed: "));
}

TEST_CASE("the example of the README builds against an installed library, and runs") {
  const Workshop shop;
  const std::string prefix = shop.path("prefix"), host = shop.path("host");
  run(PECIA_CMAKE, {"--install", PECIA_BUILD_DIR, "--prefix", prefix, "--component", "library"});
  run(PECIA_CMAKE, {"--install", PECIA_BUILD_DIR, "--prefix", prefix, "--component", "program"});
  shop.write("main.cpp", example());
  shop.write("CMakeLists.txt",
             "cmake_minimum_required(VERSION 3.25)\nproject(host LANGUAGES CXX)\n"
             "find_package(pecia 0.1 REQUIRED)\nadd_executable(host main.cpp)\n"
             "target_link_libraries(host PRIVATE pecia::pecia)\n");
  run(PECIA_CMAKE, {"-S", shop.path(""), "-B", host, "-DCMAKE_PREFIX_PATH=" + prefix,
                    "-DCMAKE_CXX_FLAGS=" + kHostFlags});
  run(PECIA_CMAKE, {"--build", host});
  const Ended ended = run_program(host + "/host", {});
  INFO(ended.err);
  CHECK(ended.code == 0);
  CHECK(ended.out.find("# The wren\n") != std::string::npos);
  CHECK(ended.out.ends_with(" tokens\n"));
  CHECK(ended.err == "");
}

TEST_CASE("the host in the tree writes what the program writes, and tells what is wrong") {
  const Ended ended = run_program(PECIA_EMBED, {kDemo, "240"});
  INFO(ended.err);
  CHECK(ended.code == 0);
  CHECK(ended.out == written());
  const Ended refused = run_program(PECIA_EMBED, {kSource + "/LICENSE"});
  CHECK(refused.code == 2);
  CHECK(is_one_line(refused.err));
}

TEST_CASE("the library shows its front door and nothing of what is behind it") {
  for (const std::string& name : foreign_functions(PECIA_LIBRARY)) {
    INFO(name);
    CHECK(name.empty());
  }
}
