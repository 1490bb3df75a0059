#include "actors/coordinator/pending_appends.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "actors/mutants.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

std::uint64_t tokens_in(const std::vector<Record>& records) {
  std::uint64_t tokens = 0;
  for (const Record& record : records) {
    if (const auto* found = std::get_if<TokensRecord>(&record)) tokens += found->ids.size();
  }
  return tokens;
}

}  // namespace

void PendingAppends::send(Pending& pending, Effects& effects) {
  pending.transaction = ++transactions_;
  ++asked_;
  effects.emplace_back(Append{pending.transaction, pending.records});
}

void PendingAppends::append(std::vector<Record> records, Effects& effects) {
  tokens_ += tokens_in(records);
  pending_.push_back({0, std::move(records)});
  if (!refused_) send(pending_.back(), effects);
}

std::vector<Record> PendingAppends::answered(const AppendAnswer& answer, std::uint64_t now_ms) {
  assert(answer.outcome != AppendOutcome::deposed && asked_ > 0);
  --asked_;
  if (answer.outcome == AppendOutcome::durable) {
    assert(!refused_ && pending_.front().transaction == answer.transaction);
    std::vector<Record> records = std::move(pending_.front().records);
    pending_.pop_front();
    tokens_ -= tokens_in(records);
    stalled_ = false;
    backoff_ms_ = 0;
    return records;
  }
  stalled_ = refused_ = true;
  why_ = answer.why;
  if (asked_ == 0) {
    backoff_ms_ =
        std::clamp(2 * backoff_ms_, limits_.storage_retry_ms, limits_.storage_retry_ms_max);
    retry_at_ms_ = now_ms + backoff_ms_;
  }
  return {};
}

void PendingAppends::tick(std::uint64_t now_ms, Effects& effects) {
  if (!retry_at_ms_ || now_ms < *retry_at_ms_) return;
  retry_at_ms_.reset();
  refused_ = false;
  effects.emplace_back(RetryStorage{});
  if (mutant(Mutant::full_forgets)) pending_.clear();
  // No end of a job shall wait for room that notes want. They follow from nothing.
  std::stable_partition(pending_.begin(), pending_.end(),
                        [](const Pending& each) { return !only_notes(each.records); });
  for (Pending& pending : pending_) send(pending, effects);
}

}  // namespace pecia::actors
