#include "apps/pecia/trial_options.hpp"

#include <CLI/CLI.hpp>
#include <map>

#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/seed.hpp"
#include "apps/pecia/write_plan.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kTokensMax = 1'000'000;

const std::map<std::string, runtime::ContextMode> kContexts = {
    {"none", runtime::ContextMode::none},
    {"direct", runtime::ContextMode::direct},
    {"summary", runtime::ContextMode::summary}};

}  // namespace

void add_trial_flags(CLI::App& parser, TrialOptions& options, const std::string& jobs_by_default,
                     const std::string& seed_of) {
  parser.add_option("--config", options.config, "config of the cluster that is copied, in TOML")
      ->required()
      ->check(not_empty())
      ->type_name("FILE");
  parser.add_option("--jobs", options.jobs, "that share them; by default " + jobs_by_default)
      ->check(CLI::Range(std::uint64_t{1}, kTrialJobsMax));
  parser.add_option("-s,--seed", options.seed, "of " + seed_of + ", or random")
      ->capture_default_str();
  parser.add_option("--outline", options.outline, "of the document, in Markdown")
      ->capture_default_str()
      ->check(not_empty())
      ->type_name("FILE");
  parser.add_option("-n,--n-predict", options.tokens, "tokens of the document")
      ->capture_default_str()
      ->check(CLI::Range(1, kTokensMax));
  parser.add_option("--context", options.context, "what a slice knows: none, direct or summary")
      ->capture_default_str()
      ->check(CLI::IsMember(kContexts));
  parser.add_option("--log", options.log, "grows by what befell each job, and how long it stalled")
      ->check(not_empty())
      ->type_name("FILE");
  add_json_flag(parser, options.json);
}

Status plan_jobs(const TrialOptions& options, TrialPlan& plan) {
  const auto seed = resolve_seed(options.seed);
  if (!seed) return seed.error();
  plan.config = options.config;
  plan.seed = *seed;
  plan.log = options.log;
  if (options.jobs) plan.jobs = *options.jobs;
  WriteOptions write;
  write.generation.tokens = options.tokens;
  write.generation.ignore_eos = true;
  const auto generation = plan_generation(write.generation);
  if (!generation) return generation.error();
  auto outline = read_text(options.outline);
  if (!outline) return outline.error();
  auto spec = make_spec(write, *generation, kContexts.at(options.context), options.outline,
                        std::move(*outline));
  if (!spec) return spec.error();
  plan.spec = *std::move(spec);
  plan.job_seed = generation->seed;
  plan.write_arguments = {
      "write",        "--outline", options.outline, "-n", fmt::format("{}", options.tokens),
      "--ignore-eos", "--context", options.context};
  return {};
}

std::string flags_again(const TrialOptions& options, const TrialPlan& plan) {
  return fmt::format("--config {} --jobs {} --seed {} --outline {} -n {} --context {}",
                     options.config, plan.jobs, plan.seed, options.outline, options.tokens,
                     options.context);
}

}  // namespace pecia::apps
