#pragma once
// The table of contents of the program: one function a subcommand, each in the file of its name.
// It declares flags on the parser and gives back what to do once they are read.

#include <functional>

#include "apps/pecia/output.hpp"
#include "kernels/base/expected.hpp"

namespace CLI {
class App;
}

namespace pecia::apps {

constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;         // what was put to the test did not hold
constexpr int kExitRefused = 2;        // one line on stderr says why
constexpr int kExitInterrupted = 130;  // 128 + SIGINT, as shells count
constexpr int kExitLostReader = 141;   // 128 + SIGPIPE, where that does not end the process

struct Command {
  CLI::App* parser = nullptr;
  std::function<kernels::Expected<int>(Output& out)> execute;  // gives the exit code
};

Command add_run(CLI::App& root);
Command add_chat(CLI::App& root);
Command add_write(CLI::App& root);
Command add_tokenize(CLI::App& root);
Command add_perplexity(CLI::App& root);
Command add_bench(CLI::App& root);
Command add_models(CLI::App& root);
Command add_inspect(CLI::App& root);
Command add_convert(CLI::App& root);
Command add_synth(CLI::App& root);
Command add_corpus(CLI::App& root);
Command add_score_facts(CLI::App& root);
Command add_train_tokenizer(CLI::App& root);
Command add_train(CLI::App& root);
Command add_node(CLI::App& root);
Command add_jobs(CLI::App& root);
Command add_attach(CLI::App& root);
Command add_cancel(CLI::App& root);
Command add_drain(CLI::App& root);
Command add_explain(CLI::App& root);
Command add_up(CLI::App& root);
Command add_chaos_sim(CLI::App& root);
Command add_chaos_write(CLI::App& root);
Command add_chaos_kill(CLI::App& root);
Command add_chaos_net(CLI::App& root);

}  // namespace pecia::apps
