#include "apps/pecia/generation_options.hpp"
#include "apps/pecia/compute_flags.hpp"

#include <CLI/CLI.hpp>
#include <limits>

#include "apps/pecia/output.hpp"
#include "apps/pecia/parse_number.hpp"
#include "apps/pecia/seed.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kTokensMax = std::numeric_limits<int>::max() / 2;

void add_sampling_flags(CLI::App& parser, GenerationOptions& options) {
  const std::string group = "Sampling";
  SamplingParams& sampling = options.sampling;
  parser.add_option("-s,--seed", options.seed, "number, or 'random' (drawn, then told on stderr)")
      ->capture_default_str()
      ->group(group);
  const auto number = [&](const char* flag, auto& value, const char* help) {
    parser.add_option(flag, value, help)->capture_default_str()->group(group);
  };
  number("--temp", sampling.temperature, "temperature; 0: always the most likely token");
  number("--top-k", sampling.top_k, "keep the k most likely tokens; 0: all");
  number("--top-p", sampling.top_p, "keep the most likely tokens that sum to p; 1: all");
  number("--min-p", sampling.min_p, "drop tokens below p times the best; 0: none");
  number("--repeat-penalty", sampling.repeat_penalty, "1: off");
  number("--repeat-last-n", sampling.penalty_window, "tokens penalties look at; 0: off, -1: all");
  number("--presence-penalty", sampling.presence_penalty, "0: off");
  number("--frequency-penalty", sampling.frequency_penalty, "0: off");
  parser.add_option("--logit-bias", options.logit_bias, "add VALUE to the logit of token ID")
      ->type_name("ID=VALUE")
      ->allow_extra_args(false)
      ->group(group);
}

}  // namespace

void add_chunk_flag(CLI::App& parser, int& chunk) {
  parser.add_option("--chunk", chunk, "prompt tokens of one step. Never changes a result")
      ->check(CLI::Range(1, kChunkTokensMax))
      ->capture_default_str();
}

void add_generation_flags(CLI::App& parser, GenerationOptions& options, const std::string& n_help) {
  add_compute_flags(parser, options.compute);
  parser.add_option("-n,--n-predict", options.tokens, n_help)->check(CLI::Range(-1, kTokensMax));
  parser
      .add_option("-c,--ctx-size", options.context,
                  "tokens of context; 0: what prompt and -n need, and as trained where -n is open")
      ->check(CLI::Range(0, kTokensMax))
      ->capture_default_str();
  add_chunk_flag(parser, options.chunk);
  parser.add_option("--stop", options.stop, "end before this text; may be given more than once")
      ->type_name("TEXT")
      ->allow_extra_args(false);  // else CLI11 reads "[END]" as a list
  parser.add_flag("--ignore-eos", options.ignore_eos, "go on behind an end-of-text token");
  parser.add_flag("--verbose", options.verbose,
                  "report the speed even where stderr is no terminal");
  add_json_flag(parser, options.json);
  add_sampling_flags(parser, options);
}

ComputeOptions compute_of(const GenerationOptions& options) {
  ComputeOptions compute = options.compute;
  compute.context_max = options.context;
  return compute;
}

Expected<std::vector<std::pair<TokenId, float>>> parse_logit_bias(
    const std::vector<std::string>& pairs) {
  std::vector<std::pair<TokenId, float>> bias;
  for (const std::string& pair : pairs) {
    const std::string_view text = pair;
    const std::size_t sign = text.find('=');
    TokenId id = -1;
    float value = 0;
    if (sign == text.npos || !parse_number(text.substr(0, sign), id) || id < 0 ||
        !parse_number(text.substr(sign + 1), value)) {
      return fail(ErrorKind::refuse,
                  "--logit-bias '{}': not a token id and a number; write it as 15043=-1.5", pair);
    }
    bias.emplace_back(id, value);
  }
  return bias;
}

Expected<GenerationPlan> plan_generation(const GenerationOptions& options) {
  GenerationPlan plan;
  plan.sampling = options.sampling;
  auto bias = parse_logit_bias(options.logit_bias);
  if (!bias) return bias.error();
  plan.sampling.logit_bias = std::move(*bias);
  if (const Status fine = check(plan.sampling); !fine) return fine.error();
  for (const std::string& text : options.stop) {
    if (text.empty())
      return fail(ErrorKind::refuse, "--stop '': empty; give at least one character");
  }
  const Expected<std::uint64_t> seed = resolve_seed(options.seed);
  if (!seed) return seed.error();
  plan.seed = *seed;
  if (options.tokens && *options.tokens >= 0) plan.tokens = options.tokens;
  return plan;
}

Request make_request(const GenerationPlan& plan, const GenerationOptions& options,
                     std::vector<TokenId> prompt, int tokens_max, const std::string& path) {
  Request request;
  request.prompt = std::move(prompt);
  request.tokens_max = tokens_max;
  request.sampling = plan.sampling;
  request.key = sampling_key(plan.seed, path);
  request.stop = options.stop;
  request.ignore_eos = options.ignore_eos;
  return request;
}

}  // namespace pecia::apps
