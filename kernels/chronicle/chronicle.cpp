#include "kernels/chronicle/chronicle.hpp"

#include <algorithm>

#include "kernels/chronicle/lexer.hpp"
#include "kernels/chronicle/plot.hpp"
#include "kernels/chronicle/teller.hpp"

namespace pecia::kernels {

namespace {

// A whole tale is to fit 2,048 tokens: the more chapters, the shorter each.
constexpr int kTaleWords = 1'230;
constexpr int kChapterWordsMin = 165;
constexpr int kChapterWordsMax = 290;
constexpr std::size_t kChapterWordsSpread = 6;
constexpr int kShortWords = 36;
constexpr std::size_t kShortWordsSpread = 8;

int words_wanted(int chapters, Draws& draws) {
  const int share = std::clamp(kTaleWords / chapters, kChapterWordsMin, kChapterWordsMax);
  return share - static_cast<int>(draws.below(kChapterWordsSpread));
}

// Only the facts that these texts state.
Facts facts_stated(const Facts& facts, std::initializer_list<std::string_view> texts) {
  Facts stated;
  for (const std::string_view text : texts) {
    for (const Token& token : lex(text, 1)) {
      if (token.is_fact) stated[token.fact.role] = facts[token.fact.role];
    }
  }
  return stated;
}

std::string contents_of(const Outline& outline) {
  std::string contents;
  for (const OutlineSection& section : outline.sections) {
    if (!contents.empty()) contents += "; ";
    contents += std::string_view(section.heading).substr(std::string_view("# ").size());
  }
  return contents;
}

// A line of the header holds all or nothing.
void complete_lines(Facts& stated, const Facts& facts) {
  const std::vector<std::vector<Role>> together = {{Role::hero, Role::trade},
                                                   {Role::companion, Role::colour, Role::kind},
                                                   {Role::quality, Role::object},
                                                   {Role::mentor, Role::gift}};
  for (const auto& roles : together) {
    const bool any =
        std::any_of(roles.begin(), roles.end(), [&](Role role) { return stated.knows(role); });
    for (const Role role : roles) stated[role] = any ? facts[role] : -1;
  }
}

}  // namespace

Chronicle tell_chronicle(Facts facts, Draws& draws) {
  facts.chapters = kChaptersMin + static_cast<int>(draws.below(kChaptersMax - kChaptersMin + 1));
  Chronicle tale;
  Teller teller(facts, draws);
  facts.title = teller.sentence_of("title");
  int number = 0;
  for (const Scene* scene : draw_scenes(draw_plot(facts.chapters, draws), draws)) {
    const std::string heading = teller.heading(*scene, ++number);
    tale.outline.sections.push_back({1, heading, teller.notes(*scene)});
    tale.chapters.push_back(teller.chapter(*scene, words_wanted(facts.chapters, draws)));
  }
  facts.contents = contents_of(tale.outline);
  tale.outline.preamble = header_text(facts);
  tale.facts = std::move(facts);
  return tale;
}

std::string outline_markdown(const Outline& outline) {
  std::string text = document_start(outline);
  for (std::size_t k = 0; k < outline.sections.size(); ++k) {
    const OutlineSection& section = outline.sections[k];
    text += section.heading + "\n" + section.notes + slice_end(outline, k);
  }
  return text;
}

Chronicle tell_short_tale(const Facts& facts, Draws& draws) {
  Teller teller(facts, draws);
  const Scene* scene = draw_scenes({Part::short_tale}, draws).front();
  const std::string heading = teller.heading(*scene, 1);
  const int words = kShortWords + static_cast<int>(draws.below(kShortWordsSpread));
  Chronicle tale;
  tale.chapters = {teller.chapter(*scene, words)};
  tale.facts = facts_stated(facts, {heading, tale.chapters.front()});
  complete_lines(tale.facts, facts);
  tale.outline.preamble = header_text(tale.facts);
  tale.outline.sections = {{1, heading, {}}};
  return tale;
}

}  // namespace pecia::kernels
