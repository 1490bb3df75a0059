#include "kernels/chronicle/facts.hpp"

#include <map>
#include <set>

#include "kernels/chronicle/text_lines.hpp"
#include "kernels/chronicle/training_text.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

Facts some_facts(Split split = Split::train) {
  Draws draws(11, 0);
  return draw_facts(draws, split);
}

std::string refusal(std::string_view header) {
  const auto facts = parse_header(header);
  if (facts) return "accepted";
  REQUIRE(facts.error().kind == ErrorKind::refuse);
  return facts.error().message;
}

// Any word of letters that stands for a value somewhere.
std::map<std::string, int> word_uses() {
  std::map<std::string, int> uses;
  for (std::size_t r = 0; r + 1 < kRoleCount; ++r) {
    for (const std::string& value : inventory(static_cast<Role>(r))) ++uses[value];
  }
  return uses;
}

}  // namespace

TEST_CASE("no two roles share a value, and no role holds a value twice") {
  for (const auto& [word, uses] : word_uses()) {
    INFO(word);
    CHECK(uses == 1);
  }
}

TEST_CASE("every value but a promise is one word, and it tells its role") {
  for (std::size_t r = 0; r + 1 < kRoleCount; ++r) {
    const auto values = inventory(static_cast<Role>(r));
    for (std::size_t v = 0; v < values.size(); ++v) {
      INFO(values[v]);
      CHECK(values[v].find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
            std::string::npos);
      CHECK((values[v][0] <= 'Z') == is_name(static_cast<Role>(r)));
      const auto word = fact_word(values[v]);
      REQUIRE(word.has_value());
      CHECK(word->role == static_cast<Role>(r));
      CHECK(word->value == static_cast<int>(v));
    }
  }
}

TEST_CASE("there are 300 to 600 names, and no promise holds a value of another role") {
  std::size_t names = 0;
  for (std::size_t r = 0; r < kRoleCount; ++r) {
    if (is_name(static_cast<Role>(r))) names += inventory(static_cast<Role>(r)).size();
  }
  CHECK(names >= 300);
  CHECK(names <= 600);
  REQUIRE(promises_kept().size() == inventory(Role::promise).size());
  for (const auto& phrases : {inventory(Role::promise), promises_kept()}) {
    std::set<std::string_view> first_words;
    for (const std::string& phrase : phrases) {
      CHECK(first_words.insert(split(phrase, ' ').front()).second);
      for (const std::string_view word : split(phrase, ' ')) CHECK(!fact_word(word));
    }
  }
}

TEST_CASE("the words that a tokenizer keeps whole hold every name and value once") {
  const std::vector<std::string> words = chronicle_words();
  CHECK(words.size() == std::set<std::string>(words.begin(), words.end()).size());
  for (const auto& [word, uses] : word_uses())
    CHECK(std::binary_search(words.begin(), words.end(), word));
  CHECK(std::binary_search(words.begin(), words.end(), std::string("orchard")));
}

TEST_CASE("a header is written and read back, line by line") {
  Facts facts = some_facts();
  facts.title = "A tale";
  facts.chapters = 6;
  const std::string text = header_text(facts);
  CHECK(std::count(text.begin(), text.end(), '\n') == 10);
  const Facts read = parse_header(text + "\r\n\n").value();
  CHECK(read.title == facts.title);
  CHECK(read.chapters == facts.chapters);
  CHECK(read.values == facts.values);
}

TEST_CASE("a header may leave lines out") {
  const Facts facts = parse_header("Hero: Mira, a weaver\nHome: Ashby").value();
  CHECK(facts.text(Role::hero) == "Mira");
  CHECK(facts.text(Role::trade) == "weaver");
  CHECK(facts.text(Role::home) == "Ashby");
  CHECK(!facts.knows(Role::rival));
  CHECK(is_she(facts[Role::hero]));
  CHECK(header_text(facts) == "Hero: Mira, a weaver\nHome: Ashby");
}

TEST_CASE("a header's contents are free text, last of its lines, and read back as they stand") {
  const std::string header =
      "Hero: Mira, a weaver\nContents: 1. The house of Agnes; 2. On the moor";
  const Facts facts = parse_header(header).value();
  CHECK(facts.contents == "1. The house of Agnes; 2. On the moor");
  CHECK(header_text(facts) == header);
}

TEST_CASE("the contents of a tale are its chapters' headings, in order") {
  const Chronicle tale = corpus_tale(TextKind::whole, Split::train, 5, 1);
  std::string contents;
  for (const OutlineSection& section : tale.outline.sections)
    contents += (contents.empty() ? "" : "; ") + section.heading.substr(2);
  CHECK(parse_header(tale.outline.preamble).value().contents == contents);
}

TEST_CASE("a header that is none is refused with its line") {
  CHECK(refusal("").starts_with("header line 1: no header of facts"));
  CHECK(refusal("Once upon a time").starts_with("header line 1: no line of a chronicle's header"));
  CHECK(refusal("Hero: Mira, a weaver\nHero: Mira, a weaver") == "header line 2: a second 'Hero'");
  CHECK(refusal("Hero: Mira") == "header line 1: 'Hero' wants known words for hero, trade");
  CHECK(refusal("Hero: a weaver, Mira") ==
        "header line 1: 'Hero' wants known words for hero, trade");
  CHECK(refusal("Home: Nowhere").starts_with("header line 1: 'Home' wants known words for home"));
  CHECK(refusal("\nChapters: 0") == "header line 2: 'Chapters' wants a number from 1 to 99");
  CHECK(refusal("Chapters: 5x") == "header line 1: 'Chapters' wants a number from 1 to 99");
  CHECK(refusal("Promise: to fly").starts_with("header line 1: 'Promise' wants known words"));
}

TEST_CASE("each split holds only its own headers, and one in twenty is held out") {
  Draws draws(3, 0);
  int held_out = 0;
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    Facts facts = some_facts();
    for (std::size_t r = 0; r < kRoleCount; ++r)
      facts.values[r] = static_cast<int>(draws.below(inventory(static_cast<Role>(r)).size()));
    held_out += is_held_out(facts) ? 1 : 0;
  }
  CHECK(held_out > kDraws * 4 / 100);
  CHECK(held_out < kDraws * 6 / 100);
  for (int i = 0; i < 500; ++i) {
    CHECK(!is_held_out(draw_facts(draws, Split::train)));
    CHECK(is_held_out(draw_facts(draws, Split::held_out)));
  }
}

TEST_CASE("a held-out header holds a pair that no training header holds") {
  using Pair = std::pair<int, int>;
  std::set<Pair> rivals, objects;
  std::set<std::array<int, 3>> companions;
  Draws draws(5, 0);
  for (int i = 0; i < 30'000; ++i) {
    const Facts facts = draw_facts(draws, Split::train);
    rivals.insert({facts[Role::hero], facts[Role::rival]});
    objects.insert({facts[Role::home], facts[Role::object]});
    companions.insert({facts[Role::companion], facts[Role::colour], facts[Role::kind]});
  }
  for (int i = 0; i < 300; ++i) {
    const Facts facts = draw_facts(draws, Split::held_out);
    const bool fresh =
        !rivals.contains({facts[Role::hero], facts[Role::rival]}) ||
        !objects.contains({facts[Role::home], facts[Role::object]}) ||
        !companions.contains({facts[Role::companion], facts[Role::colour], facts[Role::kind]});
    CHECK(fresh);
  }
}

}  // namespace pecia::kernels
