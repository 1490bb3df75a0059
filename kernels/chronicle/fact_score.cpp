#include "kernels/chronicle/fact_score.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "kernels/chronicle/sentence_index.hpp"
#include "kernels/chronicle/text_lines.hpp"

namespace pecia::kernels {

namespace {

constexpr std::size_t kSentenceBytesMax = 200;
constexpr std::size_t kGram = 8;

std::string_view trim_end(std::string_view line) {
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

bool is_heading(std::string_view line) { return line.starts_with('#'); }

// The heading without marks and number: what its template says.
std::string_view heading_text(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of("# "), line.size()));
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  if (digits > 0 && line.substr(digits).starts_with(". ")) line.remove_prefix(digits + 2);
  return line;
}

std::uint64_t word_hash(std::string_view word) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

class Judge {
 public:
  explicit Judge(const ScoredText& scored) : facts_(scored.facts), scored_(scored) {
    if (scored.outline == nullptr) return;
    for (const OutlineSection& section : scored.outline->sections)
      notes_.emplace(section.heading, section.notes);
  }

  FactScore judge() {
    std::string_view rest = scored_.text;
    const std::size_t header = header_bytes(rest);
    std::size_t line = 1 + lines_in(rest.substr(0, header));
    rest.remove_prefix(header);
    while (!rest.empty()) {
      const std::size_t begin_line = line;
      if (is_heading(rest)) {
        const std::string_view heading = take_line(rest);
        begin_chapter(heading);
        judge_text(heading_text(heading), begin_line, true);
        ++line;
      }
      const std::size_t bytes = until_heading(rest);
      judge_text(rest.substr(0, bytes), line, false);
      line += lines_in(rest.substr(0, bytes));
      rest.remove_prefix(bytes);
    }
    return std::move(score_);
  }

  static std::size_t header_bytes(std::string_view text) {
    const std::size_t bytes = until_heading(text);
    return bytes == text.size() ? 0 : bytes;
  }

