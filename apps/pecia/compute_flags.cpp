#include "apps/pecia/compute_flags.hpp"

#include <CLI/CLI.hpp>

#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/output.hpp"
#include "pecia/built_in_model.hpp"
#include "pecia/model_lookup.hpp"

namespace pecia::apps {

using namespace kernels;

CLI::Validator resolved_model() {
  return CLI::Validator(
      [](std::string& named) -> std::string {
        if (named.empty()) return {};  // not_empty() tells
        auto path = resolve_model(named);
        if (!path) return printable(path.error().message);
        named = *std::move(path);
        return {};
      },
      "");
}

void add_model_flag(CLI::App& parser, std::string& model) {
  static const std::string built_in = built_in_model();  // of all commands, looked for once
  model = built_in;
  CLI::Option* option =
      parser.add_option("-m,--model", model, "file, folder, or a name of 'pecia models'")
          ->type_name("MODEL")
          ->check(not_empty())
          ->transform(resolved_model());
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
  const ModelParams& params = session.model->params();
  const int trained = params.context;
  if (params.long_rope && context <= params.original_context) {
    tell(fmt::format(
        "{}: turns positions as for texts of more than {} tokens; -c {} or less turns "
        "them as for shorter ones",
        printable(session.model_path), params.original_context, params.original_context));
  }
  if (context <= trained) return {};
  const int exact = exact_positions_max(params);
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
