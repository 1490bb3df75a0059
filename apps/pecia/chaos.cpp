// pecia chaos sim: the rules of the cluster, tried against everything that can go wrong.

#include "apps/pecia/chaos.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/pecia/command.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/parse_number.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/stopwatch.hpp"
#include "apps/world/simulate.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::uint64_t kProgressSeeds = 256;  // between two looks at the terminal

struct SimOptions {
  std::string seeds = "0..3000";
  bool impure = false;
  bool json = false;
};

struct SeedRange {
  std::uint64_t first = 0, end = 0;
};

Expected<SeedRange> read_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  SeedRange range;
  if (dots != text.npos && parse_number(std::string_view(text).substr(0, dots), range.first) &&
      parse_number(std::string_view(text).substr(dots + 2), range.end) && range.first < range.end) {
    return range;
  }
  return fail(ErrorKind::refuse,
              "--seeds '{}': expected A..B, from A on and without B, as in 0..3000", text);
}

nlohmann::ordered_json to_json(const world::Simulation& simulation, double seconds, bool impure) {
  nlohmann::ordered_json object = {
      {"seeds", simulation.seeds},
      {"violations", simulation.violations},
      {"hangs", simulation.hangs},
      {"schedules_per_s", static_cast<double>(simulation.seeds) / seconds}};
  nlohmann::ordered_json coverage = nlohmann::ordered_json::object();
  for (const auto& [situation, seeds] : simulation.coverage) coverage[situation] = seeds;
  object["coverage"] = std::move(coverage);
  if (!simulation.clean()) {
    nlohmann::ordered_json again = nlohmann::ordered_json::array();
    for (const world::Failure& failure : simulation.failures)
      again.push_back(world::reproduce(failure, impure));
    object["reproduce"] = std::move(again);
  }
  return object;
}

// What a person needs of failures: the line that shows each again, and what happened in the first.
void tell_failures(const std::vector<world::Failure>& failures, bool impure) {
  tell(world::tell_schedule(failures.front().seed, impure));
  for (const world::Failure& failure : failures) {
    tell(fmt::format("seed {}: {}: {}; again: {}", failure.seed, failure.violation.invariant,
                     failure.violation.what, world::reproduce(failure, impure)));
  }
}

Expected<int> execute(const SimOptions& options, Output& out) {
  const auto range = read_range(options.seeds);
  if (!range) return range.error();
  watch_interrupts();
  Progress progress("simulating");
  const std::uint64_t seeds = range->end - range->first;
  const Stopwatch watch;
  const world::Simulation simulation = world::simulate(
      range->first, range->end, options.impure, [&](const world::Simulation& so_far) {
        if (so_far.seeds % kProgressSeeds == 0) {
          progress.update(so_far.seeds, seeds,
                          fmt::format("seeds, {} failed", so_far.violations + so_far.hangs));
        }
        return !interrupted();
      });
  const double seconds = std::max(watch.seconds(), 1e-9);
  progress.end();
  const Status told =
      options.json
          ? out.write_json(to_json(simulation, seconds, options.impure))
          : out.write(fmt::format("{} seeds, {} violations, {} hangs, {:.0f} schedules/s\n",
                                  simulation.seeds, simulation.violations, simulation.hangs,
                                  static_cast<double>(simulation.seeds) / seconds));
  if (!told) return told.error();
  if (!simulation.clean()) tell_failures(simulation.failures, options.impure);
  if (simulation.seeds < seeds) return kExitInterrupted;
  return simulation.clean() ? kExitDone : kExitFailed;
}

}  // namespace

CLI::App& chaos_group(CLI::App& root) {
  const auto there =
      root.get_subcommands([](CLI::App* command) { return command->get_name() == "chaos"; });
  if (!there.empty()) return *there.front();
  CLI::App* made = root.add_subcommand("chaos", "what must not change, whatever dies on the way");
  made->require_subcommand(1);
  return *made;
}

Command add_chaos_sim(CLI::App& root) {
  auto options = std::make_shared<SimOptions>();
  CLI::App* parser = chaos_group(root).add_subcommand(
      "sim", "simulated clusters, one a seed, in which machines, disks and links fail");
  parser->add_option("--seeds", options->seeds, "A..B, without B")->capture_default_str();
  parser->add_flag("--impure", options->impure,
                   "a model whose tokens depend on the attempt, so that none may be mixed");
  parser->add_flag("--json", options->json, "one JSON object with what was met");
  parser->footer(
      "A seed decides everything that happens in its world; a failed one is told line by line.\n"
      "Exit code 1: a rule was violated, or a job did not end.\n"
      "\n"
      "Examples:\n"
      "  pecia chaos sim --seeds 0..3000\n"
      "  pecia chaos sim --seeds 7..8 --impure --json");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
