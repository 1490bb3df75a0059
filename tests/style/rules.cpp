#include "tests/style/rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string_view>

#include "tests/style/functions.hpp"

namespace pecia::style {

namespace {

using Words = std::span<const std::string_view>;

bool one_of(std::string_view word, Words list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool below(const SourceFile& file, std::initializer_list<std::string_view> folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](std::string_view folder) { return file.path.starts_with(folder); });
}

// Programs for people, benchmarks, and tests whose name says that they measure.
bool may_see_clock(const SourceFile& file) {
  return below(file, {"apps/", "tests/bench/"}) || file.path == "actors/clock_and_chance.hpp" ||
         (below(file, {"tests/"}) && file.path.ends_with("_speed_test.cpp"));
}

// Columns as a person counts them: UTF-8 continuation bytes take no room.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void find_text(const SourceFile& file, const std::vector<std::string>& lines, std::string_view text,
               const std::string& message, Findings& findings) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find(text) != std::string::npos) findings.push_back({file.path, i + 1, message});
  }
}

}  // namespace

std::string to_string(const Finding& finding) {
  return finding.path + ":" + std::to_string(finding.line) + ": " + finding.message;
}

Findings check_length(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path) && !is_cmake(file.path) && file.path != "dev") return findings;
  if (file.raw.size() > kFileLinesMax) {
    findings.push_back(
        {file.path, 0, std::to_string(file.raw.size()) + " lines: what second idea hides here?"});
  }
  for (std::size_t i = 0; i < file.raw.size(); ++i) {
    if (columns(file.raw[i]) > kColumnsMax)
      findings.push_back({file.path, i + 1, "over 100 columns"});
  }
  return findings;
}

Findings check_function_length(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path)) return findings;
  const Functions scanned = functions(file);
  if (!scanned.balanced) {
    findings.push_back({file.path, 0, "braces do not pair: keep them whole inside #if branches"});
  }
  for (const Function& function : scanned.found) {
    if (function.lines() <= kFunctionLinesMax) continue;
    findings.push_back({file.path, function.first_line,
                        "a function of " + std::to_string(function.lines()) + " lines"});
  }
  return findings;
}

Findings check_names(const SourceFile& file) {
  static constexpr std::string_view kEmpty[] = {"util", "utils", "misc", "manager"};
  Findings findings;
  for (const std::string& word : words(file.path)) {
    if (one_of(word, kEmpty) || word == "common") {
      findings.push_back({file.path, 0, "'" + word + "' in a path says nothing"});
    }
  }
  if (!is_cpp(file.path)) return findings;
  for (const Identifier& identifier : identifiers(file)) {
    const std::vector<std::string> parts = words(identifier.name);
    const bool empty = std::any_of(parts.begin(), parts.end(),
                                   [](const std::string& part) { return one_of(part, kEmpty); });
    if (empty || identifier.name == "common") {
      findings.push_back({file.path, identifier.line,
                          "the name '" + std::string(identifier.name) + "' says nothing"});
    }
  }
  return findings;
}

Findings check_clock_and_chance(const SourceFile& file) {
  static constexpr std::string_view kAnywhere[] = {
      "steady_clock", "system_clock",  "high_resolution_clock",
      "utc_clock",    "gettimeofday",  "clock_gettime",
      "timespec_get", "__rdtsc",       "_rdtsc",
      "sleep_for",    "sleep_until",   "usleep",
      "nanosleep",    "random_device", "getrandom",
      "getentropy",   "arc4random"};
  static constexpr std::string_view kCalled[] = {"time", "clock", "sleep",
                                                 "rand", "srand", "drand48"};
  static constexpr std::string_view kGenerators[] = {"mt19937", "mt19937_64", "minstd_rand",
                                                     "default_random_engine"};
  Findings findings;
  if (!is_cpp(file.path) || may_see_clock(file)) return findings;
  for (const Identifier& identifier : identifiers(file)) {
    const bool call = identifier.called && !identifier.member && one_of(identifier.name, kCalled);
    const bool generator =
        below(file, {"kernels/", "actors/", "pecia/"}) && one_of(identifier.name, kGenerators);
    if (call || generator || one_of(identifier.name, kAnywhere)) {
      findings.push_back({file.path, identifier.line,
                          "'" + std::string(identifier.name) +
                              "': clock and chance live in apps/ and actors/clock_and_chance.hpp"});
    }
  }
  return findings;
}

