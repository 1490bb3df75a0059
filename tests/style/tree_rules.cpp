#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include "tests/style/rules.hpp"

namespace pecia::style {

namespace {

namespace fs = std::filesystem;

std::set<std::string> included_paths(const Tree& tree) {
  std::set<std::string> paths;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path)) continue;
    for (const Include& include : includes(file)) {
      if (include.quoted) paths.insert(include.target);
    }
  }
  return paths;
}

bool has_word(std::string_view line, std::string_view word) {
  const auto ends_name = [line](std::size_t at) {
    return at >= line.size() || std::string_view(" \t(){}\"").find(line[at]) != line.npos;
  };
  for (std::size_t at = line.find(word); at != line.npos; at = line.find(word, at + 1)) {
    if ((at == 0 || ends_name(at - 1)) && ends_name(at + word.size())) return true;
  }
  return false;
}

// Names the file as a CMakeLists would, outside comments: its path from that list's folder, as a
// whole word.
bool lists(const SourceFile& cmake, const std::string& path) {
  const fs::path folder = fs::path(cmake.path).parent_path();
  const std::string name = fs::path(path).lexically_relative(folder).generic_string();
  if (name.starts_with("..")) return false;
  return std::any_of(cmake.raw.begin(), cmake.raw.end(), [&](const std::string& line) {
    return has_word(std::string_view(line).substr(0, line.find('#')), name);
  });
}

}  // namespace

Findings check_includes_exist(const Tree& tree) {
  std::set<std::string_view> paths;
  for (const SourceFile& file : tree) paths.insert(file.path);
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path)) continue;
    for (const Include& include : includes(file)) {
      if (!include.quoted || paths.contains(include.target)) continue;
      findings.push_back(
          {file.path, include.line, "\"" + include.target + "\" is no file seen from the root"});
    }
  }
  return findings;
}

Findings check_everything_is_built(const Tree& tree) {
  const std::set<std::string> included = included_paths(tree);
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) || included.contains(file.path)) continue;
    const bool listed = std::any_of(tree.begin(), tree.end(), [&](const SourceFile& other) {
      return other.path.ends_with("CMakeLists.txt") && lists(other, file.path);
    });
    if (!listed) findings.push_back({file.path, 0, "neither listed by a CMakeLists nor included"});
  }
  return findings;
}

}  // namespace pecia::style
