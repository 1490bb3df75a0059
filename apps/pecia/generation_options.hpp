#pragma once
// Flags shared by the commands that generate text (run, write), named as the field names them.

#include <optional>
#include <string>
#include <vector>

#include "kernels/engine/engine.hpp"
#include "kernels/engine/sampler.hpp"
#include "pecia/session.hpp"

namespace CLI {
class App;
}

namespace pecia::apps {

struct GenerationOptions {
  ComputeOptions compute;
  std::optional<int> tokens;  // -n; absent or -1: the command's default
  int context = 0;            // -c; 0: what the work needs
  int chunk = 256;            // prompt tokens of one step
  std::string seed = "1";     // or "random"
  kernels::SamplingParams sampling;
  std::vector<std::string> logit_bias;  // "ID=VALUE"
  std::vector<std::string> stop;
  bool ignore_eos = false;
  bool verbose = false;
  bool json = false;
};
void add_generation_flags(CLI::App& parser, GenerationOptions& options, const std::string& n_help);
// The compute flags, with the context that was asked for.
ComputeOptions compute_of(const GenerationOptions& options);
// "--chunk N", shared with perplexity.
void add_chunk_flag(CLI::App& parser, int& chunk);

// "ID=VALUE" pairs; refused with the pair that is wrong. REQUIRES nothing of the text.
kernels::Expected<std::vector<std::pair<kernels::TokenId, float>>> parse_logit_bias(
    const std::vector<std::string>& pairs);

// The values above, checked and resolved before a model is opened.
struct GenerationPlan {
  std::uint64_t seed = 1;
  kernels::SamplingParams sampling;
  std::optional<int> tokens;
};
kernels::Expected<GenerationPlan> plan_generation(const GenerationOptions& options);

// A request of the plan for the step at `path` (PROTOCOL "Philox": `run` is path "0").
kernels::Request make_request(const GenerationPlan& plan, const GenerationOptions& options,
                              std::vector<kernels::TokenId> prompt, int tokens_max,
                              const std::string& path);

}  // namespace pecia::apps
