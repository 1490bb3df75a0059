#include "apps/pecia/write_plan.hpp"

#include <algorithm>

#include "actors/generator/job_sampling.hpp"
#include "apps/pecia/output.hpp"
#include "kernels/text/chat_template.hpp"
#include "kernels/text/outline.hpp"
#include "pecia/spec_check.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

std::string name_slice(const Outline& outline, std::size_t slice) {
  return fmt::format("slice {} ('{}')", slice + 1, printable(outline.sections[slice].heading, 60));
}

// `what` is to be written behind its prompt. A context of 0 is as large as needed.
Status check_room(const std::string& what, std::size_t prompt_tokens, int tokens, int context) {
  if (context <= 0 ||
      prompt_tokens + static_cast<std::size_t>(tokens) <= static_cast<std::size_t>(context)) {
    return {};
  }
  return fail(ErrorKind::refuse,
              "{}: {} prompt tokens and {} to write are more than the context of {}; shorten the "
              "outline, lower -n or raise -c",
              what, prompt_tokens, tokens, context);
}

// `tokens` have the prompts of the first `slices` slices.
Status check_plan(std::size_t tokens, std::size_t slices, std::size_t slices_in_all) {
  if (tokens <= actors::kPlanTokensMax) return {};
  return fail(
      ErrorKind::refuse,
      "{} sections: each is written from the whole outline, and their prompts have about {} "
      "tokens together, at most {} are right; write fewer sections, or shorten preamble "
      "and headings",
      slices_in_all, tokens / slices * slices_in_all, actors::kPlanTokensMax);
}

}  // namespace

Expected<runtime::JobSpec> make_spec(const WriteOptions& options, const GenerationPlan& plan,
                                     runtime::ContextMode context, const std::string& file,
                                     std::string outline) {
  runtime::JobSpec spec;
  spec.outline = std::move(outline);
  spec.tokens = plan.tokens.value_or(-1);
  spec.context = context;
  spec.one_stream = options.one_stream;
  spec.chat_template = !options.no_chat_template;
  spec.ignore_eos = options.generation.ignore_eos;
  spec.sampling = actors::job_sampling(plan.sampling);
  spec.stop = options.generation.stop;
  if (const Status fine = check_spec(spec); !fine)
    return fail(fine.error().kind, "{}: {}", file, fine.error().message);
  return spec;
}

void tell_unknown_template(const WriteOptions& options, const Tokenizer& tokenizer) {
  if (options.no_chat_template || options.one_stream) return;
  if (knows_chat_template(tokenizer.chat_template())) return;
  tell(fmt::format("{}: tokenizer.chat_template is of no known family ({}); going on without it",
                   printable(options.generation.compute.model), kChatFamilies));
}

Expected<int> longest_slice(const actors::JobPlan& plan, const WriteOptions& options) {
  int longest = 1;
  std::size_t prompts = 0;  // their tokens
  for (std::size_t k = 0; k < plan.slices(); ++k) {
    const actors::SliceBudget budget = plan.budget(k);
    const std::string what =
        options.one_stream ? "the document in one stream" : name_slice(plan.outline(), k);
    const Status fits =
        check_room(what, budget.prompt_tokens_max, budget.tokens_max, options.generation.context);
    if (!fits) return fits.error();
    prompts += budget.prompt_tokens_max;
    if (const Status kept = check_plan(prompts, k + 1, plan.slices()); !kept) return kept.error();
    longest = std::max(longest, static_cast<int>(budget.prompt_tokens_max) + budget.tokens_max);
  }
  return longest;
}

std::uint64_t tokens_asked(const actors::JobPlan& plan) {
  std::uint64_t tokens = 0;
  for (std::size_t k = 0; k < plan.slices(); ++k)
    tokens += static_cast<std::uint64_t>(plan.tokens_max(k));
  return tokens;
}

}  // namespace pecia::apps
