#pragma once
// A text file of the repository, split into what the compiler sees and what people read.

#include <string>
#include <string_view>
#include <vector>

namespace pecia::style {

// One entry a line in each vector; columns agree between `raw`, `code` and `comment`.
// In files that are not C++ code and comment are both the raw line.
struct SourceFile {
  std::string path;  // from the repository root, '/' between parts
  std::vector<std::string> raw;
  std::vector<std::string> code;     // comments and the contents of literals are blank
  std::vector<std::string> comment;  // everything but comments is blank
};

SourceFile parse_source(std::string path, std::string_view text);

bool is_cpp(std::string_view path);     // .cpp .hpp .h .cu .inl
bool is_header(std::string_view path);  // .hpp .h
bool is_cmake(std::string_view path);   // CMakeLists.txt, *.cmake, presets

struct Include {
  std::size_t line;  // from 1
  bool quoted;
  std::string target;
};
std::vector<Include> includes(const SourceFile& file);

struct Identifier {
  std::size_t line;  // from 1
  std::string_view name;
  bool called;  // an opening parenthesis follows
  bool member;  // after '.' or '->'
};
// Identifiers of the code outside #include lines; the views live as long as `file`.
std::vector<Identifier> identifiers(const SourceFile& file);

// Lower-case words of a name: "kFooBar_baz" -> k, foo, bar, baz.
std::vector<std::string> words(std::string_view name);

}  // namespace pecia::style
