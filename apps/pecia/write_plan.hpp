#pragma once
// What `pecia write` asks for, before anything is written: the spec of its job, and whether every
// slice of it has room. Thread rule: pure, but for a notice on stderr where one is told.

#include <cstdint>
#include <string>

#include "actors/slicer/job_plan.hpp"
#include "apps/pecia/generation_options.hpp"
#include "kernels/base/expected.hpp"
#include "kernels/text/tokenizer.hpp"
#include "runtime/wire/job_spec.hpp"

namespace pecia::apps {

struct WriteOptions {
  GenerationOptions generation;
  bool no_chat_template = false;
  bool one_stream = false;
};

// Refuses what is beyond the limits of a job, and an outline that cannot be read, with its `file`.
kernels::Expected<runtime::JobSpec> make_spec(const WriteOptions& options,
                                              const GenerationPlan& plan,
                                              runtime::ContextMode context, const std::string& file,
                                              std::string outline);

// One line on stderr where the model's chat template is to be used and is of no known family.
void tell_unknown_template(const WriteOptions& options, const kernels::Tokenizer& tokenizer);

// Tokens of the longest slice, prompt included; refused where one has no room in -c, or all
// prompts together have more tokens than a plan may.
kernels::Expected<int> longest_slice(const actors::JobPlan& plan, const WriteOptions& options);

std::uint64_t tokens_asked(const actors::JobPlan& plan);  // of all slices

}  // namespace pecia::apps
