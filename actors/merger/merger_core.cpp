#include "actors/merger/merger_core.hpp"

#include "kernels/text/chat_template.hpp"
#include "kernels/text/outline.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::actors {

using namespace runtime;

// -- what is durable

void MergerCore::open(const OpenedRecord& opened) {
  Job& job = jobs_[opened.job];
  // A spec or outline that cannot be read makes no document; the slicer says why and ends the job.
  const auto spec = decode_job_spec(opened.spec);
  if (!spec) return;
  auto outline = kernels::parse_outline(spec->outline);
  if (!outline) return;
  if (spec->one_stream) outline->sections.resize(1);
  job.slices.resize(outline->sections.size());
  kernels::ReleaseRules rules;
  rules.stop = kernels::stop_texts(spec->stop, *tokenizer_, spec->in_template());
  job.release.emplace(std::move(*outline), *tokenizer_, std::move(rules));
}

// The job that has a document with such a slice.
MergerCore::Job* MergerCore::slice_of(const StepName& step, std::size_t& slice) {
  const auto found = jobs_.find(step.job);
  const auto number = slice_of_path(step.path);
  if (found == jobs_.end() || !number || *number >= found->second.slices.size()) return nullptr;
  slice = *number;
  return &found->second;
}

void MergerCore::follow(const Record& record) {
  std::size_t slice = 0;
  if (const auto* opened = std::get_if<OpenedRecord>(&record)) {
    open(*opened);
  } else if (const auto* tokens = std::get_if<TokensRecord>(&record)) {
    Job* job = slice_of(tokens->step, slice);
    if (job == nullptr || !job->release->check(slice, tokens->ids)) return;
    job->release->add(slice, tokens->ids);
    job->slices[slice].tokens += tokens->ids.size();
  } else if (const auto* ended = std::get_if<EndedRecord>(&record)) {
    Job* job = slice_of(ended->step, slice);
    if (job == nullptr || !job->release->check(slice, {})) return;
    job->release->end(slice);
    job->slices[slice].end = ended->reason;
  } else if (const auto* closed = std::get_if<ClosedRecord>(&record)) {
    jobs_[closed->job].closed = *closed;
  }
}

// -- readers

std::optional<ToClient> MergerCore::read(const Read& read, JobState open_state) const {
  const auto found = jobs_.find(read.job);
  if (found == jobs_.end()) return Refused{read.job, RefusalKind::unknown, "no such job"};
  const Job& job = found->second;
  const std::string_view document =
      job.release ? std::string_view(job.release->document()) : std::string_view();
  if (read.offset > document.size()) {
    if (!job.closed) return std::nullopt;
    return Refused{read.job, RefusalKind::diverged, "there is less text than that"};
  }
  const Chain chain = job.release ? job.release->chain_at(read.offset) : Chain{};
  if (chain != read.chain)
    return Refused{read.job, RefusalKind::diverged, "that is not the text of this job"};
  Text text{read.job,
            read.offset,
            std::string(document.substr(read.offset, kTextBytesMax)),
            open_state,
            {}};
  const bool last = read.offset + text.bytes.size() == document.size();
  if (last && job.closed) {
    text.state = state_of(job.closed->end);
    text.why = job.closed->why;
  } else if (text.bytes.empty()) {
    return std::nullopt;
  }
  return text;
}

Viewed MergerCore::view(const View& view, JobState open_state, std::string_view why) const {
  Viewed viewed{view.job, open_state, std::string(why), {}, 0};
  const auto found = jobs_.find(view.job);
  if (found == jobs_.end()) return viewed;
  const Job& job = found->second;
  viewed.slices = job.slices;
  if (job.release) viewed.bytes_released = job.release->document().size();
  if (job.closed) viewed.state = state_of(job.closed->end), viewed.why = job.closed->why;
  return viewed;
}

}  // namespace pecia::actors
