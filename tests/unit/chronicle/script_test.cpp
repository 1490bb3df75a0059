#include "kernels/chronicle/script.hpp"

#include <set>

#include "kernels/chronicle/lexer.hpp"
#include "kernels/chronicle/plot.hpp"
#include "kernels/chronicle/sentence_index.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

// The literal texts of the scenes, alternatives and places among them.
std::vector<std::string> literals() {
  std::vector<std::string> texts = script().places;
  for (const Template& sentence : script().sentences) {
    for (const Piece& piece : sentence.pieces)
      texts.insert(texts.end(), piece.texts.begin(), piece.texts.end());
  }
  return texts;
}

}  // namespace

TEST_CASE("the grammar has at least 300 sentence templates, each a text of its own") {
  CHECK(script().prose_templates >= 300);
  CHECK(sentence_index().size() >= script().prose_templates);
}

TEST_CASE("no literal word of a scene is a value of a fact") {
  for (const std::string& text : literals()) {
    for (const Token& token : lex(text, 1)) {
      INFO(text);
      CHECK(!token.is_fact);
    }
  }
}

TEST_CASE("no scene names the hero's pronouns but by a slot") {
  const std::set<std::string_view> pronouns = {"he",   "she",  "him",     "her",    "his",
                                               "hers", "He",   "She",     "Him",    "Her",
                                               "His",  "Hers", "himself", "herself"};
  for (const std::string& text : literals()) {
    for (const Token& token : lex(text, 1)) {
      INFO(text);
      CHECK(!pronouns.contains(token.text));
    }
  }
}

TEST_CASE("the scenes are plain ASCII with simple marks") {
  const std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,\"'?!;:-";
  for (const std::string& text : literals()) {
    INFO(text);
    CHECK(text.find_first_not_of(allowed) == std::string::npos);
  }
}

TEST_CASE("every part of the plot has scenes, and a tale never plays one twice") {
  std::set<Part> parts;
  for (const Scene& scene : script().scenes) {
    parts.insert(scene.part);
    CHECK(!scene.headings.empty());
    CHECK(!scene.notes.empty());
    CHECK(!scene.ends.empty());
  }
  CHECK(parts.size() == kPartCount);
  Draws draws(1, 0);
  for (int i = 0; i < 500; ++i) {
    const auto scenes = draw_scenes(draw_plot(4 + i % 5, draws), draws);
    CHECK(std::set<const Scene*>(scenes.begin(), scenes.end()).size() == scenes.size());
  }
}

TEST_CASE("a plot has its fixed chapters, and what is lost or stolen comes back next") {
  Draws draws(2, 0);
  std::set<std::vector<Part>> plots;
  for (int i = 0; i < 2'000; ++i) {
    const int chapters = kChaptersMin + i % (kChaptersMax - kChaptersMin + 1);
    const std::vector<Part> plot = draw_plot(chapters, draws);
    REQUIRE(plot.size() == static_cast<std::size_t>(chapters));
    CHECK((plot.front() == Part::departure && plot.back() == Part::homecoming));
    bool prize = false, mentor = false;
    for (std::size_t k = 0; k < plot.size(); ++k) {
      mentor = mentor || plot[k] == Part::mentor;
      if (plot[k] == Part::prize) prize = true;
      if (plot[k] == Part::lost) CHECK(plot[k + 1] == Part::found);
      if (plot[k] == Part::theft) CHECK((prize && plot[k + 1] == Part::regain));
      if (plot[k] == Part::rival) CHECK((mentor && !prize));
    }
    CHECK((prize && mentor));
    plots.insert(plot);
  }
  CHECK(plots.size() >= 50);
}

}  // namespace pecia::kernels
