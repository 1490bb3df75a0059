// pecia train-tokenizer: a byte-level BPE vocabulary from texts.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "apps/pecia/command.hpp"
#include "apps/pecia/file_roles.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/stopwatch.hpp"
#include "kernels/text/bpe_training.hpp"
#include "kernels/text/bpe_vocabulary.hpp"
#include "kernels/text/forced_words.hpp"
#include "kernels/weights/atomic_file.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

struct TrainTokenizerOptions {
  std::vector<std::string> texts;
  std::string words, output;
  int vocabulary = 0;
  bool json = false;
};

struct Report {
  std::size_t vocabulary = 0, forced_words = 0, word_types = 0;
  std::uint64_t bytes_read = 0, tokens = 0;
  double seconds = 0;
  std::string fingerprint;
  double bytes_per_token() const {
    return static_cast<double>(bytes_read) / static_cast<double>(tokens);
  }
};

Error interrupted_error() { return fail(ErrorKind::retry, "interrupted"); }

// 0 where a size cannot be told before reading.
std::uint64_t total_bytes(const std::vector<std::string>& paths) {
  std::uint64_t total = 0;
  for (const std::string& path : paths) {
    std::error_code unknown;
    const std::uint64_t bytes = std::filesystem::file_size(path, unknown);
    if (!unknown) total += bytes;
  }
  return total;
}

Expected<WordCounts> read_texts(const std::vector<std::string>& paths) {
  WordCounts counts;
  const std::uint64_t total = total_bytes(paths);
  Progress progress("reading");
  for (const std::string& path : paths) {
    const auto named = [&path](const Status& status) -> Status {
      if (status) return {};
      return fail(status.error().kind, "{}: {}", path == "-" ? "standard input" : path,
                  status.error().message);
    };
    const Status read = read_pieces(path, [&](std::string_view piece) -> Status {
      if (interrupted()) return interrupted_error();
      progress.update(counts.bytes(), std::max(total, counts.bytes()), "bytes");
      return named(counts.add(piece));
    });
    if (!read) return read.error();
    if (const Status ended = named(counts.end_text()); !ended) return ended.error();
  }
  if (counts.bytes() > 0) return counts;
  return fail(ErrorKind::refuse, "{}: no text to train on", fmt::join(paths, ", "));
}

// One word a line, each once; empty lines count for nothing. Refuses what cannot be forced.
Expected<std::vector<std::string>> read_words(const std::string& path) {
  std::vector<std::string> words;
  if (path.empty()) return words;
  const auto text = read_text(path);
  if (!text) return text.error();
  std::unordered_set<std::string> known;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    std::string word = text->substr(at, end - at);
    if (word.ends_with('\r')) word.pop_back();
    if (!word.empty() && known.insert(word).second) words.push_back(std::move(word));
    at = end + 1;
  }
  const Status whole = check_forced_words(words);
  if (!whole) return fail(whole.error().kind, "{}: {}", path, whole.error().message);
  return words;
}

Expected<TrainedBpe> train(const WordCounts& counts, const BpeTrainingOptions& options) {
  Progress progress("merging");
  return train_bpe(counts, options, [&progress](std::uint64_t done, std::uint64_t total) {
    progress.update(done, total, "symbols");
    return !interrupted();
  });
}

GgufHeader header_of(const TrainedBpe& bpe) {
  GgufHeader header;
  header.add_text("general.architecture", "llama");  // of the models that will carry it
  header.add_text("general.type", "vocab");
  add_bpe_vocabulary(header, bpe);
  return header;
}

