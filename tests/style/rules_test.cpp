// Each rule must catch a small bad snippet, and let its good neighbour pass.

#include <string>

#include "tests/catch.hpp"
#include "tests/style/functions.hpp"
#include "tests/style/rules.hpp"

using namespace pecia::style;

namespace {

std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::size_t first_line(const Findings& findings) { return findings.empty() ? 0 : findings[0].line; }

std::vector<std::size_t> function_lengths(const std::string& text) {
  std::vector<std::size_t> lengths;
  for (const Function& function : functions(parse_source("a.cpp", text)).found) {
    lengths.push_back(function.lines());
  }
  return lengths;
}

using Lengths = std::vector<std::size_t>;

}  // namespace

TEST_CASE("literals and comments are taken apart") {
  const SourceFile file = parse_source("a.cpp",
                                       "int a = 1'000;  // exit(1)\n"
                                       "auto s = \"exit(2) \\\" \";\n"
                                       "auto r = R\"x(exit(3)\n)\" exit(4) )x\";\n"
                                       "char c = '\"'; /* rand() */ f();\n");
  REQUIRE(file.code[0] == "int a = 1'000;            ");
  REQUIRE(file.comment[0] == "                // exit(1)");
  REQUIRE(file.code[1].find("exit") == std::string::npos);
  REQUIRE(file.code[2].find("exit") == std::string::npos);
  REQUIRE(file.code[3].find("exit") == std::string::npos);
  REQUIRE(file.code[4].find("f();") != std::string::npos);
  REQUIRE(file.code[4].find("rand") == std::string::npos);
}

TEST_CASE("names fall apart into words at underscores and capitals") {
  REQUIRE(words("kFileManager_max2") == std::vector<std::string>{"k", "file", "manager", "max2"});
}

TEST_CASE("function bodies are told from classes, tables and initialisers") {
  REQUIRE(function_lengths("int f() {\n  if (x) {\n  }\n}\n") == Lengths{4});
  REQUIRE(function_lengths("namespace n {\nclass A : B {\n public:\n  A() : a_{1}, b_(2) {\n  }\n"
                           "  int g() const { return 1; }\n};\n}\n") == Lengths{2, 1});
  REQUIRE(function_lengths("constexpr T kT[] = {\n{1},\n{f(2)},\n};\n").empty());
  REQUIRE(function_lengths("template <class T, class = X<T>>\nvoid f(T t = {}) {\n}\n") ==
          Lengths{3});
  REQUIRE(function_lengths("struct alignas(64) A {\n  bool operator==(A) const {\n  }\n};\n") ==
          Lengths{2});
  REQUIRE(function_lengths("TEST_CASE(\"a { b\") {\n  auto f = [] {\n  };\n}\n") == Lengths{4});
  REQUIRE(function_lengths("auto f = [](int x) {\n  return x;\n};\n") == Lengths{3});
}

TEST_CASE("braces that #if branches split are reported") {
  const std::string text = "#if A\nvoid f() {\n#else\nvoid g() {\n#endif\n}\n";
  REQUIRE(check_function_length(parse_source("a.cpp", text)).size() == 1);
}

TEST_CASE("a function of 71 lines is too long and one of 70 is not") {
  const auto body = [](int lines) {
    return "void f() {\n" + repeat("  x();\n", lines - 2) + "}\n";
  };
  REQUIRE(check_function_length(parse_source("a.cpp", body(70))).empty());
  REQUIRE(first_line(check_function_length(parse_source("a.cpp", "\n" + body(71)))) == 2);
}

TEST_CASE("a file of 501 lines and a line of 101 columns are too long") {
  REQUIRE(check_length(parse_source("a.cpp", repeat("x\n", 500))).empty());
  REQUIRE(check_length(parse_source("a.cpp", repeat("x\n", 501))).size() == 1);
  REQUIRE(check_length(parse_source("a.cpp", repeat("é", 100))).empty());
  REQUIRE(check_length(parse_source("a.cpp", repeat("x", 101))).size() == 1);
}

