#pragma once
// The house rules a machine can hold. Each rule reads one file, or the whole tree, and reports
// what it finds; an empty report is a clean tree.

#include <functional>
#include <string>
#include <vector>

#include "tests/style/source_file.hpp"

namespace pecia::style {

struct Finding {
  std::string path;
  std::size_t line;  // from 1; 0 where the whole file is meant
  std::string message;
};
std::string to_string(const Finding& finding);  // "path:line: message"
using Findings = std::vector<Finding>;

inline constexpr std::size_t kFileLinesMax = 500;
inline constexpr std::size_t kFunctionLinesMax = 70;
inline constexpr std::size_t kColumnsMax = 100;

// -- rules of one file -------------------------------------------------------------------------
Findings check_length(const SourceFile& file);  // lines of the file, columns of a line
Findings check_function_length(const SourceFile& file);
Findings check_include_direction(const SourceFile& file);
Findings check_core_purity(const SourceFile& file);  // *_core.*
Findings check_names(const SourceFile& file);        // words that say nothing
Findings check_clock_and_chance(const SourceFile& file);
Findings check_no_exit(const SourceFile& file);
Findings check_pragma_once(const SourceFile& file);
Findings check_build_flags(const SourceFile& file);
Findings check_left_overs(const SourceFile& file);  // notes to self, paths of one machine
Findings check_no_disabled_tests(const SourceFile& file);

Findings check_file(const SourceFile& file);  // all of the above

// -- rules of the tree -------------------------------------------------------------------------
using Tree = std::vector<SourceFile>;
Findings check_includes_exist(const Tree& tree);       // quoted includes start at the root
Findings check_everything_is_built(const Tree& tree);  // listed by a CMakeLists, or included

}  // namespace pecia::style
