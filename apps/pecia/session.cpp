#include "apps/pecia/session.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <thread>

#include "apps/pecia/built_in_model.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/output.hpp"

namespace pecia::apps {

using namespace kernels;

void add_model_flag(CLI::App& parser, std::string& model) {
  static const std::string built_in = built_in_model();  // of all commands, looked for once
  model = built_in;
  CLI::Option* option =
      parser.add_option("-m,--model", model, "GGUF file")->type_name("FILE")->check(not_empty());
  if (model.empty()) {
    option->required();
  } else {
    option->default_str("the built-in model");
  }
}

void add_compute_flags(CLI::App& parser, ComputeOptions& options) {
  add_model_flag(parser, options.model);
  add_threads_flag(parser, options.threads);
}

void add_threads_flag(CLI::App& parser, int& threads) {
  parser
      .add_option("-t,--threads", threads, "threads; all cores by default. Never changes a result")
      ->check(CLI::Range(1, kThreadsMax));
}

namespace {

int default_threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kThreadsMax);
}

}  // namespace

Expected<std::unique_ptr<ThreadPool>> start_threads(int asked) {
  const int threads = asked > 0 ? asked : default_threads();
  try {
    return std::make_unique<ThreadPool>(threads);
  } catch (const std::system_error& error) {
    return fail(ErrorKind::retry, "-t {}: cannot start so many threads: {}; give fewer", threads,
                error.what());
  }
}

Expected<Isa> isa_from_environment() {
  const char* name = std::getenv("PECIA_CPU");
  return choose_isa(name == nullptr ? "" : name);
}

Expected<std::shared_ptr<const Tokenizer>> load_tokenizer(const Gguf& file) {
  Expected<Tokenizer> tokenizer = Tokenizer::load(file);
  if (!tokenizer) return tokenizer.error();
  return std::make_shared<const Tokenizer>(std::move(*tokenizer));
}

Expected<Session> open_session(const ComputeOptions& options) {
  const Expected<Isa> isa = isa_from_environment();
  if (!isa) return isa.error();
  const Expected<Gguf> file = Gguf::open(options.model);
  if (!file) return file.error();
  auto tokenizer = load_tokenizer(*file);
  if (!tokenizer) return tokenizer.error();
  auto pool = start_threads(options.threads);
  if (!pool) return pool.error();
  auto model = Model::load(*file, **pool);
  if (!model) return model.error();
  return Session{options.model, *isa, std::move(*pool), std::move(*tokenizer), std::move(*model)};
}

Status check_context(const Session& session, int context) {
  const int trained = session.model->params().context;
  if (context <= trained) return {};
  const int exact = exact_positions_max(session.model->params());
  if (context > exact) {
    return fail(ErrorKind::refuse,
                "{}: {} tokens of context, and the model's rotary positions are exact up to {}; "
                "lower -n or -c",
                session.model_path, context, exact);
  }
  tell(fmt::format("{}: up to {} tokens, trained on {}: expect worse text beyond these",
                   printable(session.model_path), context, trained));
  return {};
}

EngineOptions engine_options(int context, int sequences, int chunk) {
  EngineOptions options;
  options.context_max = context;
  options.sequences_max = sequences;
  options.chunk_tokens = chunk;
  return options;
}

}  // namespace pecia::apps
