#include "actors/cache/page_trade_core.hpp"

#include <algorithm>
#include <utility>

namespace pecia::actors {

namespace {

constexpr std::size_t kPageBytesGuess = 64 * 1024;  // until one is kept

}  // namespace

PageTradeCore::PageTradeCore(CacheCore& cache, TradeLimits limits, TradeNames names)
    : cache_(cache), limits_(limits), names_(std::move(names)) {}

// -- this node's own

TradeEffects PageTradeCore::on_fetch(FetchKey key, PageNames names, std::uint64_t now_us) {
  now_us_ = now_us;
  const auto at = fetches_.emplace(++requests_, Fetch{}).first;
  at->second.key = key;
  at->second.names = std::move(names.names);
  at->second.until_us = now_us + limits_.wait_us;
  if (fetches_.size() > limits_.fetches_max || at->second.names.size() > kPageNamesMax) {
    answer(at);
  } else {
    advance(at);
  }
  return finish();
}

TradeEffects PageTradeCore::on_put(const Pages& pages, std::uint64_t now_us) {
  now_us_ = now_us;
  std::vector<Id> fresh;
  for (const Page& page : pages.pages) {
    if (cache_.pages().put(page.name, page.parent, page.bytes) == PutOutcome::stored)
      fresh.push_back(page.name);
  }
  if (fresh.empty()) return finish();
  for (const NodeBoot& peer : peers_) announce(fresh, peer);
  for (const Id& name : fresh) release(name);
  return finish();
}

// -- peers

TradeEffects PageTradeCore::on_peer_up(const NodeBoot& peer, std::uint64_t now_us) {
  now_us_ = now_us;
  peers_.insert(peer);
  announce(cache_.pages().names(kPageNamesMax), peer);
  return finish();
}

TradeEffects PageTradeCore::on_peer_down(const NodeBoot& peer, std::uint64_t now_us) {
  now_us_ = now_us;
  peers_.erase(peer);
  cache_.down(peer);
  std::erase_if(parked_, [&](const Parked& each) { return each.who == peer; });
  std::vector<Id> free;
  for (const auto& [name, claim] : claims_) {
    if (claim.by == peer) free.push_back(name);
  }
  for (const Id& name : free) release(name);
  std::vector<RequestId> waiting;
  for (const auto& [request, fetch] : fetches_) {
    if (fetch.asked == peer) waiting.push_back(request);
  }
  for (const RequestId request : waiting) advance(fetches_.find(request));
  return finish();
}

TradeEffects PageTradeCore::on_message(const NodeBoot& from, const PageMessage& message,
                                       std::uint64_t now_us) {
  now_us_ = now_us;
  if (peers_.contains(from)) std::visit([&](const auto& each) { on(from, each); }, message);
  return finish();
}

TradeEffects PageTradeCore::on_tick(std::uint64_t now_us) {
  now_us_ = now_us;
  std::erase_if(parked_, [&](const Parked& each) { return each.until_us <= now_us; });
  std::erase_if(claims_, [&](const auto& each) { return each.second.until_us <= now_us; });
  for (auto at = fetches_.begin(); at != fetches_.end();) {
    const auto late = at++;
    if (late->second.until_us <= now_us) answer(late);
  }
  return finish();
}

void PageTradeCore::on(const NodeBoot& from, const PagesHeld& held) {
  cache_.holders().announce(from, held.names);
  for (const Id& name : held.names) release(name);
}

void PageTradeCore::on(const NodeBoot& from, const PagesWanted& wanted) {
  if (wanted.arbitrate && !wanted.names.empty())
    return arbitrate(from, wanted.request, wanted.names.front());
  for (const Id& name : wanted.names) {
    SharedBytes bytes = cache_.pages().get(name);
    if (bytes == nullptr) break;
    ++pages_given_;
    effects_.emplace_back(TellCache{
        from, PageGiven{wanted.request, {name, cache_.pages().parent_of(name), std::move(bytes)}}});
  }
  end(from, wanted.request);
}

void PageTradeCore::on(const NodeBoot& from, const PageGiven& given) {
  const auto at = fetches_.find(given.request);
  if (at == fetches_.end() || at->second.asked != from) return;
  at->second.bytes += given.page.bytes->size();
  const PutOutcome put = cache_.pages().put(given.page.name, given.page.parent, given.page.bytes);
  if (put == PutOutcome::refused) return cache_.holders().withdraw(from, given.page.name);
  if (put == PutOutcome::stored) ++pages_fetched_;
}

void PageTradeCore::on(const NodeBoot& from, const PagesEnd& end) {
  const auto at = fetches_.find(end.request);
  if (at == fetches_.end() || at->second.asked != from) return;
  const Fetch& fetch = at->second;
  if (fetch.bytes > 0) cache_.cost().fetched(from, fetch.bytes, now_us_ - fetch.asked_us);
  advance(at);
}

// -- a fetch

void PageTradeCore::advance(std::map<RequestId, Fetch>::iterator at) {
  Fetch& fetch = at->second;
  fetch.asked.reset();
  const auto missing = std::ranges::find_if(
      fetch.names, [this](const Id& name) { return !cache_.pages().has(name); });
  if (missing == fetch.names.end()) return answer(at);
  const std::span<const Id> rest(missing, fetch.names.end());
  if (ask_holder(at->first, fetch, rest)) return;
  if (!ask_arbiter(at->first, fetch, rest.front())) answer(at);
}

bool PageTradeCore::ask_holder(RequestId request, Fetch& fetch, std::span<const Id> missing) {
  const PagePlan plan = cache_.plan(missing, {page_bytes(), limits_.page_tokens});
  if (!plan.from || !peers_.contains(*plan.from) || !fetch.tried.insert(*plan.from).second)
    return false;
  fetch.asked = plan.from;
  fetch.asked_us = now_us_;
  fetch.bytes = 0;
  const auto wanted = missing.first(plan.fetched);
  effects_.emplace_back(
      TellCache{*plan.from, PagesWanted{request, false, {wanted.begin(), wanted.end()}}});
  return true;
}

// True: its word comes later.
bool PageTradeCore::ask_arbiter(RequestId request, Fetch& fetch, const Id& first) {
  if (names_.arbiter.empty() || std::exchange(fetch.arbitrated, true)) return false;
  fetch.asked_us = now_us_;
  fetch.bytes = 0;
  if (names_.arbiter == names_.self) {
    const NodeBoot self{names_.self, 0};
    const std::size_t parked = parked_.size();
    arbitrate(self, request, first);
    if (parked_.size() == parked) return false;
    fetch.asked = self;
    return true;
  }
  const auto peer = std::ranges::find(peers_, names_.arbiter, &NodeBoot::node);
  if (peer == peers_.end()) return false;
  fetch.asked = *peer;
  effects_.emplace_back(TellCache{*peer, PagesWanted{request, true, {first}}});
  return true;
}

void PageTradeCore::answer(std::map<RequestId, Fetch>::iterator at) {
  effects_.emplace_back(AnswerFetch{at->second.key, kept_of(at->second.names)});
  fetches_.erase(at);
}

// As far as they are kept: a page without the one before it is of no use.
Pages PageTradeCore::kept_of(const std::vector<Id>& names) {
  Pages kept;
  for (const Id& name : names) {
    SharedBytes bytes = cache_.pages().get(name);
    if (bytes == nullptr) break;
    kept.pages.push_back({name, std::nullopt, std::move(bytes)});
  }
  return kept;
}

// -- the arbiter

void PageTradeCore::arbitrate(const NodeBoot& who, RequestId request, const Id& name) {
  const auto claim = claims_.find(name);
  const bool wait = claim != claims_.end() && claim->second.by != who &&
                    claim->second.until_us > now_us_ && parked_.size() < limits_.parked_max &&
                    !cache_.pages().has(name);
  if (wait) {
    parked_.push_back({who, request, name, now_us_ + limits_.wait_us});
    return;
  }
  if (claims_.size() < limits_.claims_max) claims_[name] = {who, now_us_ + limits_.wait_us};
  if (who.node != names_.self) end(who, request);
}

// Somebody has it, or nobody computes it any more: those who wait look again.
void PageTradeCore::release(const Id& name) {
  if (claims_.erase(name) == 0) return;
  std::vector<Parked> released;
  std::erase_if(parked_, [&](const Parked& each) {
    if (each.name != name) return false;
    released.push_back(each);
    return true;
  });
  for (const Parked& each : released) end(each.who, each.request);
}

void PageTradeCore::end(const NodeBoot& who, RequestId request) {
  if (who.node != names_.self) {
    effects_.emplace_back(TellCache{who, PagesEnd{request}});
  } else if (const auto at = fetches_.find(request); at != fetches_.end()) {
    advance(at);
  }
}

void PageTradeCore::announce(const std::vector<Id>& names, const NodeBoot& to) {
  if (!names.empty()) effects_.emplace_back(TellCache{to, PagesHeld{names}});
}

std::size_t PageTradeCore::page_bytes() const {
  const NamedBytes& pages = std::as_const(cache_).pages();
  return pages.count() == 0 ? kPageBytesGuess : pages.bytes() / pages.count();
}

}  // namespace pecia::actors
