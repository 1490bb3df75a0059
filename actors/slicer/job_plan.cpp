#include "actors/slicer/job_plan.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "kernels/text/chat_template.hpp"
#include "kernels/text/longest_end.hpp"
#include "kernels/text/slice_text.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia::actors {

using namespace kernels;
using runtime::ContextMode;
using runtime::JobSpec;
using runtime::Path;

namespace {

std::vector<int> shares_of(const JobSpec& spec, std::size_t sections) {
  assert(spec.tokens >= -1);
  if (spec.one_stream) {
    const int share = kTokensPerSlice * static_cast<int>(sections);
    return {spec.tokens < 0 ? share : spec.tokens};
  }
  if (spec.tokens < 0) return std::vector<int>(sections, kTokensPerSlice);
  return share_tokens(spec.tokens, sections);
}

}  // namespace

Expected<JobPlan> JobPlan::create(const JobSpec& spec, std::shared_ptr<const Tokenizer> tokenizer) {
  auto outline = parse_outline(spec.outline);
  if (!outline) return outline.error();
  JobPlan plan(spec, *std::move(outline), std::move(tokenizer));
  for (std::size_t k = 0; k < plan.slices(); ++k) {
    const int share = plan.tokens_max(k);
    if (static_cast<std::size_t>(share) <= runtime::kPromptTokensMax) continue;
    return fail(ErrorKind::refuse,
                "slice {}: its share of -n is {} tokens, at most {} are right; lower -n, or give "
                "the outline more headings",
                k + 1, share, runtime::kPromptTokensMax);
  }
  return plan;
}

JobPlan::JobPlan(const JobSpec& spec, Outline outline, std::shared_ptr<const Tokenizer> tokenizer)
    : tokenizer_(std::move(tokenizer)),
      outline_(std::move(outline)),
      context_(spec.one_stream ? ContextMode::none : spec.context),
      one_stream_(spec.one_stream),
      stop_(stop_texts(spec.stop, *tokenizer_, spec.in_template())),
      tokens_(shares_of(spec, outline_.sections.size())) {
  if (one_stream_) outline_.sections.resize(1);
  if (spec.in_template() && knows_chat_template(tokenizer_->chat_template()))
    chat_template_ = tokenizer_->chat_template();
  assert(tokens_.size() == outline_.sections.size());
}

SliceBudget JobPlan::budget(std::size_t slice) const {
  assert(slice < slices());
  return {path_of(slice), tokens_[slice], whole_prompt(slice, {}).size() + text_tokens_max(slice)};
}

SliceRange JobPlan::wave(std::size_t wave) const {
  return {std::min(wave * kWaveSlices, slices()), std::min((wave + 1) * kWaveSlices, slices())};
}

SliceRange JobPlan::reads(std::size_t slice) const {
  assert(slice < slices());
  if (context_ == ContextMode::direct && slice > 0) return {slice - 1, slice};
  if (context_ == ContextMode::summary && wave_of(slice) > 0) return wave(wave_of(slice) - 1);
  return {};
}

std::vector<Path> JobPlan::inputs(std::size_t slice) const {
  const SliceRange range = reads(slice);
  std::vector<Path> paths;
  for (std::size_t k = range.begin; k < range.end; ++k) paths.push_back(path_of(k));
  return paths;
}

std::vector<TokenId> JobPlan::prompt(std::size_t slice, std::string_view text_before) const {
  if (reads(slice).empty()) return whole_prompt(slice, {});
  std::vector<TokenId> prompt = whole_prompt(slice, {});
  if (text_before.empty()) return prompt;
  const std::size_t tokens_max = prompt.size() + text_tokens_max(slice);
  // Of the ends that fit the longest is asked about last.
  longest_end(text_before, [&](std::string_view end) {
    std::vector<TokenId> longer = whole_prompt(slice, end);
    const bool fits = longer.size() <= tokens_max;
    if (fits) prompt = std::move(longer);
    return fits;
  });
  return prompt;
}

std::vector<TokenId> JobPlan::whole_prompt(std::size_t slice, std::string_view text_before) const {
  if (one_stream_)
    return tokenizer_->encode(document_start(outline_) + slice_start(outline_, 0), EncodeOptions{});
  if (reads(slice).empty())
    return encode_segments(*tokenizer_, slice_segments(outline_, slice, chat_template_));
  const std::string message = context_ == ContextMode::direct
                                  ? continued_prompt(outline_, slice, text_before)
                                  : summary_prompt(outline_, slice, text_before);
  return encode_segments(*tokenizer_, render_chat(chat_template_, message));
}

std::size_t JobPlan::text_tokens_max(std::size_t slice) const {
  if (reads(slice).empty()) return 0;
  if (context_ == ContextMode::direct) return static_cast<std::size_t>(tokens_[slice - 1]);
  return kSummaryTokens + kSummaryJointTokens;
}

std::optional<std::size_t> JobPlan::slice_of(std::string_view path) const {
  const auto slice = runtime::slice_of_path(path);
  return slice && *slice < slices() ? slice : std::nullopt;
}

Expected<std::string> JobPlan::text_of(std::span<const TokenId> ids) const {
  const auto foreign = std::find_if(ids.begin(), ids.end(),
                                    [&](TokenId id) { return id < 0 || id >= tokenizer_->size(); });
  if (foreign != ids.end())
    return fail(ErrorKind::refuse, "token {} is none of the vocabulary of {}", *foreign,
                tokenizer_->size());
  SliceText text(*tokenizer_, stop_);
  text.push(ids);
  text.end();
  return std::string(text.visible());
}

}  // namespace pecia::actors
