// The schema as a manual: every declaration is followed by its comment, a blank line apart from the
// next.

#include <fstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string trimmed(const std::string& line) {
  const std::size_t start = line.find_first_not_of(' ');
  return start == line.npos ? "" : line.substr(start);
}

// Fields, enumerants, constants, aliases, structs and enums; not the import or a bare `union {`.
bool declares(const std::string& line) {
  const std::string text = trimmed(line);
  if (text.starts_with('#') || text.find("import") != text.npos) return false;
  return text.find(" @") != text.npos || text.starts_with("const ") || text.starts_with("using ") ||
         text.starts_with("struct ") || text.starts_with("enum ");
}

}  // namespace

TEST_CASE("every declaration of the schema is followed by what it means") {
  const auto lines = lines_of(PECIA_SOURCE_DIR "/runtime/wire/pecia.capnp");
  int declared = 0;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    if (!declares(lines[i])) continue;
    ++declared;
    INFO("line " << i + 1 << ": " << lines[i]);
    CHECK(trimmed(lines[i + 1]).starts_with("# "));
    CHECK((trimmed(lines[i - 1]).empty() || trimmed(lines[i - 1]) == "union {"));
    CHECK(lines[i].size() <= 100);
  }
  CHECK(declared > 150);
}
