// pecia corpus: the chronicles that the built-in model learns from.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/pecia/command.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "kernels/chronicle/statistics.hpp"
#include "kernels/weights/atomic_file.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kTextsMax = 100'000'000;

struct CorpusOptions {
  std::string kind = "whole", split = "train";
  CorpusStretch stretch;
  std::string output;  // empty: stdout
  bool names = false;
  bool stats = false;
  bool json = false;
};

// Where the texts go: stdout, or a file that appears when it is complete.
class TextSink {
 public:
  static Expected<TextSink> open(const std::string& path, Output& out) {
    TextSink sink(out);
    if (path.empty()) return sink;
    auto file = AtomicFile::create(path);
    if (!file) return file.error();
    sink.file_.emplace(std::move(*file));
    return sink;
  }
  Status write(std::string_view text) { return file_ ? file_->write(text) : out_->write(text); }
  Status end() { return file_ ? file_->commit() : Status(); }

 private:
  explicit TextSink(Output& out) : out_(&out) {}
  Output* out_;
  std::optional<AtomicFile> file_;
};

std::string text_of(const CorpusOptions& options, std::uint64_t index) {
  const CorpusStretch& from = options.stretch;
  if (options.kind == "outline")
    return outline_markdown(corpus_tale(TextKind::whole, from.split, from.seed, index).outline);
  const TrainingText text = training_text(from.kind, from.split, from.seed, index);
  if (options.json)
    return Json{{"prompt", text.prompt}, {"completion", text.completion}}.dump() + "\n";
  return text.prompt + text.completion + (text.completion.ends_with('\n') ? "" : "\n");
}

Status write_texts(const CorpusOptions& options, TextSink& sink) {
  const CorpusStretch& from = options.stretch;
  for (std::uint64_t i = 0; i < from.count; ++i) {
    const std::string_view between = i == 0 || options.json ? "" : "%%\n";
    if (Status done = sink.write(between); !done) return done;
    if (Status done = sink.write(text_of(options, from.first + i)); !done) return done;
  }
  return {};
}

std::string names_text(bool json) {
  const auto words = chronicle_words();
  return json ? Json{{"words", words}}.dump() + "\n" : fmt::format("{}\n", fmt::join(words, "\n"));
}

double share(std::size_t part, std::size_t all) {
  return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
}

Json to_json(const CorpusStatistics& counted) {
  Json per_role = Json::object();
  Tally facts;
  for (std::size_t r = 0; r < kTallyCount; ++r) {
    const Tally& tally = counted.by_role[r];
    per_role[std::string(tally_name(r))] = 1000.0 * share(tally.stated, counted.words);
    facts += tally;
  }
  return {{"texts", counted.texts},
          {"words", counted.words},
          {"word_types", counted.word_types},
          {"word_types_beside_facts", counted.word_types_beside_facts},
          {"templates", counted.templates},
          {"chapters", counted.chapters},
          {"chapter_words_min", counted.chapter_words_min},
          {"chapter_words_mean", counted.chapter_words_mean},
          {"chapter_words_max", counted.chapter_words_max},
          {"text_words_min", counted.text_words_min},
          {"text_words_max", counted.text_words_max},
          {"sentences", counted.sentences},
          {"unparsed_rate", share(counted.unparsed_sentences, counted.sentences)},
          {"fact_score", share(facts.agreeing, facts.stated)},
          {"facts_per_1000_words", 1000.0 * share(facts.stated, counted.words)},
          {"facts_per_1000_words_by_role", std::move(per_role)},
          {"duplicate_8gram_rate", counted.duplicate_rate}};
}

// One "name value" a line.
std::string to_table(const Json& object, const std::string& indent = "") {
  std::string text;
  for (const auto& [key, value] : object.items()) {
    text += value.is_object() ? fmt::format("{}{}\n{}", indent, key, to_table(value, indent + "  "))
                              : fmt::format("{}{:<28} {}\n", indent, key, value.dump());
  }
  return text;
}

Expected<int> execute(CorpusOptions options, Output& out) {
  if (options.kind != "outline") options.stretch.kind = *text_kind_named(options.kind);
  options.stretch.split = options.split == "train" ? Split::train : Split::held_out;
  auto sink = TextSink::open(options.output, out);
  if (!sink) return sink.error();
  Status done;
  if (options.names) {
    done = sink->write(names_text(options.json));
  } else if (options.stats) {
    const Json counted = to_json(corpus_statistics(options.stretch));
    done = sink->write(options.json ? counted.dump() + "\n" : to_table(counted));
  } else {
    done = write_texts(options, *sink);
  }
  if (done) done = sink->end();
  if (!done) return done.error();
  return kExitDone;
}

void add_flags(CLI::App& parser, CorpusOptions& options) {
  parser.add_option("--kind", options.kind, "short, whole, slice, or outline for 'pecia write'")
      ->check(CLI::IsMember({"short", "whole", "slice", "outline"}))
      ->capture_default_str();
  parser
      .add_option("--split", options.split, "train, or held-out: headers that training never sees")
      ->check(CLI::IsMember({"train", "held-out"}))
      ->capture_default_str();
  parser.add_option("-s,--seed", options.stretch.seed, "of the corpus")->capture_default_str();
  parser.add_option("--first", options.stretch.first, "number of the first text, from 0")
      ->check(CLI::Range(std::uint64_t{0}, kTextsMax))
      ->capture_default_str();
  options.stretch.count = 1;
  parser.add_option("--count", options.stretch.count, "texts")
      ->check(CLI::Range(std::uint64_t{1}, kTextsMax))
      ->capture_default_str();
  auto* names = parser.add_flag("--names", options.names,
                                "the names and values of facts instead, one a line: what a "
                                "tokenizer must keep whole");
  parser.add_flag("--stats", options.stats, "what the texts are like instead of the texts")
      ->excludes(names);
  parser.add_option("-o,--output", options.output, "file instead of stdout; appears complete")
      ->check(not_empty())
      ->type_name("FILE");
  parser.add_flag("--json", options.json, "one JSON object a text: prompt, completion");
}

}  // namespace

Command add_corpus(CLI::App& root) {
  auto options = std::make_shared<CorpusOptions>();
  CLI::App* parser = root.add_subcommand("corpus", "chronicles to learn from, and their outlines");
  add_flags(*parser, *options);
  parser->footer(
      "The same flags give the same bytes on every machine. Texts are divided by lines '%%'.\n"
      "\n"
      "Examples:\n"
      "  pecia corpus --count 3\n"
      "  pecia corpus --kind slice --count 1000 --json -o slices.jsonl\n"
      "  pecia corpus --kind outline --split held-out --seed 7 -o outline.md\n"
      "  pecia corpus --names\n"
      "  pecia corpus --stats --count 1000");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
