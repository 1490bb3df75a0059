#pragma once
// The flags that the commands of 'pecia chaos' on a cluster have in common, and the job they mean.

#include <optional>
#include <string>

#include "apps/pecia/document_trial.hpp"
#include "kernels/base/expected.hpp"

namespace CLI {
class App;
}

namespace pecia::apps {

inline constexpr std::uint64_t kTrialJobsMax = 10'000;

struct TrialOptions {
  std::string config;  // file
  std::optional<std::uint64_t> jobs;
  std::string seed = "1";
  std::string outline = "config/demo/chronicle.md";
  int tokens = 18'000;
  std::string context = "none";
  std::string log;  // file
  bool json = false;
};

// `jobs_by_default` and `seed_of` complete the help of their flags.
void add_trial_flags(CLI::App& parser, TrialOptions& options, const std::string& jobs_by_default,
                     const std::string& seed_of);
// Everything but the number of jobs, where that was not given: the same job for the cluster and for
// `pecia write`.
kernels::Status plan_jobs(const TrialOptions& options, TrialPlan& plan);
// The flags that give the same jobs again, for a person to type.
std::string flags_again(const TrialOptions& options, const TrialPlan& plan);

}  // namespace pecia::apps
