#pragma once
// The plan of one job, as its spec alone decides it: which slices there are, what each reads, how
// many tokens it may have, and the prompt that follows from what it reads.
//
//   none     every slice knows preamble, outline and its heading
//   direct   1 <- 2 <- 3 ...            and the text of the slice before it
//   summary  (1 2 3 4) <- (5 6 7 8) ... and a summary of the waves before its own
//
// A job in one stream has one slice, whatever its context. Thread rule: immutable; share freely.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/outline.hpp"
#include "kernels/text/tokenizer.hpp"
#include "runtime/wire/job_spec.hpp"
#include "runtime/wire/names.hpp"

namespace pecia::actors {

inline constexpr int kTokensPerSlice = 256;    // the default share
inline constexpr std::size_t kWaveSlices = 4;  // written side by side, from one summary
// Of all prompts of a job together: the journal keeps every one, and a start reads them all.
inline constexpr std::size_t kPlanTokensMax = 64 << 20;
inline constexpr std::size_t kSummaryTokens = 160;
// What a summary may need beyond its own tokens, where it meets the text around it.
inline constexpr std::size_t kSummaryJointTokens = 16;

struct SliceBudget {
  std::string path;                   // of its step: "1", "2", ...
  int tokens_max = 0;                 // to write
  std::size_t prompt_tokens_max = 0;  // exactly its tokens where it reads no other slice
};

struct SliceRange {
  std::size_t begin = 0, end = 0;  // slices [begin, end)
  bool empty() const { return begin == end; }
};

class JobPlan {
 public:
  // Refuses an outline that parse_outline() refuses, and a slice of more tokens than an order can
  // repeat. REQUIRES a spec that passes measure().
  static kernels::Expected<JobPlan> create(const runtime::JobSpec& spec,
                                           std::shared_ptr<const kernels::Tokenizer> tokenizer);

  // In one stream: cut to its first heading.
  const kernels::Outline& outline() const { return outline_; }
  std::size_t slices() const { return tokens_.size(); }
  // `none` in one stream.
  runtime::ContextMode context() const { return context_; }

  // REQUIRES slice < slices(), here and below.
  int tokens_max(std::size_t slice) const { return tokens_[slice]; }  // to write
  // As long as making the prompt takes, for it counts its tokens.
  SliceBudget budget(std::size_t slice) const;
  // The slices whose end a slice waits for, and whose text its prompt or summary is made from.
  SliceRange reads(std::size_t slice) const;
  std::vector<runtime::Path> inputs(std::size_t slice) const;
  // `text_before`: direct: visible text of the slice before, cut from its front to what fits the
  // budget; summary: that of all waves before; else nothing looks at it.
  std::vector<kernels::TokenId> prompt(std::size_t slice, std::string_view text_before) const;

  static runtime::Path path_of(std::size_t slice) { return runtime::path_of_slice(slice); }
  // Whose path it is; nothing where the plan has no such step.
  std::optional<std::size_t> slice_of(std::string_view path) const;
  // Visible text of a slice that has ended. Refuses an id that the vocabulary does not have.
  kernels::Expected<std::string> text_of(std::span<const kernels::TokenId> ids) const;

  // Of the context `summary`: wave 0 has no summary; that of wave w > 0 is made from the one before
  // and the text of wave w - 1.
  static std::size_t wave_of(std::size_t slice) { return slice / kWaveSlices; }
  SliceRange wave(std::size_t wave) const;

 private:
  JobPlan(const runtime::JobSpec& spec, kernels::Outline outline,
          std::shared_ptr<const kernels::Tokenizer> tokenizer);

  // With all of `text_before`; with none of it, and the most it may add, in tokens.
  std::vector<kernels::TokenId> whole_prompt(std::size_t slice, std::string_view text_before) const;
  std::size_t text_tokens_max(std::size_t slice) const;

  std::shared_ptr<const kernels::Tokenizer> tokenizer_;
  kernels::Outline outline_;
  runtime::ContextMode context_;
  bool one_stream_;
  std::string_view chat_template_;  // of the tokenizer; empty: none is used
  std::vector<std::string> stop_;
  std::vector<int> tokens_;  // to write, a slice
};

}  // namespace pecia::actors
