#pragma once
// The slicer: what a job's next steps are, given its spec and what has ended of it.
//
//   job   followed -asked-> (summarizing, wave by wave) -> answered, once for each time asked
//
// It follows the durable records and answers from them alone, so that after a start over the same
// journal, and whatever ended in which order, the steps are the same. In the context `summary` it
// asks for the summaries of waves one after another, from the first on if need be: a start keeps
// none of them.
//
// A plain class: events in, effects out. Thread rule: one owner.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/slicer/expanded.hpp"
#include "actors/slicer/followed_job.hpp"
#include "kernels/base/expected.hpp"
#include "kernels/text/tokenizer.hpp"
#include "runtime/wire/records.hpp"

namespace pecia::actors {

// How far one answer reaches, so that a record of it stays far below its limit: steps beyond the
// ended ones, and tokens of all its prompts. It has one step at least where the inputs allow any.
inline constexpr std::size_t kStepsAhead = 128;
inline constexpr std::size_t kPlannedTokensMax = 1 << 20;

// A coordinator asks for a job once at a time; a later one may have taken over meanwhile.
inline constexpr std::size_t kAskedMax = 16;

// To the summarizer: on_summarized() brings the answer.
struct Summarize {
  runtime::JobId job{};
  std::size_t wave = 0;  // that will read the summary
  std::string text;
  std::size_t tokens_max = 0;
  bool operator==(const Summarize&) const = default;
};

using SlicerEffect = std::variant<Expanded, Summarize>;
using SlicerEffects = std::vector<SlicerEffect>;

class SlicerCore {
 public:
  explicit SlicerCore(std::shared_ptr<const kernels::Tokenizer> tokenizer);

  // Durable records, all of them, in their order.
  void follow(const runtime::Record& record);

  // Answered by one Expanded in the end: at once, or when a summary is there. A job that is not
  // open has no further step. REQUIRES that the ends it counts have been followed, and at most
  // kAskedMax of a job without an answer.
  SlicerEffects on_expand(const runtime::JobId& job, std::size_t steps_ended);
  // An answer that nobody waits for changes nothing.
  SlicerEffects on_summarized(const runtime::JobId& job, std::size_t wave,
                              const kernels::Expected<std::string>& summary);

  // -- for views
  std::size_t open_jobs() const { return jobs_.size(); }
  std::size_t tokens_kept() const;

 private:
  // What was asked of a job and is not answered yet. It outlives a job that is closed meanwhile.
  struct Asked {
    std::vector<std::size_t> steps_ended;  // as asked, once for each time
    std::optional<std::size_t> wave;       // whose summary is asked for
  };

  void open(const runtime::OpenedRecord& opened);
  FollowedJob* followed(const runtime::JobId& job);
  SlicerEffects advance(const runtime::JobId& job);
  SlicerEffects answer(const runtime::JobId& job, const Expanded& expanded);

  const std::shared_ptr<const kernels::Tokenizer> tokenizer_;
  // Open ones; an error says why there is no plan.
  std::map<runtime::JobId, kernels::Expected<FollowedJob>> jobs_;
  std::map<runtime::JobId, Asked> asked_;
};

}  // namespace pecia::actors
