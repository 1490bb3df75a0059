// What the compiled kernels contain, as nm shows it. Sources alone cannot tell: a compiler may call
// libm for an innocent expression, and an inline function of the standard library compiled with AVX
// flags may be the copy the linker keeps for the whole program.

#include <array>
#include <cctype>
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace {

struct Symbol {
  std::string object;  // member of the archive, e.g. "avx2.cpp.o"
  char type;           // as nm prints it: U undefined, T code, W weak, u unique
  std::string name;
};

bool operator==(const Symbol& a, const Symbol& b) {
  return a.object == b.object && a.type == b.type && a.name == b.name;
}

// One line of `nm -A`: "libx.a:member.o:[value] T name".
std::vector<Symbol> parse_nm(const std::string& output) {
  std::vector<Symbol> symbols;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.find(".o:");
    if (end == std::string::npos) continue;
    const std::size_t start = line.rfind(':', end) + 1;
    std::istringstream rest(line.substr(end + 3));
    std::string value, type, name;
    rest >> value >> type >> name;
    if (name.empty()) name = type, type = value;  // undefined symbols carry no value
    symbols.push_back({line.substr(start, end + 2 - start), type.front(), name});
  }
  return symbols;
}

std::vector<Symbol> symbols_of(const std::string& archive) {
  const std::string command = PECIA_NM " -A '" + archive + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> part{};
  while (pipe != nullptr && std::fgets(part.data(), part.size(), pipe.get()) != nullptr) {
    output += part.data();
  }
  return parse_nm(output);
}

// Undefined names of libm whose bits differ between libraries. fma and sqrt are exact by IEEE.
bool is_inexact_math(const Symbol& symbol) {
  static const std::set<std::string> kNames = {"exp",   "exp2", "expm1", "log", "log2",   "log10",
                                               "log1p", "sin",  "cos",   "tan", "sincos", "pow",
                                               "tanh",  "sinh", "cosh",  "erf", "cbrt",   "hypot"};
  std::string name = symbol.name.substr(0, symbol.name.find('@'));
  if (!name.empty() && (name.back() == 'f' || name.back() == 'l') && name != "erf") name.pop_back();
  return symbol.type == 'U' && kNames.contains(name);
}

// A definition the linker may share with other objects.
bool is_shared_definition(const Symbol& symbol) {
  return symbol.type == 'W' || symbol.type == 'V' || symbol.type == 'u';
}

bool is_vector_object(const Symbol& symbol) { return symbol.object.starts_with("avx"); }

}  // namespace

TEST_CASE("nm output is read line by line, with and without a value") {
  const std::vector<Symbol> symbols = parse_nm(
      "a/libx.a:avx2.cpp.o:0000000000000010 W _ZNSt6vectorIiE4sizeEv\n"
      "a/libx.a:ops.cpp.o:                 U expf@GLIBC_2.27\n"
      "\n");
  REQUIRE(symbols.size() == 2);
  REQUIRE(symbols[0] == Symbol{"avx2.cpp.o", 'W', "_ZNSt6vectorIiE4sizeEv"});
  REQUIRE(is_shared_definition(symbols[0]));
  REQUIRE(is_vector_object(symbols[0]));
  REQUIRE(is_inexact_math(symbols[1]));
  REQUIRE_FALSE(is_inexact_math({"ops.cpp.o", 'U', "fmaf"}));
  REQUIRE_FALSE(is_inexact_math({"ops.cpp.o", 'T', "exp"}));
}

TEST_CASE("the CPU kernels call no function of libm that rounds as it likes") {
  const std::vector<Symbol> symbols = symbols_of(PECIA_CPU_ARCHIVE);
  REQUIRE(symbols.size() > 20);
  for (const Symbol& symbol : symbols) {
    INFO(symbol.object << " calls " << symbol.name);
    CHECK_FALSE(is_inexact_math(symbol));
  }
}

#if defined(__x86_64__)
TEST_CASE("objects compiled for one instruction set share no code with the rest") {
  std::set<std::string> objects;
  for (const Symbol& symbol : symbols_of(PECIA_CPU_ARCHIVE)) {
    if (!is_vector_object(symbol)) continue;
    objects.insert(symbol.object);
    INFO(symbol.object << " defines " << symbol.name);
    CHECK_FALSE(is_shared_definition(symbol));
  }
  REQUIRE(objects.size() >= 2);
}
#endif
