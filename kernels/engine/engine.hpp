#pragma once
// The one class a worker owns: sequences in, tokens out, by continuous batching over paged KV.
//
//   add() -> waiting -> prefill (chunks of chunk_tokens, shared with decoding rows) -> generating
//         -> finished(reason), reported by step(), or cancelled by cancel()
//
// A sequence's tokens are a pure function of its Request, the model and the numerics id: batch
// mates, chunk sizes, threads, page hits and order of calls change nothing, bit for bit.
// No clock, no I/O, no thread but the pool's. Thread rule: one caller at a time. Whatever rounding
// mode the caller's thread is in, the engine computes in the contract's and puts the other back.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/cpu/isa.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/engine/model.hpp"
#include "kernels/engine/sampler.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

inline constexpr int kSequencesMax = 1'024;             // of EngineOptions::sequences_max
inline constexpr std::size_t kStopsMax = 64;            // stop strings of one request
inline constexpr std::size_t kStopBytesMax = 4 * 1024;  // in all stop strings of one request

struct EngineOptions {
  int context_max = 0;             // positions of one sequence; 0: the model's trained context
  int sequences_max = 64;          // in one batch, 1..kSequencesMax; more wait
  int waiting_max = 4'096;         // sequences behind them; beyond, add() says retry
  int chunk_tokens = 256;          // prompt rows of one step, 1..512
  std::uint64_t kv_bytes_max = 0;  // 0: sequences_max * context_max worth of pages
  bool prefix_cache = true;        // finished pages stay findable by content until needed
  std::string salt{};              // cluster fingerprint in page keys; "" in one process
};

using SequenceId = std::uint64_t;

struct Request {
  std::vector<TokenId> prompt;  // at least one token
  std::vector<TokenId> resume;  // tokens generated before; position continues behind them
  int tokens_max = 0;           // generated tokens, resumed ones included
  SamplingParams sampling;
  std::uint64_t key = 0;          // sampling_key(seed, path)
  std::vector<std::string> stop;  // ends when the generated text contains one; kStopsMax at most
  bool ignore_eos = false;
};

enum class EndReason : std::uint8_t { length, eos, stop_text, context_full };
std::string_view name_of(EndReason reason);

struct TokenEvent {
  SequenceId sequence = 0;
  TokenId id = -1;
  float logprob = 0;
  std::optional<EndReason> end;  // this was the last token
};

struct StepResult {
  std::vector<TokenEvent> tokens;
  // Sequences, generating or scoring, that could not go on (kind refuse: content, e.g. non-finite
  // logits; elsewhere: memory). They are gone.
  std::vector<std::pair<SequenceId, Error>> failed;
  int prompt_rows = 0;  // rows of this step that were prefill
  int rows = 0;
};

struct EngineStats {
  // Rows computed of prompts (and resumed or scored tokens), rows taken from pages instead.
  std::uint64_t prompt_tokens = 0, prompt_tokens_reused = 0;
  std::uint64_t generated_tokens = 0;
  std::uint64_t pages_in_use = 0, pages_cached = 0, page_bytes = 0;
};

// One evaluated position's logits, all finite, for perplexity and tests. Called inside step(), so
// it may not call the engine but for numerics(), stats() and idle().
using LogitsSink = std::function<void(SequenceId, int position, std::span<const float> logits)>;

class Engine {
 public:
  // `tokenizer` serves stop strings and end-of-generation ids; may be null where neither matters.
  Engine(std::shared_ptr<const Model> model, std::shared_ptr<const Tokenizer> tokenizer,
         ThreadPool& pool, Isa isa, EngineOptions options);
  ~Engine();

  Expected<SequenceId> add(Request request);
  // Feeds tokens and reports logits of positions >= logits_from to the sink, in order of position;
  // generates nothing. Where a sink is set, a step holds chunk_tokens rows of logits. Without one
  // nobody looks at the logits, so nobody finds out either that they are not finite.
  Expected<SequenceId> add_scoring(std::vector<TokenId> tokens, int logits_from);
  void set_logits_sink(LogitsSink sink);  // also called for generating sequences' sampled rows
  void cancel(SequenceId sequence);

  // Advances every sequence it can by one token, or a prompt by one chunk. Empty when idle.
  StepResult step();
  bool idle() const;

  // -- pages: named by content, exchanged as checksummed bytes -----------------------------------
  // Names of the full pages that hold tokens[0..), in order. The first call of any of these four
  // reads the whole model file once to name the model: seconds where the file is large.
  std::vector<Id> page_names(std::span<const TokenId> tokens) const;
  bool has_page(const Id& name) const;
  Expected<std::vector<std::byte>> export_page(const Id& name) const;
  // Verifies checksum, name, shape and numerics; a bad page is refused and nothing changes. Pages
  // come in the order of their text: where the parent is not here, the answer is retry.
  Status import_page(std::span<const std::byte> bytes);

  // -- a stage of a pipeline ---------------------------------------------------------------------
  // Runs this model's layer range over rows of one sequence at consecutive positions, at most
  // chunk_tokens of them. One sequence a call: stages do not batch, and their pages are neither
  // named, shared nor exported; they end with drop_stage(). Non-finite results are refused, and the
  // sequence is dropped.
  // hidden: (rows, width) row-major f32, in and out; tokens are used instead where the range starts
  // at layer 0. Where the range ends with the head, returns logits (rows, vocabulary) instead.
  struct StageInput {
    SequenceId sequence = 0;          // caller's name; its pages live until drop_stage()
    int first_position = 0;           // continues where the last call ended
    std::span<const TokenId> tokens;  // (rows)
    std::span<const float> hidden;    // (rows, width); empty for the first stage
  };
  Expected<std::vector<float>> run_stage(const StageInput& input);
  void drop_stage(SequenceId sequence);

  EngineStats stats() const;
  const std::string& numerics() const;  // numerics id of this backend and dtype

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pecia::kernels
