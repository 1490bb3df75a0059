// The style test proper: every rule over every file of the repository.

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/style/functions.hpp"
#include "tests/style/rules.hpp"

using namespace pecia::style;
namespace fs = std::filesystem;

namespace {

constexpr std::array kFolders = {"kernels", "runtime", "actors", "pecia", "apps",
                                 "tests",   "config",  "cmake",  ".ci",   "docs"};
constexpr std::array kRootFiles = {"CMakeLists.txt", "CMakePresets.json", "dev",
                                   "README.md",      "ARCHITECTURE.md",   "CHANGELOG.md"};

SourceFile read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return parse_source(fs::relative(path, PECIA_SOURCE_DIR).generic_string(), text.str());
}

bool is_text(const fs::path& path) {
  const std::string name = path.generic_string();
  const std::string extension = path.extension().string();
  return is_cpp(name) || is_cmake(name) || extension == ".md" || extension == ".toml" ||
         extension == ".sh" || path.filename() == "run";
}

Tree read_tree() {
  Tree tree;
  const fs::path root = PECIA_SOURCE_DIR;
  for (const char* name : kRootFiles) {
    if (fs::exists(root / name)) tree.push_back(read(root / name));
  }
  for (const char* folder : kFolders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.is_regular_file() && is_text(entry.path())) tree.push_back(read(entry.path()));
    }
  }
  return tree;
}

// Printed whole: Catch would fold the lines of a message.
bool clean(const Findings& findings) {
  for (const Finding& finding : findings) std::cout << to_string(finding) << "\n";
  return findings.empty();
}

}  // namespace

TEST_CASE("every file keeps the house rules") {
  const Tree tree = read_tree();
  REQUIRE(tree.size() > 20);
  Findings all;
  for (const SourceFile& file : tree) {
    const Findings findings = check_file(file);
    all.insert(all.end(), findings.begin(), findings.end());
  }
  CHECK(clean(all));
}

TEST_CASE("every quoted include starts at the repository root") {
  CHECK(clean(check_includes_exist(read_tree())));
}

TEST_CASE("every source file is built or included") {
  CHECK(clean(check_everything_is_built(read_tree())));
}

TEST_CASE("the function scanner sees this file's own functions") {
  const Functions scanned =
      functions(read(fs::path(PECIA_SOURCE_DIR) / "tests/style/tree_test.cpp"));
  REQUIRE(scanned.balanced);
  REQUIRE(scanned.found.size() == 8);
  REQUIRE(scanned.found.front().head.starts_with("SourceFile read()"));
}
