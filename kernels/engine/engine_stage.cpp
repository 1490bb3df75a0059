// A stage of a pipeline: the same layers, fed by hand with rows of one sequence at a time.

#include <algorithm>
#include <numeric>

#include "kernels/base/float_mode.hpp"
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
  if (rows > static_cast<std::size_t>(options.context_max - next)) {
    return refuse(input.sequence, "{} rows from position {} do not fit into a context of {}", rows,
                  next, options.context_max);
  }
  return static_cast<int>(rows);
}

Expected<std::vector<float>> Engine::run_stage(const StageInput& input) {
  const FloatModeGuard guard;
  State& state = *state_;
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
    drop_stage(input.sequence);
    return fail(ErrorKind::elsewhere, "stage of sequence {}: no memory for KV pages, it is dropped",
                input.sequence);
  }
  std::vector<float> out;
  for (int first = 0; first < *rows; first += state.options.chunk_tokens) {
    const int count = std::min(state.options.chunk_tokens, *rows - first);
    state.run_stage_rows(input, stage.pages, first, count, out);
  }
  stage.positions = end;
  return out;
}

void Engine::State::run_stage_rows(const StageInput& input, const PageTable& pages, int first,
                                   int rows, std::vector<float>& out) {
  batch.clear();
  add_span(input.first_position + first, rows, pages);
  if (model->has_embedding()) {
    const auto tokens = input.tokens.subspan(first, rows);
    batch.tokens.assign(tokens.begin(), tokens.end());
  } else {
    const auto width = static_cast<std::size_t>(model->params().width);
    batch.hidden = input.hidden.subspan(first * width, rows * width);
  }
  if (model->has_head()) {
    batch.head_rows.resize(static_cast<std::size_t>(rows));
    std::iota(batch.head_rows.begin(), batch.head_rows.end(), 0);
  }
  const Rows result = forward.run(batch);
  for (int row = 0; row < rows; ++row) {
    const std::span<const float> line = logits_line(result, static_cast<std::size_t>(row), 0);
    out.insert(out.end(), line.begin(), line.end());
  }
}

void Engine::drop_stage(SequenceId sequence) {
  const auto found = state_->stages.find(sequence);
  if (found == state_->stages.end()) return;
  state_->cache.release(found->second.pages);
  state_->stages.erase(found);
}

}  // namespace pecia::kernels
