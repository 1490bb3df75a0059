// pecia score-facts: does a chronicle agree with its header?

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/pecia/command.hpp"
#include "apps/pecia/input.hpp"
#include "kernels/chronicle/fact_score.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

using Json = nlohmann::ordered_json;

// A chronicle has about 10 kB. Reading takes some 200 bytes of memory a byte of hostile text.
constexpr std::size_t kScoredBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kShownContradictions = 20;

struct ScoreOptions {
  std::vector<std::string> files;
  std::string outline;  // empty: the header stands in the file
  bool json = false;
};

Expected<std::string> read_bounded(const std::string& path) {
  auto text = read_text(path);
  if (text && text->size() > kScoredBytesMax)
    return fail(ErrorKind::refuse, "{}: {} bytes; a chronicle has at most {}", path, text->size(),
                kScoredBytesMax);
  return text;
}

Error in_file(const std::string& path, Error error) {
  error.message = path + ": " + error.message;
  return error;
}

// What the scorer makes of all files together, and in which of them each contradiction stands.
struct Scored {
  FactScore sum;
  std::vector<std::string> files;  // by contradiction
};

Json to_json(const Scored& scored) {
  const FactScore& score = scored.sum;
  Json by_role = Json::object();
  for (std::size_t r = 0; r < kTallyCount; ++r) {
    by_role[std::string(tally_name(r))] = {{"stated", score.by_role[r].stated},
                                           {"agreeing", score.by_role[r].agreeing}};
  }
  Json contradictions = Json::array();
  for (std::size_t i = 0; i < score.contradictions.size(); ++i) {
    const Contradiction& each = score.contradictions[i];
    contradictions.push_back({{"file", scored.files[i]},
                              {"line", each.line},
                              {"role", each.role},
                              {"said", each.said},
                              {"expected", each.expected},
                              {"sentence", each.sentence}});
  }
  const Tally facts = score.facts();
  return {{"facts_stated", facts.stated},
          {"facts_agreeing", facts.agreeing},
          {"fact_score", score.score()},
          {"facts_per_1000_words", score.per_thousand_words()},
          {"words", score.words},
          {"sentences", score.sentences},
          {"unparsed_sentences", score.unparsed_sentences},
          {"duplicate_8gram_rate", score.duplicate_rate()},
          {"pronouns_stated", score.pronouns.stated},
          {"pronouns_agreeing", score.pronouns.agreeing},
          {"by_role", std::move(by_role)},
          {"contradictions", std::move(contradictions)}};
}

std::string to_text(const Scored& scored) {
  const FactScore& score = scored.sum;
  const Tally facts = score.facts();
  std::string text = fmt::format(
      "fact score {:.4f}: {} facts stated, {} agree\n"
      "{} words, {:.1f} facts per 1,000; {} sentences, {} unparsed; {:.2f} % duplicate 8-grams\n",
      score.score(), facts.stated, facts.agreeing, score.words, score.per_thousand_words(),
      score.sentences, score.unparsed_sentences, 100.0 * score.duplicate_rate());
  for (std::size_t r = 0; r < kTallyCount; ++r) {
    const Tally& tally = score.by_role[r];
    if (tally.stated > 0)
      text += fmt::format("  {:<10} {:>5} of {:>5}\n", tally_name(r), tally.agreeing, tally.stated);
  }
  const std::size_t shown = std::min(score.contradictions.size(), kShownContradictions);
  for (std::size_t i = 0; i < shown; ++i) {
    const Contradiction& each = score.contradictions[i];
    text +=
        fmt::format("{}, line {}: {} is '{}', the text says '{}': {}\n", printable(scored.files[i]),
                    each.line, each.role, each.expected.empty() ? "not told" : each.expected,
                    printable(each.said), printable(each.sentence));
  }
  if (score.contradictions.size() > shown)
    text +=
        fmt::format("... and {} more; --json prints them\n", score.contradictions.size() - shown);
  return text;
}

struct OutlineFacts {
  Outline outline;
  Facts facts;
};

// nullopt: every text has a header of its own.
Expected<std::optional<OutlineFacts>> read_outline(const std::string& path) {
  if (path.empty()) return std::optional<OutlineFacts>();
  const auto markdown = read_bounded(path);
  if (!markdown) return markdown.error();
  const auto outline = parse_outline(*markdown);
  if (!outline) return in_file(path, outline.error());
  const auto facts = parse_header(outline->preamble);
  if (!facts) return in_file(path, facts.error());
  return std::optional(OutlineFacts{*outline, *facts});
}

Expected<FactScore> score(const std::string& file, const std::optional<OutlineFacts>& outline) {
  const auto text = read_bounded(file);
  if (!text) return text.error();
  if (outline) return score_facts({*text, outline->facts, &outline->outline});
  const auto facts = parse_header(preamble_of(*text));
  if (!facts) return in_file(file, facts.error());
  return score_facts({*text, *facts, nullptr});
}

Expected<Scored> score_all(const ScoreOptions& options) {
  const auto outline = read_outline(options.outline);
  if (!outline) return outline.error();
  Scored scored;
  for (const std::string& file : options.files) {
    const auto one = score(file, *outline);
    if (!one) return one.error();
    scored.sum += *one;
    scored.files.resize(scored.sum.contradictions.size(), file);
  }
  return scored;
}

Expected<int> execute(const ScoreOptions& options, Output& out) {
  const auto scored = score_all(options);
  if (!scored) return scored.error();
  const Status told = options.json ? out.write_json(to_json(*scored)) : out.write(to_text(*scored));
  if (!told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_score_facts(CLI::App& root) {
  auto options = std::make_shared<ScoreOptions>();
  CLI::App* parser =
      root.add_subcommand("score-facts", "how far a chronicle agrees with its header");
  parser->add_option("files", options->files, "texts, counted together; '-' for standard input")
      ->required()
      ->type_name("FILE");
  parser
      ->add_option("--outline", options->outline,
                   "header and state of the chapters come from this outline")
      ->type_name("FILE");
  add_json_flag(*parser, options->json);
  parser->footer(
      "Knows the language of 'pecia corpus' and no other. Every name and value of a fact is a\n"
      "statement, and so is who holds what and where the hero is, as far as that is certain.\n"
      "\n"
      "Examples:\n"
      "  pecia corpus --count 1 -o tale.md\n"
      "  pecia score-facts tale.md\n"
      "  pecia score-facts out/*.md --json\n"
      "  pecia score-facts out.md --outline outline.md --json");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
