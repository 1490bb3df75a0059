// pecia tokenize: text to token ids and back.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/pecia/command.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/parse_number.hpp"
#include "kernels/text/token_vectors.hpp"
#include "pecia/session.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

struct TokenizeOptions {
  std::string model;
  PromptOptions text;
  std::string vectors;  // file of test texts
  bool no_bos = false;
  bool parse_special = false;
  bool ids_only = false;
  bool decode = false;
  bool json = false;
};

// Ids as this command prints them: separated by blanks, commas or brackets.
Expected<std::vector<TokenId>> parse_ids(std::string_view text, int vocabulary) {
  constexpr std::string_view kBetween = " \t\r\n,[]";
  std::vector<TokenId> ids;
  for (std::size_t at = text.find_first_not_of(kBetween); at != text.npos;
       at = text.find_first_not_of(kBetween, at)) {
    const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    TokenId id = -1;
    if (!parse_number(word, id) || id < 0 || id >= vocabulary) {
      return fail(ErrorKind::refuse, "--decode: '{}' is no token id; ids go from 0 to {}", word,
                  vocabulary - 1);
    }
    ids.push_back(id);
    at = end;
  }
  return ids;
}

Status print_vectors(const TokenizeOptions& options, const Tokenizer& tokenizer, Output& out) {
  const auto file = read_text(options.vectors);
  if (!file) return file.error();
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  std::string lines;
  for (const std::string_view text : read_token_vectors(*file)) {
    const auto ids = tokenizer.encode(text, {.add_bos = false, .parse_special = false});
    if (options.json) {
      rows.push_back({{"text", text}, {"ids", ids}});
    } else {
      lines += token_vector_line(ids) + "\n";
    }
  }
  return options.json ? out.write_json({{"vectors", std::move(rows)}}) : out.write(lines);
}

Status print_decoded(const TokenizeOptions& options, const Tokenizer& tokenizer,
                     std::string_view input, Output& out) {
  const auto ids = parse_ids(input, tokenizer.size());
  if (!ids) return ids.error();
  const std::string text = tokenizer.decode(*ids);
  return options.json ? out.write_json({{"ids", *ids}, {"text", text}}) : out.write(text + "\n");
}

std::string id_line(const std::vector<TokenId>& ids) {
  return fmt::format("{}\n", fmt::join(ids, " "));
}

std::string table(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  std::string lines;
  for (const TokenId id : ids) {
    const std::string_view note = tokenizer.is_control(id) ? "  (control)" : "";
    lines += fmt::format("{:>8}  '{}'{}\n", id, printable(tokenizer.piece(id)), note);
  }
  return lines;
}

Status print_encoded(const TokenizeOptions& options, const Tokenizer& tokenizer,
                     std::string_view text, Output& out) {
  const auto ids =
      tokenizer.encode(text, {.add_bos = !options.no_bos, .parse_special = options.parse_special});
  if (!options.json) return out.write(options.ids_only ? id_line(ids) : table(tokenizer, ids));
  nlohmann::ordered_json pieces = nlohmann::ordered_json::array();
  for (const TokenId id : ids) pieces.push_back(tokenizer.piece(id));
  return out.write_json({{"count", ids.size()}, {"ids", ids}, {"pieces", std::move(pieces)}});
}

Status tokenize(const TokenizeOptions& options, Output& out) {
  const auto file = ModelFile::open(options.model, ModelFile::Use::facts);
  if (!file) return file.error();
  const auto tokenizer = load_tokenizer(*file);
  if (!tokenizer) return tokenizer.error();
  if (!options.vectors.empty()) return print_vectors(options, **tokenizer, out);
  const auto text = read_prompt(options.text);
  if (!text) return text.error();
  return options.decode ? print_decoded(options, **tokenizer, *text, out)
                        : print_encoded(options, **tokenizer, *text, out);
}

}  // namespace

Command add_tokenize(CLI::App& root) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App* parser = root.add_subcommand("tokenize", "text to token ids, and back");
  add_model_flag(*parser, options->model);
  add_prompt_flags(*parser, options->text, "text (with --decode: ids)");
  parser
      ->add_option("--vectors", options->vectors,
                   "file of texts between lines '__ggml_vocab_test__': one line of ids a text")
      ->type_name("FILE")
      ->excludes("--prompt")
      ->excludes("--file");
  parser->add_flag("--no-bos", options->no_bos, "no begin-of-text token in front");
  parser->add_flag("--parse-special", options->parse_special,
                   "'<|eot|>' and the like in the text are the tokens they name");
  parser->add_flag("--ids", options->ids_only, "ids alone, in one line");
  parser->add_flag("--decode", options->decode, "the other way: ids to text");
  add_json_flag(*parser, options->json);
  parser->footer(
      "Needs the vocabulary alone: a GGUF file without tensors will do. Vectors get no "
      "begin-of-text\n"
      "token and special tokens in them are plain text.\n"
      "\n"
      "Examples:\n"
      "  pecia tokenize -m model.gguf -p 'Hello world'\n"
      "  pecia tokenize -m model.gguf -p 'Hello world' --ids --no-bos\n"
      "  pecia tokenize -m model.gguf --decode -p '15043 3186'\n"
      "  pecia tokenize -m vocab.gguf --vectors vocab.gguf.inp | diff - vocab.gguf.out");
  return {parser, [options](Output& out) -> Expected<int> {
            if (const Status done = tokenize(*options, out); !done) return done.error();
            return kExitDone;
          }};
}

}  // namespace pecia::apps
