#include "apps/pecia/compute_flags.hpp"

#include <CLI/CLI.hpp>

#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/output.hpp"
#include "pecia/built_in_model.hpp"

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

}  // namespace pecia::apps
