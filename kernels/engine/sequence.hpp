#pragma once
// One request on its way through the engine: what is known, what is computed, when it ends.
// Nothing here touches memory pages or weights. Thread rule: one caller at a time.

#include <optional>
#include <span>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/engine/engine.hpp"
#include "kernels/engine/kv_cache.hpp"
#include "kernels/text/stop_matcher.hpp"

namespace pecia::kernels {

// What a request is checked against.
struct SequenceLimits {
  int vocabulary = 0;
  int context = 0;                       // positions of one sequence
  std::size_t pages_max = 0;             // of the whole engine
  const Tokenizer* tokenizer = nullptr;  // null: no stop strings, no end-of-generation ids
};

class Sequence {
 public:
  // Errors (kind refuse) say what of the request is wrong, and with which numbers.
  static Expected<Sequence> generating(SequenceId id, Request request,
                                       const SequenceLimits& limits);
  static Expected<Sequence> scoring(SequenceId id, std::vector<TokenId> tokens, int logits_from,
                                    const SequenceLimits& limits);

  SequenceId id() const { return id_; }
  bool is_scoring() const { return scoring_; }
  std::span<const TokenId> tokens() const { return tokens_; }
  const SamplingParams& sampling() const { return sampling_; }
  std::uint64_t key() const { return key_; }

  // Pages it holds at its end.
  std::size_t pages_total() const { return pages_for(positions_total_); }
  // Index of the next generated token in its step.
  std::size_t next_index() const { return tokens_.size() - prompt_tokens_; }
  // First position whose logits are needed: positions before it may come from foreign pages.
  int logits_from() const { return logits_from_; }
  bool is_generating() const { return tokens_.size() > given_tokens_; }
  int rows_left() const { return static_cast<int>(tokens_.size()) - fed; }

  // Keys of the full pages of known tokens.
  std::span<const Id> keys();
  // Keys of the pages it may take from others.
  std::span<const Id> adoptable_keys();

  // Appends a generated token; the reason if it is the last one.
  std::optional<EndReason> push(TokenId token);

  // Kept by the engine.
  int fed = 0;  // positions that are computed or adopted
  PageTable pages;
  bool finished = false;
  bool failed = false;  // finished, and what it computed last is of no use to others

 private:
  Sequence(SequenceId id, std::vector<TokenId> tokens, const std::vector<std::string>& stop)
      : id_(id), tokens_(std::move(tokens)), stop_(stop) {}
  std::optional<EndReason> end_after(TokenId token);

  // Constant after the request was accepted.
  SequenceId id_;
  bool scoring_ = false;
  std::size_t prompt_tokens_ = 0;
  std::size_t given_tokens_ = 0;  // prompt and resumed tokens
  std::size_t tokens_end_ = 0;    // tokens when the length limit is reached
  std::int64_t positions_total_ = 0;
  int context_ = 0;
  SamplingParams sampling_;
  std::uint64_t key_ = 0;
  bool ignore_eos_ = false;
  const Tokenizer* tokenizer_ = nullptr;
  // Grows with every token.
  std::vector<TokenId> tokens_;
  int logits_from_ = 0;
  StopMatcher stop_;
  std::vector<Id> keys_;
};

}  // namespace pecia::kernels