Status write_report(const TrainTokenizerOptions& options, const Report& report, Output& out) {
  if (options.json) {
    return out.write_json({{"output", options.output},
                           {"vocabulary", report.vocabulary},
                           {"control_tokens", kBpeControlTokens},
                           {"forced_words", report.forced_words},
                           {"word_types", report.word_types},
                           {"bytes_read", report.bytes_read},
                           {"tokens", report.tokens},
                           {"bytes_per_token", report.bytes_per_token()},
                           {"fingerprint", report.fingerprint},
                           {"seconds", report.seconds}});
  }
  return out.write(
      fmt::format("{}: {} tokens, {} words forced to be one\n"
                  "  {} bytes of text with {} different words, {:.3f} bytes a token, {:.1f} s\n",
                  options.output, report.vocabulary, report.forced_words, report.bytes_read,
                  report.word_types, report.bytes_per_token(), report.seconds));
}

// Nothing is read before the place of the result is certain.
Expected<Report> make_vocabulary(const TrainTokenizerOptions& options) {
  const Stopwatch since_start;
  const auto words = read_words(options.words);
  if (!words) return words.error();
  auto file = AtomicFile::create(options.output);
  if (!file) return file.error();
  const auto counts = read_texts(options.texts);
  if (!counts) return counts.error();
  const auto bpe = train(*counts, {.vocabulary = options.vocabulary, .words = *words});
  if (!bpe) return bpe.error();
  const GgufHeader header = header_of(*bpe);
  const auto tokenizer = load_vocabulary(header);
  if (!tokenizer) return tokenizer.error();
  if (const Status held = check_single_tokens(*tokenizer, *words); !held) return held.error();
  if (const Status written = file->write(header.bytes()); !written) return written.error();
  if (const Status stands = file->commit(); !stands) return stands.error();
  return Report{.vocabulary = static_cast<std::size_t>(tokenizer->size()),
                .forced_words = words->size(),
                .word_types = counts->words(),
                .bytes_read = counts->bytes(),
                .tokens = bpe->text_tokens,
                .seconds = since_start.seconds(),
                .fingerprint = tokenizer->fingerprint()};
}

Expected<int> execute(const TrainTokenizerOptions& options, Output& out) {
  std::vector<FileRole> inputs = {{"--words", options.words}};
  for (const std::string& text : options.texts) inputs.push_back({"a text", text});
  if (Status s = check_file_roles(inputs, {{"-o", options.output}}); !s) return s.error();
  watch_interrupts();
  const auto report = make_vocabulary(options);
  if (!report && interrupted()) return kExitInterrupted;
  if (!report) return report.error();
  if (const Status told = write_report(options, *report, out); !told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_train_tokenizer(CLI::App& root) {
  auto options = std::make_shared<TrainTokenizerOptions>();
  CLI::App* parser = root.add_subcommand("train-tokenizer", "a BPE vocabulary from texts");
  parser->add_option("texts", options->texts, "files of UTF-8 text, - for stdin")
      ->required()
      ->type_name("FILE...");
  parser
      ->add_option("--vocab", options->vocabulary,
                   fmt::format("tokens in all: 256 bytes, {} control tokens, the rest merged",
                               kBpeControlTokens))
      ->required()
      ->type_name("N");
  parser
      ->add_option("--words", options->words,
                   "file of words, one a line, that become one token each")
      ->type_name("FILE");
  parser->add_option("-o,--output", options->output, "where the GGUF file appears, complete")
      ->required()
      ->check(not_empty())
      ->type_name("FILE");
  add_json_flag(*parser, options->json);
  parser->footer(
      "Byte-level BPE with the words of GPT-2; the same texts in any order of files give the same\n"
      "bytes. The result holds no weights: it serves 'tokenize', and a model to be trained takes\n"
      "it over. A word of --words is one token behind white space, an opening bracket or quote\n"
      "(not the straight '), whatever the texts hold; all letters or all digits.\n"
      "\n"
      "Examples:\n"
      "  pecia train-tokenizer corpus.txt --vocab 4096 -o vocabulary.gguf\n"
      "  pecia train-tokenizer a.txt b.txt --vocab 2048 --words names.txt -o vocabulary.gguf\n"
      "  pecia tokenize -m vocabulary.gguf -p 'Lily found a coin.'");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
