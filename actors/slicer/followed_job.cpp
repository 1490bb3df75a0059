#include "actors/slicer/followed_job.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace pecia::actors {

using kernels::Expected;
using runtime::ContextMode;
using runtime::TokenIds;

FollowedJob::FollowedJob(JobPlan plan) : plan_(std::move(plan)), slices_(plan_.slices()) {}

// -- following

void FollowedJob::planned(const runtime::PlannedRecord& record) {
  for (const runtime::PlannedStep& step : record.steps) {
    const auto slice = plan_.slice_of(step.path);
    if (!slice) continue;
    slices_[*slice].planned = true;
    while (!all_planned() && slices_[first_unplanned_].planned) ++first_unplanned_;
    forget_read(plan_.reads(*slice));
  }
  if (all_planned()) forget_read({0, slices_.size()});
}

void FollowedJob::grew(const runtime::TokensRecord& record) {
  const auto slice = plan_.slice_of(record.step.path);
  if (!slice || !will_be_read(*slice)) return;
  TokenIds& ids = slices_[*slice].ids;
  assert(ids.size() == record.from);
  ids.insert(ids.end(), record.ids.begin(), record.ids.end());
}

void FollowedJob::ended(const runtime::EndedRecord& record) {
  ++steps_ended_;
  if (const auto slice = plan_.slice_of(record.step.path)) slices_[*slice].ended = true;
}

// -- what is kept

// In direct context a prompt is made once from a text; a summary, once from its wave.
bool FollowedJob::will_be_read(std::size_t slice) const {
  if (all_planned()) return false;
  if (plan_.context() == ContextMode::direct)
    return slice + 1 < slices_.size() && !slices_[slice + 1].planned;
  return plan_.context() == ContextMode::summary && JobPlan::wave_of(slice) >= waves_summarized_;
}

void FollowedJob::forget_read(SliceRange slices) {
  for (std::size_t k = slices.begin; k < slices.end; ++k) {
    if (!will_be_read(k)) TokenIds().swap(slices_[k].ids);
  }
}

std::size_t FollowedJob::tokens_kept() const {
  std::size_t tokens = 0;
  for (const Slice& slice : slices_) tokens += slice.ids.size();
  return tokens;
}

// -- prompts and summaries

bool FollowedJob::inputs_ended(std::size_t slice) const {
  const SliceRange range = plan_.reads(slice);
  for (std::size_t k = range.begin; k < range.end; ++k) {
    if (!slices_[k].ended) return false;
  }
  return true;
}

Expected<std::string> FollowedJob::text_of(std::size_t slice) const {
  if (!slices_[slice].ended)
    return kernels::fail(kernels::ErrorKind::refuse,
                         "slice {}: has not ended, and slices that follow from it are planned; the "
                         "journal is none that this program writes",
                         slice + 1);
  assert(will_be_read(slice));
  auto text = plan_.text_of(slices_[slice].ids);
  if (text) return text;
  return kernels::fail(text.error().kind, "slice {}: {}", slice + 1, text.error().message);
}

Expected<TokenIds> FollowedJob::prompt(std::size_t slice) const {
  if (slices_[slice].planned)
    return kernels::fail(kernels::ErrorKind::refuse,
                         "slice {}: is planned, and one in front of it is not; the journal is none "
                         "that this program writes",
                         slice + 1);
  assert(inputs_ended(slice));
  if (plan_.reads(slice).empty()) return plan_.prompt(slice, {});
  if (plan_.context() == ContextMode::summary) {
    assert(JobPlan::wave_of(slice) == waves_summarized_);
    return plan_.prompt(slice, summary_);
  }
  const auto text = text_of(slice - 1);
  if (!text) return text.error();
  return plan_.prompt(slice, *text);
}

Expected<std::string> FollowedJob::text_to_summarize() const {
  std::string rolling = summary_;
  const auto add = [&](std::string_view part) {
    if (!rolling.empty() && !part.empty()) rolling += "\n\n";
    rolling += part;
  };
  const SliceRange range = plan_.wave(waves_summarized_);
  for (std::size_t k = range.begin; k < range.end; ++k) {
    const auto text = text_of(k);
    if (!text) return text.error();
    add(plan_.outline().sections[k].heading);
    add(*text);
  }
  return rolling;
}

void FollowedJob::summarized(std::string summary) {
  const SliceRange read = plan_.wave(waves_summarized_++);
  summary_ = std::move(summary);
  forget_read(read);
}

}  // namespace pecia::actors