TEST_CASE("includes point downwards only") {
  const auto findings = [](const char* path, const char* text) {
    return check_include_direction(parse_source(path, text)).size();
  };
  REQUIRE(findings("kernels/a/b.cpp", "#include \"kernels/a/c.hpp\"\n#include <vector>\n") == 0);
  REQUIRE(findings("kernels/a/b.cpp", "#include \"runtime/wire/frame.hpp\"\n") == 1);
  REQUIRE(findings("kernels/a/b.cpp", "#include \"b.hpp\"\n") == 1);
  REQUIRE(findings("kernels/a/b.cpp", "#include <caf/all.hpp>\n") == 1);
  REQUIRE(findings("kernels/a/b.cpp", "#include <sys/socket.h>\n") == 1);
  REQUIRE(findings("kernels/engine/b.cpp", "#include <chrono>\n") == 1);
  REQUIRE(findings("kernels/engine/b.cpp", "#include <thread>\n") == 1);
  REQUIRE(findings("kernels/cpu/pool.cpp", "#include <thread>\n") == 0);
  REQUIRE(findings("runtime/a/b.cpp", "#include \"kernels/base/hash.hpp\"\n") == 0);
  REQUIRE(findings("runtime/a/b.cpp", "#include \"kernels/text/unicode.hpp\"\n") == 1);
  REQUIRE(findings("actors/a/b.cpp", "#include \"kernels/x.hpp\"\n#include \"runtime/y.hpp\"\n") ==
          0);
  REQUIRE(findings("actors/a/b.cpp", "#include \"apps/pecia/x.hpp\"\n") == 1);
  REQUIRE(findings("apps/a/b.cpp", "#include \"tests/catch.hpp\"\n") == 1);
  REQUIRE(findings("actors/a/b.cpp", "#include \"pecia/session.hpp\"\n") == 1);
  REQUIRE(findings("pecia/b.cpp", "#include \"actors/node/node.hpp\"\n") == 0);
  REQUIRE(findings("pecia/b.cpp", "#include \"apps/pecia/output.hpp\"\n") == 1);
}

TEST_CASE("an installed header needs nothing but the standard library and others like it") {
  const auto findings = [](const char* path, const char* text) {
    return check_include_direction(parse_source(path, text)).size();
  };
  REQUIRE(findings("pecia/node.hpp", "#include <future>\n#include \"pecia/job.hpp\"\n") == 0);
  REQUIRE(findings("pecia/node.hpp", "#include \"pecia/session.hpp\"\n") == 1);
  REQUIRE(findings("pecia/job.hpp", "#include <fmt/format.h>\n") == 1);
  REQUIRE(findings("pecia/session.hpp", "#include \"kernels/base/expected.hpp\"\n") == 0);
}

TEST_CASE("Cap'n Proto is known to the codec alone, and its generated code to one header") {
  const auto findings = [](const char* path, const char* header) {
    const std::string text = "#include <" + std::string(header) + ">\n";
    return check_include_direction(parse_source(path, text)).size();
  };
  REQUIRE(findings("runtime/wire/decode.cpp", "capnp/any.h") == 0);
  REQUIRE(findings("runtime/journal/a.cpp", "capnp/any.h") == 1);
  REQUIRE(findings("actors/a/a_actor.cpp", "kj/array.h") == 1);
  REQUIRE(findings("runtime/wire/schema.hpp", "runtime/wire/pecia.capnp.h") == 0);
  REQUIRE(findings("runtime/wire/decode.cpp", "runtime/wire/pecia.capnp.h") == 1);
}

TEST_CASE("a core sees neither actors nor clocks nor threads") {
  for (const char* header : {"caf/all.hpp", "capnp/message.h", "sqlite3.h", "thread", "chrono",
                             "fstream", "sys/socket.h"}) {
    const std::string text = "#include <" + std::string(header) + ">\n";
    CHECK(check_core_purity(parse_source("actors/a/a_core.cpp", text)).size() == 1);
    CHECK(check_core_purity(parse_source("actors/a/a_actor.cpp", text)).empty());
  }
  REQUIRE(check_core_purity(parse_source("actors/a/a_core.cpp", "#include <vector>\n")).empty());
}

TEST_CASE("names that say nothing are refused") {
  REQUIRE(check_names(parse_source("kernels/text/string_utils.cpp", "")).size() == 1);
  REQUIRE(check_names(parse_source("kernels/common/a.cpp", "")).size() == 1);
  REQUIRE(check_names(parse_source("a.cpp", "class PageManager;\n")).size() == 1);
  REQUIRE(check_names(parse_source("a.cpp", "namespace common {}\n")).size() == 1);
  REQUIRE(check_names(parse_source("a.cpp", "int common_prefix;  // a manager\n")).empty());
}

