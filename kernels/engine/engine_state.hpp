#pragma once
// The inside of Engine, shared by the files that implement it and by nobody else.

#include <cassert>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernels/base/float_mode.hpp"
#include "kernels/engine/batcher.hpp"
#include "kernels/engine/engine.hpp"
#include "kernels/engine/forward.hpp"
#include "kernels/engine/kv_cache.hpp"
#include "kernels/engine/sequence.hpp"

namespace pecia::kernels {

struct Engine::State {
  State(std::shared_ptr<const Model> model, std::shared_ptr<const Tokenizer> tokenizer,
        ThreadPool& pool, Isa isa, EngineOptions options);

  // Stands in every public function that changes the state or computes: the contract's float mode,
  // and in debug builds a check that no other call is under way, on a thread or from a sink.
  class Call {
   public:
    explicit Call(State& state) : state_(state) {
      assert(!state.in_call);
      state.in_call = true;
    }
    ~Call() { state_.in_call = false; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    FloatModeGuard float_mode_;
    State& state_;
  };

  // -- constant after construction ---------------------------------------------------------------
  std::shared_ptr<const Model> model;
  std::shared_ptr<const Tokenizer> tokenizer;
  ThreadPool& pool;
  EngineOptions options;
  std::string numerics;
  LogitsSink sink;

  bool in_call = false;  // see Call

  // -- sequences ---------------------------------------------------------------------------------
  SequenceId next_id = 1;
  std::deque<Sequence> waiting;   // order of arrival
  std::vector<Sequence> running;  // order of arrival, at most sequences_max
  EngineStats counts;

  // -- a stage of a pipeline ---------------------------------------------------------------------
  struct Stage {
    PageTable pages;
    int positions = 0;
  };
  std::unordered_map<SequenceId, Stage> stages;

  // -- memory ------------------------------------------------------------------------------------
  Forward forward;
  KvCache cache;

  // -- scratch of one step -----------------------------------------------------------------------
  struct LogitsRow {
    int sequence = 0;  // index in running
    int position = 0;
    // Of a scoring sequence an empty token, or the error that ends it.
    std::optional<Expected<SampledToken>> token{};
  };
  std::vector<BatchCandidate> candidates;
  std::vector<BatchPart> parts;
  ForwardBatch batch;
  std::vector<LogitsRow> logits_rows;             // as batch.head_rows
  std::vector<Sampler> samplers;                  // a pool member each
  std::vector<std::vector<float>> logits_memory;  // (vocabulary) a pool member

  SequenceLimits limits() const;
  // Whether a request can come in at all, and has a place to wait.
  Status check_open() const;
  Expected<SequenceId> enqueue(Expected<Sequence> sequence);
  // Rows of the input, or why this layer range cannot take it.
  Expected<int> check_stage_input(const StageInput& input) const;
  Expected<std::vector<float>> run_stage_rows(const StageInput& input, const PageTable& pages,
                                              int rows);
  void drop_stage(SequenceId sequence);

  // -- the phases of step() ----------------------------------------------------------------------
  void admit();
  void plan();
  void gather(StepResult& result);
  void sample(const Rows& logits);
  void settle(const Rows& logits, StepResult& result);
  void publish();
  void retire();

  void count_adopted(Sequence& sequence);
  BatchCandidate candidate(Sequence& sequence);
  void gather_rows(const BatchPart& part);
  int add_span(int first_position, int rows, const PageTable& table);  // returns its first row
  std::span<const float> logits_line(const Rows& logits, std::size_t row, int member);
  Expected<SampledToken> judge(const LogitsRow& row, std::span<const float> logits, int member);
  void take_token(Sequence& sequence, const SampledToken& token, StepResult& result);
};

}  // namespace pecia::kernels
