// What the compiled kernels contain, as nm and objdump show it. Sources alone cannot tell: a
// compiler may call libm or take an approximate instruction for an innocent expression, and an
// inline function of the standard library compiled with AVX flags may be the copy the linker keeps
// for all.

#include <array>
#include <cctype>
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
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

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> part{};
  while (pipe != nullptr && std::fgets(part.data(), part.size(), pipe.get()) != nullptr) {
    output += part.data();
  }
  return output;
}

std::vector<Symbol> symbols_of(const std::string& archive) {
  return parse_nm(output_of(PECIA_NM " -A '" + archive + "'"));
}

// The mnemonics of `objdump -d --no-show-raw-insn`: "   address:<tab>mnemonic operands".
std::set<std::string> parse_mnemonics(const std::string& output) {
  std::set<std::string> mnemonics;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = line.find(":\t");
    if (tab == std::string::npos) continue;
    mnemonics.insert(line.substr(tab + 2, line.find(' ', tab) - tab - 2));
  }
  return mnemonics;
}

// Instructions that approximate, each maker in its own way.
bool is_approximation(const std::string& mnemonic) {
  const std::string_view name = std::string_view(mnemonic).substr(mnemonic.starts_with('v'));
  for (const char* prefix : {"rsqrt", "rcp", "exp2", "scalef"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
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

TEST_CASE("kernels, engine and trainer call no function of libm that rounds as it likes") {
  for (const char* archive :
       {PECIA_BASE_ARCHIVE, PECIA_CPU_ARCHIVE, PECIA_ENGINE_ARCHIVE, PECIA_TRAINING_ARCHIVE}) {
    const std::vector<Symbol> symbols = symbols_of(archive);
    REQUIRE(symbols.size() > 20);
    for (const Symbol& symbol : symbols) {
      INFO(symbol.object << " calls " << symbol.name);
      CHECK_FALSE(is_inexact_math(symbol));
    }
  }
}

TEST_CASE("objdump output is read for its mnemonics alone") {
  const std::set<std::string> mnemonics = parse_mnemonics(
      "x.o:     file format elf64-x86-64\n"
      "0000000000000000 <_Z3addv>:\n"
      "   0:\tvrsqrt14ps %zmm0,%zmm1\n"
      "  1f:\tret\n");
  REQUIRE(mnemonics == std::set<std::string>{"vrsqrt14ps", "ret"});
  for (const char* bad : {"rcpss", "vrcp14ps", "rsqrtps", "vexp2ps", "vscalefps"}) {
    REQUIRE(is_approximation(bad));
  }
  for (const char* good : {"vdivps", "vsqrtps", "sqrtss", "ret"}) {
    REQUIRE_FALSE(is_approximation(good));
  }
}

TEST_CASE("the CPU kernels use no instruction that approximates") {
  const std::set<std::string> mnemonics =
      parse_mnemonics(output_of(PECIA_OBJDUMP " -d --no-show-raw-insn '" PECIA_CPU_ARCHIVE "'"));
  REQUIRE(mnemonics.size() > 50);
  for (const std::string& mnemonic : mnemonics) {
    INFO(mnemonic);
    CHECK_FALSE(is_approximation(mnemonic));
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
