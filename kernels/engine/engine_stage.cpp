// A stage of a pipeline: the same layers, fed by hand with rows of one sequence at a time.

#include <numeric>

#include "kernels/engine/engine_state.hpp"

namespace pecia::kernels {
namespace {

template <class... Args>
Error refuse(SequenceId sequence, fmt::format_string<Args...> text, Args&&... args) {
  return fail(ErrorKind::refuse, "stage of sequence {}: {}", sequence,
              fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace

Expected<int> Engine::State::check_stage_input(const StageInput& input) const {
  const auto width = static_cast<std::size_t>(model->params().width);
  const bool by_tokens = model->has_embedding();
  if (by_tokens != input.hidden.empty() || by_tokens == input.tokens.empty()) {
    return refuse(input.sequence, "{} tokens and {} hidden values given; from layer {} it takes {}",
                  input.tokens.size(), input.hidden.size(), model->range().first,
                  by_tokens ? "tokens alone" : "hidden states alone");
  }
  if (input.hidden.size() % width != 0) {
    return refuse(input.sequence, "{} hidden values are not rows of {}", input.hidden.size(),
                  width);
  }
  const int vocabulary = model->params().vocabulary;
  for (const TokenId token : input.tokens) {
    if (token < 0 || token >= vocabulary) {
      return refuse(input.sequence, "token id {}, the vocabulary is 0..{}", token, vocabulary - 1);
    }
  }
  const auto found = stages.find(input.sequence);
  const int next = found == stages.end() ? 0 : found->second.positions;
  if (input.first_position != next) {
    return refuse(input.sequence, "rows from position {}, the next one is {}", input.first_position,
                  next);
  }
  const std::size_t rows = by_tokens ? input.tokens.size() : input.hidden.size() / width;
  if (rows > static_cast<std::size_t>(options.chunk_tokens)) {
    return refuse(input.sequence, "{} rows, one call takes at most {} (chunk_tokens)", rows,
                  options.chunk_tokens);
  }
  if (rows > static_cast<std::size_t>(options.context_max - next)) {
    return refuse(input.sequence, "{} rows from position {} do not fit into a context of {}", rows,
                  next, options.context_max);
  }
  return static_cast<int>(rows);
}

Expected<std::vector<float>> Engine::run_stage(const StageInput& input) {
  State& state = *state_;
  const State::Call call(state);
  const Expected<int> rows = state.check_stage_input(input);
  if (!rows) return rows.error();

  State::Stage& stage = state.stages[input.sequence];
  const int end = stage.positions + *rows;
  const std::size_t pages_more = pages_for(end) - stage.pages.pages_total;
  if (!state.cache.extend(stage.pages, pages_more)) {
    if (stage.positions == 0) state.stages.erase(input.sequence);
    return fail(ErrorKind::retry, "stage of sequence {}: no {} KV pages are free of {}",
                input.sequence, pages_more, state.cache.store().pages_max());
  }
  if (!state.cache.cover(stage.pages, static_cast<std::size_t>(end))) {
    state.drop_stage(input.sequence);
    return fail(ErrorKind::elsewhere, "stage of sequence {}: no memory for KV pages, it is dropped",
                input.sequence);
  }
  stage.positions = end;
  Expected<std::vector<float>> out = state.run_stage_rows(input, stage.pages, *rows);
  if (!out) state.drop_stage(input.sequence);
  return out;
}

Expected<std::vector<float>> Engine::State::run_stage_rows(const StageInput& input,
                                                           const PageTable& pages, int rows) {
  batch.clear();
  add_span(input.first_position, rows, pages);
  batch.tokens.assign(input.tokens.begin(), input.tokens.end());
  batch.hidden = input.hidden;
  if (model->has_head()) {
    batch.head_rows.resize(static_cast<std::size_t>(rows));
    std::iota(batch.head_rows.begin(), batch.head_rows.end(), 0);
  }
  const Rows result = forward.run(batch);
  const auto cols = static_cast<std::size_t>(result.cols);
  std::vector<float> out(static_cast<std::size_t>(rows) * cols);
  for (int row = 0; row < rows; ++row) {
    const std::span<float> line = std::span(out).subspan(row * cols, cols);
    read_row(result, row, line);
    if (!all_finite(line)) {
      return refuse(input.sequence, "non-finite {} at position {}, it is dropped",
                    model->has_head() ? "logits" : "hidden states", input.first_position + row);
    }
  }
  return out;
}

void Engine::drop_stage(SequenceId sequence) {
  const State::Call call(*state_);
  state_->drop_stage(sequence);
}

void Engine::State::drop_stage(SequenceId sequence) {
  const auto found = stages.find(sequence);
  if (found == stages.end()) return;
  cache.release(found->second.pages);
  stages.erase(found);
}

}  // namespace pecia::kernels
