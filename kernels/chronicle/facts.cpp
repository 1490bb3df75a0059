#include "kernels/chronicle/facts.hpp"

#include <algorithm>
#include <charconv>

#include "kernels/chronicle/lexer.hpp"
#include "kernels/chronicle/text_lines.hpp"

namespace pecia::kernels {

namespace {

constexpr int kChaptersMax = 99;

// A line of the header: its key and its facts in the order in which they stand there.
struct HeaderLine {
  std::string_view key;
  std::vector<Role> roles;
};

const std::vector<HeaderLine>& header_lines() {
  static const std::vector<HeaderLine> lines = {
      {"Hero", {Role::hero, Role::trade}},
      {"Companion", {Role::companion, Role::colour, Role::kind}},
      {"Home", {Role::home}},
      {"Season", {Role::season}},
      {"Quest", {Role::quality, Role::object}},
      {"Landmark", {Role::landmark}},
      {"Mentor", {Role::mentor, Role::gift}},
      {"Rival", {Role::rival}},
      {"Promise", {Role::promise}}};
  return lines;
}

std::string line_value(const Facts& facts, std::string_view key) {
  const auto text = [&](Role role) { return facts.text(role); };
  if (key == "Hero") return text(Role::hero) + ", a " + text(Role::trade);
  if (key == "Companion")
    return text(Role::companion) + ", a " + text(Role::colour) + " " + text(Role::kind);
  if (key == "Home") return text(Role::home);
  if (key == "Season") return text(Role::season);
  if (key == "Quest") return "the " + text(Role::quality) + " " + text(Role::object);
  if (key == "Landmark") return text(Role::landmark);
  if (key == "Mentor") return text(Role::mentor) + ", who has the " + text(Role::gift);
  if (key == "Rival") return text(Role::rival);
  return "to " + text(Role::promise);
}

void append_line(std::string& text, std::string_view key, std::string_view value) {
  if (!text.empty()) text += '\n';
  text += key;
  text += ": ";
  text += value;
}

std::string expected_roles(const HeaderLine& line) {
  std::string names;
  for (const Role role : line.roles) {
    if (!names.empty()) names += ", ";
    names += role_name(role);
  }
  return names;
}

Status read_facts(const HeaderLine& line, std::string_view value, std::size_t number,
                  Facts& facts) {
  std::vector<Token> found;
  for (const Token& token : lex(value, 1)) {
    if (token.is_fact) found.push_back(token);
  }
  const bool matches = std::equal(
      found.begin(), found.end(), line.roles.begin(), line.roles.end(),
      [](const Token& token, Role role) { return token.fact.role == role && !token.past; });
  if (!matches)
    return fail(ErrorKind::refuse, "header line {}: '{}' wants known words for {}", number,
                line.key, expected_roles(line));
  for (const Token& token : found) {
    if (facts.knows(token.fact.role))
      return fail(ErrorKind::refuse, "header line {}: a second '{}'", number, line.key);
    facts[token.fact.role] = token.fact.value;
  }
  return {};
}

Status read_line(std::string_view line, std::size_t number, Facts& facts) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view key = line.substr(0, colon);
  const std::string_view value = trim(line.substr(std::min(colon + 1, line.size())));
  if (key == "Title") {
    facts.title = value;
    return {};
  }
  if (key == "Contents") {
    facts.contents = value;
    return {};
  }
  if (key == "Chapters") {
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), facts.chapters);
    const bool whole = error == std::errc() && end == value.data() + value.size();
    if (whole && facts.chapters >= 1 && facts.chapters <= kChaptersMax) return {};
    return fail(ErrorKind::refuse, "header line {}: 'Chapters' wants a number from 1 to {}", number,
                kChaptersMax);
  }
  const auto& lines = header_lines();
  const auto known = std::find_if(lines.begin(), lines.end(),
                                  [&](const HeaderLine& each) { return each.key == key; });
  if (known != lines.end()) return read_facts(*known, value, number, facts);
  return fail(ErrorKind::refuse,
              "header line {}: no line of a chronicle's header; these are 'Title: ', 'Hero: ', "
              "'Companion: ', 'Home: ', 'Season: ', 'Quest: ', 'Landmark: ', 'Mentor: ', "
              "'Rival: ', 'Promise: ', 'Chapters: ' and 'Contents: '",
              number);
}

// FNV-1a: the split must never change, whatever the standard library does.
std::uint32_t pair_hash(std::initializer_list<std::string_view> words) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const std::string_view word : words) {
    for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    hash = (hash ^ 0xffu) * 0x100000001b3u;
  }
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

std::string header_text(const Facts& facts) {
  std::string text;
  if (!facts.title.empty()) append_line(text, "Title", facts.title);
  for (const HeaderLine& line : header_lines()) {
    const bool known = std::all_of(line.roles.begin(), line.roles.end(),
                                   [&](Role role) { return facts.knows(role); });
    if (known) append_line(text, line.key, line_value(facts, line.key));
  }
  if (facts.chapters > 0) append_line(text, "Chapters", std::to_string(facts.chapters));
  if (!facts.contents.empty()) append_line(text, "Contents", facts.contents);
  return text;
}

Expected<Facts> parse_header(std::string_view preamble) {
  Facts facts;
  std::size_t number = 0;
  bool any = false;
  while (!preamble.empty()) {
    std::string_view line = take_line(preamble);
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) continue;
    if (Status status = read_line(line, number, facts); !status) return status.error();
    any = true;
  }
  if (!any)
    return fail(
        ErrorKind::refuse,
        "header line 1: no header of facts; it begins with lines as 'Hero: Mira, a weaver'");
  return facts;
}

bool is_held_out(const Facts& facts) {
  constexpr std::uint32_t kOneIn = 60;  // three pairs: 1 - (59/60)^3 = 4.9 %
  return pair_hash({facts.text(Role::hero), facts.text(Role::rival)}) % kOneIn == 0 ||
         pair_hash(
             {facts.text(Role::companion), facts.text(Role::colour), facts.text(Role::kind)}) %
                 kOneIn ==
             0 ||
         pair_hash({facts.text(Role::home), facts.text(Role::object)}) % kOneIn == 0;
}

Facts draw_facts(Draws& draws, Split split) {
  Facts facts;
  do {
    for (std::size_t r = 0; r < kRoleCount; ++r)
      facts.values[r] = static_cast<int>(draws.below(inventory(static_cast<Role>(r)).size()));
  } while (is_held_out(facts) != (split == Split::held_out));
  return facts;
}

}  // namespace pecia::kernels
