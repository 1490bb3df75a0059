#pragma once
// Finds function bodies by braces alone: good enough for code that clang-format has laid out.

#include <string>
#include <vector>

#include "tests/style/source_file.hpp"

namespace pecia::style {

struct Function {
  std::string head;  // text before the brace, parenthesised parts removed
  std::size_t first_line;
  std::size_t last_line;
  std::size_t lines() const { return last_line - first_line + 1; }
};

struct Functions {
  std::vector<Function> found;  // in file order; lambdas belong to the function around them
  bool balanced = true;         // false where #if branches split a brace pair
};

Functions functions(const SourceFile& file);

}  // namespace pecia::style
