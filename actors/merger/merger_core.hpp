#pragma once
// The merger: from durable records to the text that readers are shown. It shows nothing else, so
// what it showed is a prefix of the document whatever dies. State: one DocumentRelease a job, a
// fold that begins anew with the process. A reader is a cursor (offset, chain) that the reader
// keeps; the merger keeps none.
//
// A plain class. Thread rule: one owner.

#include <map>
#include <memory>
#include <optional>

#include "kernels/text/document_release.hpp"
#include "runtime/wire/job_spec.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::actors {

class MergerCore {
 public:
  explicit MergerCore(std::shared_ptr<const kernels::Tokenizer> tokenizer)
      : tokenizer_(std::move(tokenizer)) {}

  // REQUIRES durable records, in order.
  void follow(const runtime::Record& record);

  // Text from the offset on, at most kTextBytesMax of it, with the state of the job once that text
  // is its last; or why there is none; nullopt: nothing new yet. `open_state` is the coordinator's
  // word on a job that has not ended.
  std::optional<runtime::ToClient> read(const runtime::Read& read,
                                        runtime::JobState open_state) const;
  // How far it is; of a job that has not ended the coordinator's word on that too. Of an unknown
  // one nothing but that word.
  runtime::Viewed view(const runtime::View& view, runtime::JobState open_state,
                       std::string_view why) const;

 private:
  struct Job {
    std::optional<kernels::DocumentRelease> release;  // none where the spec makes no document
    std::vector<runtime::SliceView> slices;
    std::optional<runtime::ClosedRecord> closed;
  };
  void open(const runtime::OpenedRecord& opened);
  Job* slice_of(const runtime::StepName& step, std::size_t& slice);

  const std::shared_ptr<const kernels::Tokenizer> tokenizer_;
  std::map<runtime::JobId, Job> jobs_;
};

}  // namespace pecia::actors
