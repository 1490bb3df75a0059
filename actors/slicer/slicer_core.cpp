#include "actors/slicer/slicer_core.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "runtime/wire/codec.hpp"

namespace pecia::actors {

using namespace runtime;
using kernels::Error;
using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {

// Its inputs have ended, but the summary that its prompt has is not there.
bool waits_for_summary(const FollowedJob& job) {
  const std::size_t slice = job.first_unplanned();
  return !job.all_planned() && job.plan().context() == ContextMode::summary &&
         JobPlan::wave_of(slice) > job.waves_summarized() && job.inputs_ended(slice);
}

Expected<PlannedStep> planned_step(const FollowedJob& job, std::size_t slice) {
  auto prompt = job.prompt(slice);
  if (!prompt) return prompt.error();
  if (prompt->size() > kPromptTokensMax)
    return fail(ErrorKind::refuse,
                "slice {}: its prompt has {} tokens, at most {} are right; shorten the outline",
                slice + 1, prompt->size(), kPromptTokensMax);
  const JobPlan& plan = job.plan();
  return PlannedStep{JobPlan::path_of(slice), plan.inputs(slice), *std::move(prompt),
                     plan.tokens_max(slice)};
}

// As many as limits and inputs allow, from the first unplanned one on.
static_assert(kPromptTokensMax <= kPlannedTokensMax);  // so that the first has room
Status add_steps(const FollowedJob& job, Expanded& expanded) {
  const std::size_t behind = std::min(job.plan().slices(), job.steps_ended() + kStepsAhead);
  std::size_t slice = job.first_unplanned(), tokens = 0;
  for (; slice < behind && job.inputs_ended(slice); ++slice) {
    auto step = planned_step(job, slice);
    if (!step) return step.error();
    tokens += step->prompt.size();
    if (tokens > kPlannedTokensMax) break;
    expanded.steps.push_back(*std::move(step));
  }
  expanded.complete = slice == job.plan().slices();
  return {};
}

}  // namespace

SlicerCore::SlicerCore(std::shared_ptr<const kernels::Tokenizer> tokenizer)
    : tokenizer_(std::move(tokenizer)) {}

// -- following

void SlicerCore::follow(const Record& record) {
  if (const auto* opened = std::get_if<OpenedRecord>(&record)) {
    open(*opened);
  } else if (const auto* planned = std::get_if<PlannedRecord>(&record)) {
    if (FollowedJob* job = followed(planned->job)) job->planned(*planned);
  } else if (const auto* tokens = std::get_if<TokensRecord>(&record)) {
    if (FollowedJob* job = followed(tokens->step.job)) job->grew(*tokens);
  } else if (const auto* ended = std::get_if<EndedRecord>(&record)) {
    if (FollowedJob* job = followed(ended->step.job)) job->ended(*ended);
  } else if (const auto* closed = std::get_if<ClosedRecord>(&record)) {
    jobs_.erase(closed->job);
  }
}

void SlicerCore::open(const OpenedRecord& opened) {
  const auto spec = decode_job_spec(opened.spec);
  auto plan = spec ? JobPlan::create(*spec, tokenizer_) : spec.error();
  const bool fresh = plan ? jobs_.try_emplace(opened.job, FollowedJob(*std::move(plan))).second
                          : jobs_.try_emplace(opened.job, plan.error()).second;
  assert(fresh);
}

FollowedJob* SlicerCore::followed(const JobId& job) {
  const auto found = jobs_.find(job);
  return found != jobs_.end() && found->second ? &*found->second : nullptr;
}

std::size_t SlicerCore::tokens_kept() const {
  std::size_t tokens = 0;
  for (const auto& [id, job] : jobs_) tokens += job ? job->tokens_kept() : 0;
  return tokens;
}

// -- answering

SlicerEffects SlicerCore::on_expand(const JobId& job, std::size_t steps_ended) {
  Asked& asked = asked_[job];
  assert(asked.steps_ended.size() < kAskedMax);
  asked.steps_ended.push_back(steps_ended);
  return asked.wave ? SlicerEffects() : advance(job);
}

SlicerEffects SlicerCore::on_summarized(const JobId& id, std::size_t wave,
                                        const Expected<std::string>& summary) {
  const auto asked = asked_.find(id);
  if (asked == asked_.end() || asked->second.wave != wave) return {};
  asked->second.wave.reset();
  FollowedJob* job = followed(id);
  if (job != nullptr && !summary) {
    const Error error =
        fail(summary.error().kind, "summary for wave {}: {}", wave + 1, summary.error().message);
    return answer(id, {id, 0, {}, false, clean_why(error.message)});
  }
  if (job != nullptr) job->summarized(*summary);
  return advance(id);
}

SlicerEffects SlicerCore::advance(const JobId& id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return answer(id, {id, 0, {}, true, {}});
  if (!found->second)
    return answer(id, {id, 0, {}, false, clean_why(found->second.error().message)});
  const FollowedJob& job = *found->second;
  assert(std::ranges::all_of(asked_.at(id).steps_ended,
                             [&](std::size_t ended) { return ended <= job.steps_ended(); }));
  if (waits_for_summary(job)) {
    auto text = job.text_to_summarize();
    if (!text) return answer(id, {id, 0, {}, false, clean_why(text.error().message)});
    const std::size_t wave = job.waves_summarized() + 1;
    asked_.at(id).wave = wave;
    SlicerEffects effects;
    effects.emplace_back(Summarize{id, wave, *std::move(text), kSummaryTokens});
    return effects;
  }
  Expanded expanded{id, 0, {}, false, {}};
  if (const Status status = add_steps(job, expanded); !status)
    expanded = {id, 0, {}, false, clean_why(status.error().message)};
  return answer(id, expanded);
}

// The same to everybody who has asked meanwhile.
SlicerEffects SlicerCore::answer(const JobId& job, const Expanded& expanded) {
  SlicerEffects effects;
  for (const std::size_t steps_ended : asked_.at(job).steps_ended) {
    effects.emplace_back(expanded);
    std::get<Expanded>(effects.back()).steps_ended = steps_ended;
  }
  asked_.erase(job);
  assert(!effects.empty());
  return effects;
}

}  // namespace pecia::actors