TEST_CASE("clock and chance stay behind their doors") {
  const auto findings = [](const char* path, const char* text) {
    return check_clock_and_chance(parse_source(path, text)).size();
  };
  const char* now = "auto t = std::chrono::steady_clock::now();\n";
  REQUIRE(findings("kernels/a.cpp", now) == 1);
  REQUIRE(findings("tests/unit/a.cpp", now) == 1);
  REQUIRE(findings("apps/pecia/a.cpp", now) == 0);
  REQUIRE(findings("tests/bench/a.cpp", now) == 0);
  REQUIRE(findings("tests/unit/text/merge_speed_test.cpp", now) == 0);
  REQUIRE(findings("kernels/a.cpp", "int x = rand() + time(nullptr);\n") == 2);
  REQUIRE(findings("kernels/a.cpp", "std::random_device d;\n") == 1);
  REQUIRE(findings("kernels/a.cpp", "std::mt19937 g(1);\n") == 1);
  REQUIRE(findings("tests/unit/a.cpp", "std::this_thread::sleep_for(d);\n") == 1);
  REQUIRE(findings("kernels/a.cpp", "int time = job.time();  // rand()\n") == 0);
}

TEST_CASE("a library never ends its process") {
  REQUIRE(check_no_exit(parse_source("kernels/a.cpp", "std::exit(1);\n")).size() == 1);
  REQUIRE(check_no_exit(parse_source("kernels/a.cpp", "  abort();\n")).size() == 1);
  REQUIRE(check_no_exit(parse_source("kernels/a.cpp", "ring.abort();  // exit(1)\n")).empty());
  REQUIRE(check_no_exit(parse_source("apps/a.cpp", "std::exit(1);\n")).empty());
}

TEST_CASE("a header begins with pragma once") {
  REQUIRE(check_pragma_once(parse_source("a.hpp", "#pragma once\n")).empty());
  REQUIRE(check_pragma_once(parse_source("a.hpp", "// text\n")).size() == 1);
  REQUIRE(check_pragma_once(parse_source("a.cpp", "// text\n")).empty());
}

TEST_CASE("flags that loosen arithmetic are refused in the build") {
  const char* text = "target_compile_options(x PRIVATE -ffast-math -march=native)\n";
  REQUIRE(check_build_flags(parse_source("kernels/CMakeLists.txt", text)).size() == 2);
}

TEST_CASE("notes to self and paths of one machine are left-overs") {
  REQUIRE(check_left_overs(parse_source("a.cpp",
                                        "// TO"
                                        "DO later\n"))
              .size() == 1);
  REQUIRE(check_left_overs(parse_source("a.cmake",
                                        "# FIX"
                                        "ME\n"))
              .size() == 1);
  REQUIRE(check_left_overs(parse_source("a.cpp",
                                        "auto p = \"/ho"
                                        "me/me/x\";\n"))
              .size() == 1);
  REQUIRE(check_left_overs(parse_source("a.cpp", "int todo;  // to do\n")).empty());
}

TEST_CASE("a test that is disabled is found, but for those that are allowed by name") {
  const auto findings = [](const char* path, const char* text) {
    return check_no_disabled_tests(parse_source(path, text)).size();
  };
  const char* hidden =
      "TEST_CASE(\"a\", \"["
      ".]\") {}\n";
  const char* tolerated =
      "TEST_CASE(\"a\", \"[b][!may"
      "fail]\") {}\n";
  REQUIRE(findings("tests/unit/a.cpp", hidden) == 1);
  REQUIRE(findings("tests/unit/a.cpp", tolerated) == 1);
  REQUIRE(findings("tests/unit/CMakeLists.txt",
                   "set_tests_properties(a PROPERTIES DIS"
                   "ABLED TRUE)\n") == 1);
  REQUIRE(findings("tests/unit/a.cpp", "TEST_CASE(\"a\", \"[b]\") {}\n") == 0);
  REQUIRE(findings("tests/unit/text/tokenizer_speed_test.cpp", hidden) == 0);
}

TEST_CASE("an include that is no path from the root is found") {
  const Tree tree = {
      parse_source("kernels/a.hpp", ""),
      parse_source("kernels/a.cpp", "#include \"kernels/a.hpp\"\n#include \"b.hpp\"\n")};
  REQUIRE(check_includes_exist(tree).size() == 1);
  REQUIRE(first_line(check_includes_exist(tree)) == 2);
}

TEST_CASE("a source nobody lists and a header nobody includes are found") {
  const Tree tree = {
      parse_source("kernels/CMakeLists.txt", "lib(x SOURCES a.cpp cpu/not_c.cpp)  # cpu/c.cpp\n"),
      parse_source("kernels/a.cpp", "#include \"kernels/a.hpp\"\n"),
      parse_source("kernels/a.hpp", ""), parse_source("kernels/b.hpp", ""),
      parse_source("kernels/cpu/c.cpp", "")};
  const Findings findings = check_everything_is_built(tree);
  REQUIRE(findings.size() == 2);
  REQUIRE(findings[0].path == "kernels/b.hpp");
  REQUIRE(findings[1].path == "kernels/cpu/c.cpp");
}
