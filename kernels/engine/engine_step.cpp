// One step: admit, plan, compute, sample, report, publish, retire.

#include <algorithm>

#include "kernels/engine/engine_state.hpp"

namespace pecia::kernels {
namespace {

void end_badly(Sequence& sequence, StepResult& result, Error error) {
  result.failed.emplace_back(sequence.id(), std::move(error));
  sequence.finished = sequence.failed = true;
}

}  // namespace

StepResult Engine::step() {
  State& state = *state_;
  const State::Call call(state);
  StepResult result;
  state.admit();
  state.plan();
  state.gather(result);
  if (!state.batch.spans.empty()) {
    const Rows logits = state.forward.run(state.batch);
    state.sample(logits);
    state.settle(logits, result);
    state.publish();
  }
  state.retire();
  return result;
}

// First come, first served: a large request is never overtaken for ever by small ones.
void Engine::State::admit() {
  while (!waiting.empty() && running.size() < static_cast<std::size_t>(options.sequences_max)) {
    Sequence& first = waiting.front();
    const auto shared = cache.shares() ? first.adoptable_keys() : std::span<const Id>();
    if (!cache.admit(first.pages, first.pages_total(), shared)) return;
    count_adopted(first);
    running.push_back(std::move(first));
    waiting.pop_front();
  }
}

// All its pages are full: those it computed before and those it just adopted.
void Engine::State::count_adopted(Sequence& sequence) {
  const int fed = static_cast<int>(sequence.pages.pages.size()) * kPageTokens;
  counts.prompt_tokens_reused += static_cast<std::uint64_t>(fed - sequence.fed);
  sequence.fed = fed;
}

// Takes pages that others have finished meanwhile, then decides who computes how many rows.
void Engine::State::plan() {
  candidates.clear();
  for (Sequence& sequence : running) candidates.push_back(candidate(sequence));
  plan_batch(candidates, options.chunk_tokens, parts);
}

BatchCandidate Engine::State::candidate(Sequence& sequence) {
  if (sequence.is_generating() || !cache.shares()) {
    return {.rows_left = sequence.rows_left(), .generating = sequence.is_generating()};
  }
  const std::span<const Id> shared = sequence.adoptable_keys();
  const auto at_page_start = [&] {
    return sequence.pages.pages.size() * kPageTokens == static_cast<std::size_t>(sequence.fed);
  };
  if (at_page_start()) {
    cache.adopt(sequence.pages, shared);
    count_adopted(sequence);
  }
  BatchCandidate candidate{.rows_left = sequence.rows_left()};
  const auto page = static_cast<std::size_t>(sequence.fed / kPageTokens);
  if (page < sequence.keys().size()) candidate.computes = sequence.keys()[page];
  if (at_page_start() && page < shared.size()) candidate.takes = shared[page];
  return candidate;
}

void Engine::State::gather(StepResult& result) {
  batch.clear();
  logits_rows.clear();
  for (const BatchPart& part : parts) {
    Sequence& sequence = running[static_cast<std::size_t>(part.candidate)];
    if (!cache.cover(sequence.pages, static_cast<std::size_t>(sequence.fed) +
                                         static_cast<std::size_t>(part.rows))) {
      end_badly(sequence, result,
                fail(ErrorKind::elsewhere, "sequence {}: no memory for a KV page of {} bytes",
                     sequence.id(), cache.store().page_bytes()));
      continue;
    }
    if (!sequence.is_generating()) result.prompt_rows += part.rows;
    gather_rows(part);
  }
  result.rows = batch.rows();
  counts.prompt_tokens += static_cast<std::uint64_t>(result.prompt_rows);
}

void Engine::State::gather_rows(const BatchPart& part) {
  Sequence& sequence = running[static_cast<std::size_t>(part.candidate)];
  const int first_row = add_span(sequence.fed, part.rows, sequence.pages);
  const auto tokens = sequence.tokens().subspan(sequence.fed, part.rows);
  batch.tokens.insert(batch.tokens.end(), tokens.begin(), tokens.end());
  const bool wanted = !sequence.is_scoring() || sink;
  const int last = sequence.fed + part.rows;
  for (int at = std::max(sequence.fed, sequence.logits_from()); wanted && at < last; ++at) {
    logits_rows.push_back({.sequence = part.candidate, .position = at});
    batch.head_rows.push_back(first_row + at - sequence.fed);
  }
  sequence.fed = last;
}

int Engine::State::add_span(int first_position, int rows, const PageTable& table) {
  const int first_row = batch.rows();
  AttentionSpan& span = batch.spans.emplace_back();
  span.first_row = first_row;
  span.rows = rows;
  span.first_position = first_position;
  const std::size_t pages = pages_for(first_position + rows);
  for (std::size_t page = 0; page < pages; ++page) {
    span.pages.push_back(cache.halves(table.pages[page]));
  }
  return first_row;
}

// Pages that became full in this step are there for everyone from now on.
void Engine::State::publish() {
  if (!cache.shares()) return;
  for (const BatchPart& part : parts) {
    Sequence& sequence = running[static_cast<std::size_t>(part.candidate)];
    if (sequence.failed) continue;
    const int first_fed = sequence.fed - part.rows;
    for (int page = first_fed / kPageTokens; page < sequence.fed / kPageTokens; ++page) {
      cache.publish(sequence.pages, static_cast<std::size_t>(page), sequence.keys(),
                    sequence.tokens());
    }
  }
}

std::span<const float> Engine::State::logits_line(const Rows& logits, std::size_t row, int member) {
  std::vector<float>& line = logits_memory[static_cast<std::size_t>(member)];
  line.resize(static_cast<std::size_t>(logits.cols));
  read_row(logits, static_cast<int>(row), line);
  return line;
}

void Engine::State::sample(const Rows& logits) {
  pool.run(static_cast<std::int64_t>(logits_rows.size()), [&](std::int64_t row, int member) {
    LogitsRow& entry = logits_rows[static_cast<std::size_t>(row)];
    entry.token = judge(entry, logits_line(logits, static_cast<std::size_t>(row), member), member);
  });
}

Expected<SampledToken> Engine::State::judge(const LogitsRow& row, std::span<const float> logits,
                                            int member) {
  const Sequence& sequence = running[static_cast<std::size_t>(row.sequence)];
  if (sequence.is_scoring()) {
    const Status finite = check_finite(logits, static_cast<std::uint64_t>(row.position));
    if (!finite) return finite.error();
    return SampledToken{};
  }
  return samplers[static_cast<std::size_t>(member)].sample(
      logits, sequence.tokens(), sequence.sampling(), sequence.key(), sequence.next_index());
}

// Row by row: a sequence fails at its first bad row, and the sink sees none from there on.
void Engine::State::settle(const Rows& logits, StepResult& result) {
  for (std::size_t row = 0; row < logits_rows.size(); ++row) {
    const LogitsRow& entry = logits_rows[row];
    Sequence& sequence = running[static_cast<std::size_t>(entry.sequence)];
    if (sequence.failed) continue;
    if (!*entry.token) {
      end_badly(sequence, result, entry.token->error());
      continue;
    }
    if (sink) sink(sequence.id(), entry.position, logits_line(logits, row, 0));
    if (!sequence.is_scoring()) take_token(sequence, **entry.token, result);
  }
}

void Engine::State::take_token(Sequence& sequence, const SampledToken& token, StepResult& result) {
  const std::optional<EndReason> end = sequence.push(token.id);
  sequence.finished = end.has_value();
  result.tokens.push_back({sequence.id(), token.id, token.logprob, end});
  ++counts.generated_tokens;
}

void Engine::State::retire() {
  for (Sequence& sequence : running) {
    if (sequence.is_scoring() && sequence.rows_left() == 0) sequence.finished = true;
    if (sequence.finished) cache.release(sequence.pages);
  }
  std::erase_if(running, [](const Sequence& sequence) { return sequence.finished; });
}

}  // namespace pecia::kernels
