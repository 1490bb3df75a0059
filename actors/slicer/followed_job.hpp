#pragma once
// What the journal says of one open job, as far as the rest of its plan needs it: which slices are
// planned and which have ended, and the tokens of those that a later prompt will be made from.
// Whatever nobody will read any more is forgotten. Pure; thread rule: one owner.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "actors/slicer/job_plan.hpp"
#include "runtime/wire/records.hpp"

namespace pecia::actors {

class FollowedJob {
 public:
  explicit FollowedJob(JobPlan plan);

  // -- durable records of this job, in order; a step that the plan does not have changes nothing
  void planned(const runtime::PlannedRecord& record);
  void grew(const runtime::TokensRecord& record);
  void ended(const runtime::EndedRecord& record);

  const JobPlan& plan() const { return plan_; }
  std::size_t steps_ended() const { return steps_ended_; }
  // slices() where all are planned. Slices are planned in their order.
  std::size_t first_unplanned() const { return first_unplanned_; }
  bool all_planned() const { return first_unplanned_ == plan_.slices(); }
  bool inputs_ended(std::size_t slice) const;

  // The prompt of a slice whose inputs have ended and, in a later wave, whose summary is made. An
  // error, here and below, where the journal has slices planned out of their order.
  kernels::Expected<runtime::TokenIds> prompt(std::size_t slice) const;

  // -- rolling summaries: the first wave needs none, the others one after another
  std::size_t waves_summarized() const { return waves_summarized_; }  // the last with a summary
  // What the next one is made from: all slices of the wave before it.
  kernels::Expected<std::string> text_to_summarize() const;
  void summarized(std::string summary);  // of wave waves_summarized() + 1

  std::size_t tokens_kept() const;

 private:
  struct Slice {
    bool planned = false;
    bool ended = false;
    runtime::TokenIds ids;
  };

  bool will_be_read(std::size_t slice) const;
  void forget_read(SliceRange slices);
  kernels::Expected<std::string> text_of(std::size_t slice) const;

  JobPlan plan_;
  std::vector<Slice> slices_;
  std::size_t steps_ended_ = 0;
  std::size_t first_unplanned_ = 0;
  std::size_t waves_summarized_ = 0;
  std::string summary_;  // of wave waves_summarized_
};

}  // namespace pecia::actors
