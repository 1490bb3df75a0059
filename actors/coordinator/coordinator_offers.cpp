// Offers: what a worker has generated becomes a record, or not (PROTOCOL.md "offer", rules 1-4).

#include <algorithm>
#include <cassert>

#include "actors/coordinator/coordinator_core.hpp"
#include "actors/mutants.hpp"

namespace pecia::actors {

using namespace runtime;

// Whether the offer goes on where the recorded tokens of the step stand. REQUIRES from <= recorded.
bool CoordinatorCore::fits(const Step& step, const Offer& offer) const {
  const std::uint64_t overlap =
      std::min<std::uint64_t>(step.recorded() - offer.from, offer.ids.size());
  const auto recorded = step.ids.begin() + static_cast<std::ptrdiff_t>(offer.from);
  const bool same_ids =
      std::equal(recorded, recorded + static_cast<std::ptrdiff_t>(overlap), offer.ids.begin()) ||
      mutant(Mutant::overlap_unchecked);
  const bool same_chain = step.chains[offer.from] == offer.chain || mutant(Mutant::chain_unchecked);
  const std::uint64_t end = offer.from + offer.ids.size();
  const bool goes_on = end > step.recorded();
  const bool has_room = end <= static_cast<std::uint64_t>(step.plan.tokens_max);
  const bool ends_elsewhere = offer.end && end < step.recorded();
  return same_ids && same_chain && has_room && !(step.end_recorded && goes_on) && !ends_elsewhere;
}

Effects CoordinatorCore::on_offer(const Offer& offer, Now now) {
  if (!begins(now) || !meets(offer.from_node, offer.term_seen)) return finish();
  Attempt* attempt = attempts_.find(offer.attempt);
  Job* job = book_.find(offer.step.job);
  Step* step = book_.find(offer.step);
  const bool open =
      attempt != nullptr && attempt->step == offer.step && attempt->node == offer.from_node;
  if (!open || step == nullptr || !job->runs() || step->ended) {  // rule 1
    count(CoordinatorEvent::offer_not_open);
    effects_.emplace_back(ToNode{offer.from_node, Drop{term_, offer.attempt}});
    return finish();
  }
  attempt->held = true;
  attempt->have = std::max(attempt->have, offer.from + offer.ids.size());
  if (offer.from > step->recorded()) {  // rule 2
    count(CoordinatorEvent::offer_gap);
    if (!mutant(Mutant::gap_accepted)) {
      tell_committed(*attempt);
      return finish();
    }
  } else if (!fits(*step, offer)) {  // rule 3
    count(CoordinatorEvent::offer_diverged);
    take_away(*attempt, LeftReason::diverged);
    return finish();
  }
  take(*step, *attempt, offer);  // rule 4
  return finish();
}

void CoordinatorCore::take(Step& step, const Attempt& attempt, const Offer& offer) {
  // One offer may always be pending, however long.
  if (pending_.tokens() > 0 && pending_.tokens() + offer.ids.size() > limits_.pending_tokens_max) {
    count(CoordinatorEvent::offer_held_back);  // and offered again
    return;
  }
  const std::uint64_t known = std::min<std::uint64_t>(
      step.recorded() - std::min(offer.from, step.recorded()), offer.ids.size());
  std::vector<Record> records;
  TokenIds fresh(offer.ids.begin() + static_cast<std::ptrdiff_t>(known), offer.ids.end());
  if (!fresh.empty()) {
    const Chain chain = chain_after(step.chains.back(), fresh);
    records.emplace_back(
        TokensRecord{offer.step, step.recorded(), std::move(fresh), chain, offer.attempt});
  }
  if (offer.end && !step.end_recorded) {
    records.emplace_back(EndedRecord{offer.step, offer.end->reason, offer.from + offer.ids.size(),
                                     offer.end->bytes, offer.end->hash});
  }
  count(records.empty() ? CoordinatorEvent::offer_repeated : CoordinatorEvent::offer_appended);
  if (records.empty()) {
    tell_committed(attempt);  // all of it is known; so the answer was lost
    return;
  }
  record(std::move(records));
  if (mutant(Mutant::acknowledged_early))
    effects_.emplace_back(ToNode{attempt.node, Committed{term_, attempt.id, step.recorded()}});
}

void CoordinatorCore::tell_committed(const Attempt& attempt) {
  const Step& step = *book_.find(attempt.step);
  effects_.emplace_back(ToNode{attempt.node, Committed{term_, attempt.id, step.durable}});
}

}  // namespace pecia::actors
