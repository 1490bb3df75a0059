#include "kernels/engine/engine.hpp"

#include <algorithm>

#include "kernels/base/float_mode.hpp"
#include "kernels/engine/engine_state.hpp"
#include "kernels/engine/numerics.hpp"

namespace pecia::kernels {
namespace {

constexpr int kChunkTokensMax = 512;

EngineOptions with_defaults(EngineOptions options, const ModelParams& params) {
  if (options.context_max <= 0) options.context_max = params.context;
  options.context_max = std::min(options.context_max, exact_positions_max(params));
  options.sequences_max = std::clamp(options.sequences_max, 1, kSequencesMax);
  options.waiting_max = std::max(options.waiting_max, 0);
  options.chunk_tokens = std::clamp(options.chunk_tokens, 1, kChunkTokensMax);
  return options;
}

KvCacheOptions cache_options(const EngineOptions& options, const Model& model,
                             const std::string& numerics) {
  const LayerRange range = model.range();
  const std::size_t page_bytes = kv_page_bytes(model.params(), range.last - range.first);
  const std::size_t all_sequences =
      static_cast<std::size_t>(options.sequences_max) * pages_for(options.context_max);
  return {.page_bytes = page_bytes,
          .pages_max = options.kv_bytes_max ? options.kv_bytes_max / page_bytes : all_sequences,
          .share = options.prefix_cache,
          .numerics = numerics,
          .salt = options.salt};
}

}  // namespace

std::string_view name_of(EndReason reason) {
  switch (reason) {
    case EndReason::length:
      return "length";
    case EndReason::eos:
      return "eos";
    case EndReason::stop_text:
      return "stop_text";
    case EndReason::context_full:
      return "context_full";
  }
  return "unknown";
}

Engine::State::State(std::shared_ptr<const Model> model_in,
                     std::shared_ptr<const Tokenizer> tokenizer_in, ThreadPool& pool_in, Isa isa,
                     EngineOptions options_in)
    : model(std::move(model_in)),
      tokenizer(std::move(tokenizer_in)),
      pool(pool_in),
      options(with_defaults(std::move(options_in), model->params())),
      numerics(numerics_id(pool, kernel_table(isa), *model)),
      forward(*model, pool, kernel_table(isa)),
      cache(model, cache_options(options, *model, numerics)),
      samplers(static_cast<std::size_t>(pool.threads()), Sampler(kernel_table(isa).exp)),
      logits_memory(static_cast<std::size_t>(pool.threads())) {
  running.reserve(static_cast<std::size_t>(options.sequences_max));
}

SequenceLimits Engine::State::limits() const {
  return {model->params().vocabulary, options.context_max, cache.store().pages_max(),
          tokenizer.get()};
}

Status Engine::State::check_open() const {
  if (!model->has_embedding() || !model->has_head()) {
    return fail(ErrorKind::refuse,
                "request: this engine holds layers [{},{}) of {}; a part of a model runs by stages",
                model->range().first, model->range().last, model->params().layers);
  }
  // Those that find a place in the batch at the next step do not wait.
  const std::size_t places = static_cast<std::size_t>(options.sequences_max) - running.size();
  const std::size_t room = places + static_cast<std::size_t>(options.waiting_max);
  if (waiting.size() < room) return {};
  return fail(ErrorKind::retry, "request: {} sequences wait already for {} places, at most {} may",
              waiting.size(), options.sequences_max, options.waiting_max);
}

Expected<SequenceId> Engine::State::enqueue(Expected<Sequence> sequence) {
  if (!sequence) return sequence.error();
  waiting.push_back(std::move(*sequence));
  return next_id++;
}

Engine::Engine(std::shared_ptr<const Model> model, std::shared_ptr<const Tokenizer> tokenizer,
               ThreadPool& pool, Isa isa, EngineOptions options) {
  const FloatModeGuard guard;
  state_ = std::make_unique<State>(std::move(model), std::move(tokenizer), pool, isa,
                                   std::move(options));
}

Engine::~Engine() = default;

Expected<SequenceId> Engine::add(Request request) {
  const State::Call call(*state_);
  if (const Status open = state_->check_open(); !open) return open.error();
  return state_->enqueue(
      Sequence::generating(state_->next_id, std::move(request), state_->limits()));
}

Expected<SequenceId> Engine::add_scoring(std::vector<TokenId> tokens, int logits_from) {
  const State::Call call(*state_);
  if (const Status open = state_->check_open(); !open) return open.error();
  return state_->enqueue(
      Sequence::scoring(state_->next_id, std::move(tokens), logits_from, state_->limits()));
}

void Engine::set_logits_sink(LogitsSink sink) {
  const State::Call call(*state_);
  state_->sink = std::move(sink);
}

void Engine::cancel(SequenceId sequence) {
  const State::Call call(*state_);
  std::erase_if(state_->waiting, [&](const Sequence& one) { return one.id() == sequence; });
  for (Sequence& one : state_->running) one.finished = one.id() == sequence;
  state_->retire();
}

bool Engine::idle() const { return state_->waiting.empty() && state_->running.empty(); }

EngineStats Engine::stats() const {
  EngineStats stats = state_->counts;
  stats.pages_in_use = state_->cache.store().held();
  stats.pages_cached = state_->cache.store().idle();
  stats.page_bytes = state_->cache.store().page_bytes();
  return stats;
}

const std::string& Engine::numerics() const { return state_->numerics; }

std::vector<Id> Engine::page_names(std::span<const TokenId> tokens) const {
  const State::Call call(*state_);
  return state_->cache.scope().names(tokens);
}

bool Engine::has_page(const Id& name) const {
  const State::Call call(*state_);
  return state_->cache.has_page(name);
}

Expected<std::vector<std::byte>> Engine::export_page(const Id& name) const {
  const State::Call call(*state_);
  return state_->cache.export_page(name);
}

Status Engine::import_page(std::span<const std::byte> bytes) {
  const State::Call call(*state_);
  return state_->cache.import_page(bytes);
}

}  // namespace pecia::kernels