Findings check_no_exit(const SourceFile& file) {
  static constexpr std::string_view kEnds[] = {"exit",       "_exit", "_Exit",
                                               "quick_exit", "abort", "terminate"};
  Findings findings;
  if (!is_cpp(file.path) || !below(file, {"kernels/", "actors/", "pecia/"})) return findings;
  for (const Identifier& identifier : identifiers(file)) {
    if (identifier.called && !identifier.member && one_of(identifier.name, kEnds)) {
      findings.push_back({file.path, identifier.line, "a library never ends its process"});
    }
  }
  return findings;
}

Findings check_pragma_once(const SourceFile& file) {
  if (!is_header(file.path)) return {};
  if (!file.raw.empty() && file.raw.front() == "#pragma once") return {};
  return {{file.path, 1, "a header begins with #pragma once"}};
}

Findings check_build_flags(const SourceFile& file) {
  Findings findings;
  if (!is_cmake(file.path)) return findings;
  for (const std::string_view flag :
       {"-ffast-math", "-Ofast", "-funsafe-math", "-fassociative-math", "-freciprocal-math",
        "-ffp-contract=fast", "-march=native", "-mtune=native"}) {
    find_text(file, file.raw, flag, std::string(flag) + " breaks the contract of arithmetic",
              findings);
  }
  return findings;
}

Findings check_left_overs(const SourceFile& file) {
  Findings findings;
  // Spelt in two halves, so that this file passes its own rule.
  for (const std::string_view note : {"TO"
                                      "DO",
                                      "FIX"
                                      "ME",
                                      "XX"
                                      "X",
                                      "HA"
                                      "CK"}) {
    find_text(file, file.comment, note, std::string(note) + ": do it, or open an issue", findings);
  }
  for (const std::string_view path : {"/ho"
                                      "me/",
                                      "/ro"
                                      "ot/",
                                      "/wo"
                                      "rk/",
                                      "/tm"
                                      "p/"}) {
    find_text(file, file.raw, path, "a path of one machine", findings);
  }
  return findings;
}

Findings check_no_disabled_tests(const SourceFile& file) {
  // One takes half a minute, the others measure: they are run by hand.
  static constexpr std::string_view kAllowed[] = {
      "tests/unit/cpu/exp_test.cpp", "tests/unit/journal/sqlite_journal_speed_test.cpp",
      "tests/unit/text/tokenizer_speed_test.cpp"};
  Findings findings;
  if (!below(file, {"tests/"}) || one_of(file.path, kAllowed)) return findings;
  // Spelt in two halves, so that this file passes its own rule.
  for (const std::string_view mark : {"\"["
                                      ".",
                                      "]["
                                      ".",
                                      "[!may"
                                      "fail]",
                                      "[!should"
                                      "fail]",
                                      "[!hi"
                                      "de]",
                                      "DIS"
                                      "ABLED"}) {
    find_text(file, file.raw, mark, "a disabled test: mend it or remove it", findings);
  }
  return findings;
}

Findings check_file(const SourceFile& file) {
  Findings all;
  for (auto* rule :
       {check_length, check_function_length, check_include_direction, check_core_purity,
        check_names, check_clock_and_chance, check_no_exit, check_pragma_once, check_build_flags,
        check_left_overs, check_no_disabled_tests}) {
    const Findings findings = rule(file);
    all.insert(all.end(), findings.begin(), findings.end());
  }
  return all;
}

}  // namespace pecia::style