 private:
  static std::size_t lines_in(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  static std::size_t until_heading(std::string_view text) {
    if (is_heading(text)) return 0;
    const std::size_t at = text.find("\n#");
    return at == text.npos ? text.size() : at + 1;
  }

  // The state that is certain where a chapter starts: what the outline's notes say, else that of
  // every tale at its first chapter, else what the chapter before left.
  void begin_chapter(std::string_view heading) {
    if (scored_.outline == nullptr) {
      const bool first = facts_.chapters > 0 && heading.starts_with("# 1. ");
      if (first) state_ = state_at_start(kPlaceUnknown);
      return;
    }
    state_ = {};
    const auto notes = notes_.find(trim_end(heading));
    if (notes == notes_.end()) return;
    for_each_sentence(lex(notes->second, 1), [this](std::span<const Token> sentence) {
      const auto understood = sentence_index().understand(sentence);
      if (understood && understood->is_note) move_on(*understood);
    });
  }

  template <class Visit>
  static void for_each_sentence(std::span<const Token> tokens, Visit visit) {
    std::vector<SentenceMark> marks;
    marks.reserve(tokens.size());
    for (const Token& token : tokens) marks.push_back(sentence_mark(token));
    std::size_t begin = 0;
    for (const std::size_t end : sentence_ends(marks)) {
      visit(tokens.subspan(begin, end - begin));
      begin = end;
    }
  }

  void judge_text(std::string_view text, std::size_t line, bool whole) {
    const std::vector<Token> tokens = lex(text, line);
    if (tokens.empty()) return;
    count_words(tokens);
    if (whole) return judge_sentence(tokens);
    for_each_sentence(tokens,
                      [this](std::span<const Token> sentence) { judge_sentence(sentence); });
  }

  void judge_sentence(std::span<const Token> sentence) {
    ++score_.sentences;
    const auto understood = sentence_index().understand(sentence);
    if (understood) return judge_understood(sentence, *understood);
    ++score_.unparsed_sentences;
    for (const Token& token : sentence) {
      if (token.is_fact) judge_fact(sentence, token.fact.role, token);
    }
  }

  void judge_understood(std::span<const Token> sentence, const Understood& understood) {
    for (const FilledSlot& slot : understood.facts)
      judge_fact(sentence, slot.role, sentence[slot.token]);
    if (facts_.knows(Role::hero)) {
      const bool she = is_she(facts_[Role::hero]);
      score_.pronouns.stated += understood.pronouns_she + understood.pronouns_he;
      score_.pronouns.agreeing += she ? understood.pronouns_she : understood.pronouns_he;
    }
    for (const StateTag tag : understood.needs) judge_state(sentence, tag);
    if (understood.is_note) {
      for (const StateTag tag : understood.leaves) judge_state(sentence, tag);
    }
    if (understood.place != kPlaceUnknown && !understood.sets_place)
      judge_place(sentence, understood.place);
    move_on(understood);
  }

  void move_on(const Understood& understood) {
    for (const StateTag tag : understood.needs) state_[tag.key] = tag.value;
    for (const StateTag tag : understood.leaves) state_[tag.key] = tag.value;
    if (understood.place != kPlaceUnknown) state_.place = understood.place;
  }

  void judge_fact(std::span<const Token> sentence, Role role, const Token& token) {
    const bool agrees = token.fact.role == role && facts_[role] == token.fact.value;
    const std::string expected = facts_.knows(role) ? expected_text(role, token) : std::string();
    note(static_cast<std::size_t>(role), agrees, sentence, token.line, std::string(token.text),
         expected);
  }

  std::string expected_text(Role role, const Token& token) const {
    return token.past ? promises_kept()[static_cast<std::size_t>(facts_[role])] : facts_.text(role);
  }

  void judge_state(std::span<const Token> sentence, StateTag tag) {
    const StateValue now = state_[tag.key];
    if (now == StateValue::unknown) return;
    note(tag.key == StateKey::company ? kCompanyTally : kHolderTally, now == tag.value, sentence,
         sentence.front().line, state_text(facts_, tag), state_text(facts_, {tag.key, now}));
  }

  void judge_place(std::span<const Token> sentence, int place) {
    if (state_.place == kPlaceUnknown) return;
    note(kPlaceTally, state_.place == place, sentence, sentence.front().line,
         script().places[place], script().places[state_.place]);
  }

  void note(std::size_t tally, bool agrees, std::span<const Token> sentence, std::size_t line,
            std::string said, std::string expected) {
    ++score_.by_role[tally].stated;
    if (agrees) return ++score_.by_role[tally].agreeing, void();
    if (score_.contradictions.size() == kContradictionsMax) return;
    const char* begin = sentence.front().text.data();
    const char* end = sentence.back().text.data() + sentence.back().text.size();
    const std::string_view text(begin, static_cast<std::size_t>(end - begin));
    score_.contradictions.push_back({line, std::string(tally_name(tally)),
                                     std::string(text.substr(0, kSentenceBytesMax)),
                                     std::move(said), std::move(expected)});
  }

  // Words as a person counts them; runs of eight by a hash of 64 bits.
  void count_words(std::span<const Token> tokens) {
    for (const Token& token : tokens) {
      if (token.words == 0) continue;
      for (const std::string_view word : split(token.text, ' ')) {
        ++score_.words;
        count_gram(word_hash(word));
      }
    }
  }

  void count_gram(std::uint64_t hash) {
    last_words_.at(score_.words % kGram) = hash;
    if (score_.words < kGram) return;
    std::uint64_t gram = 0;
    for (std::size_t i = 1; i <= kGram; ++i)
      gram = gram * 0x9E3779B97F4A7C15u + last_words_.at((score_.words + i) % kGram);
    ++score_.eight_grams;
    if (!grams_.insert(gram).second) ++score_.duplicate_eight_grams;
  }

  const Facts& facts_;
  const ScoredText& scored_;
  std::unordered_map<std::string_view, std::string_view> notes_;  // by heading
  TaleState state_;
  FactScore score_;
  std::array<std::uint64_t, kGram> last_words_{};
  std::unordered_set<std::uint64_t> grams_;
};

}  // namespace

std::string_view tally_name(std::size_t tally) {
  if (tally == kHolderTally) return "holder";
  if (tally == kCompanyTally) return "company";
  return tally == kPlaceTally ? "place" : role_name(static_cast<Role>(tally));
}

Tally FactScore::facts() const {
  Tally sum;
  for (const Tally& tally : by_role) sum += tally;
  return sum;
}

double FactScore::score() const {
  const Tally sum = facts();
  return sum.stated == 0 ? 0.0
                         : static_cast<double>(sum.agreeing) / static_cast<double>(sum.stated);
}

double FactScore::duplicate_rate() const {
  return eight_grams == 0
             ? 0.0
             : static_cast<double>(duplicate_eight_grams) / static_cast<double>(eight_grams);
}

double FactScore::per_thousand_words() const {
  return words == 0 ? 0.0
                    : 1000.0 * static_cast<double>(facts().stated) / static_cast<double>(words);
}

FactScore& FactScore::operator+=(const FactScore& other) {
  for (std::size_t r = 0; r < kTallyCount; ++r) by_role[r] += other.by_role[r];
  pronouns += other.pronouns;
  contradictions.insert(contradictions.end(), other.contradictions.begin(),
                        other.contradictions.end());
  sentences += other.sentences;
  unparsed_sentences += other.unparsed_sentences;
  words += other.words;
  eight_grams += other.eight_grams;
  duplicate_eight_grams += other.duplicate_eight_grams;
  return *this;
}

FactScore score_facts(const ScoredText& scored) { return Judge(scored).judge(); }

std::string_view preamble_of(std::string_view text) {
  const std::string_view preamble = text.substr(0, Judge::header_bytes(text));
  return preamble.substr(0, preamble.find_last_not_of(" \t\r\n") + 1);
}

}  // namespace pecia::kernels
