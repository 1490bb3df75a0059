// pecia: one binary, a file per subcommand. Here they are only wired, run, and their errors told.

#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "apps/pecia/command.hpp"

namespace pecia::apps {

namespace {

using kernels::Expected;

// One line, whatever foreign bytes an error quotes.
int refuse(std::string_view message) {
  tell(printable(message));
  return kExitRefused;
}

void describe_program(CLI::App& root) {
  root.set_version_flag("-V,--version", "pecia " PECIA_VERSION);
  root.footer(
      "'pecia COMMAND --help' tells more, with examples.\n"
      "\n"
      "PECIA_CPU=avx512|avx2|portable chooses the instruction set; the result is the same.\n"
      "Exit codes: 0 done, 1 a test did not hold, 2 refused (one line on stderr says why),\n"
      "130 interrupted, 141 nobody reads on.");
}

int execute(const Command& command) {
  Output out(1);
  const Expected<int> code = command.execute(out);
  if (!code && out.has_lost_reader()) return kExitLostReader;
  return code ? *code : refuse(code.error().message);
}

int run(int count, char** arguments) {
  CLI::App root(
      "pecia: exact and fast inference on the CPU, and long documents written in parallel",
      "pecia");
  describe_program(root);
  root.require_subcommand(1);
  const std::array commands = {add_run(root),
                               add_chat(root),
                               add_write(root),
                               add_tokenize(root),
                               add_perplexity(root),
                               add_bench(root),
                               add_models(root),
                               add_inspect(root),
                               add_convert(root),
                               add_synth(root),
                               add_corpus(root),
                               add_score_facts(root),
                               add_train_tokenizer(root),
                               add_train(root),
                               add_node(root),
                               add_up(root),
                               add_jobs(root),
                               add_attach(root),
                               add_cancel(root),
                               add_drain(root),
                               add_explain(root),
                               add_chaos_sim(root),
                               add_chaos_write(root),
                               add_chaos_kill(root),
                               add_chaos_net(root)};
  try {
    root.parse(count, arguments);
  } catch (const CLI::ParseError& stop) {
    if (stop.get_exit_code() == 0) return root.exit(stop);  // --help, --version
    return refuse(fmt::format("{}; see 'pecia --help' and 'pecia COMMAND --help'", stop.what()));
  }
  const auto chosen = std::find_if(commands.begin(), commands.end(),
                                   [](const Command& command) { return command.parser->parsed(); });
  return execute(*chosen);  // exactly one was parsed
}

}  // namespace

}  // namespace pecia::apps

int main(int count, char** arguments) {
  ::prctl(PR_SET_NAME, "pecia");  // started as /proc/self/exe it would be listed as "exe"
  std::signal(SIGPIPE, SIG_DFL);  // a reader that went away ends us quietly, as any filter
  try {
    return pecia::apps::run(count, arguments);
  } catch (const std::bad_alloc&) {
    return pecia::apps::refuse("out of memory; use a smaller model, context (-c), -n or batch");
  } catch (const std::exception& error) {
    return pecia::apps::refuse(error.what());
  }
}
