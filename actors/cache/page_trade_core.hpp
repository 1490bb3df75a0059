#pragma once
// Pages from wherever in the cluster they are. A prompt's pages are kept here, or fetched from a
// node that said it has them, or computed, whatever is soonest; and where several nodes are about
// to compute the same prefix, one of them does and the others wait for it a little.
//
//   fetch   asked -- all kept --------------------------------------------------> answered
//             | missing, and a holder is known: wanted -> given ... end --> asked again
//             | missing, and nobody has it: wanted of the arbiter -> end --> asked again, once
//             '- neither, or wait_us is over, or the one who was asked is gone --> answered
//
//   claim   (at the arbiter, by the first missing page)   free -> computed by a node -> held
//           The next who asks for the same is told when it is held, or when that node went down.
//
// Answers are hints: whoever fetched less computes more. Nothing here decides what a document says.
// Pure; thread rule: one owner. Times are microseconds of one monotonic clock.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "actors/cache/cache_core.hpp"
#include "actors/cache/page_messages.hpp"

namespace pecia::actors {

using FetchKey = std::uint64_t;  // of whoever asks this cache, as the shell names it

struct TradeLimits {
  std::uint64_t wait_us = 1'200'000;  // of a fetch; below what counts as a stalled step
  std::size_t fetches_max = 4'096;    // at once; beyond it what is kept is the answer
  std::size_t claims_max = 65'536;    // that are remembered by an arbiter
  std::size_t parked_max = 4'096;     // askers who wait for somebody else's computing
  std::size_t page_tokens = 32;
};

// Who takes part: this node, and the one who arbitrates. Empty: nobody does.
struct TradeNames {
  runtime::NodeName self;
  runtime::NodeName arbiter;
};

struct TellCache {
  NodeBoot to;
  PageMessage message;
};
struct AnswerFetch {
  FetchKey key = 0;
  Pages pages;  // the first ones of what was asked, as many as there are
};
using TradeEffect = std::variant<TellCache, AnswerFetch>;
using TradeEffects = std::vector<TradeEffect>;

class PageTradeCore {
 public:
  PageTradeCore(CacheCore& cache, TradeLimits limits, TradeNames names);

  TradeEffects on_fetch(FetchKey key, PageNames names, std::uint64_t now_us);
  TradeEffects on_put(const Pages& pages, std::uint64_t now_us);
  TradeEffects on_peer_up(const NodeBoot& peer, std::uint64_t now_us);
  TradeEffects on_peer_down(const NodeBoot& peer, std::uint64_t now_us);
  TradeEffects on_message(const NodeBoot& from, const PageMessage& message, std::uint64_t now_us);
  TradeEffects on_tick(std::uint64_t now_us);

  // -- for views and tests
  std::size_t fetches() const { return fetches_.size(); }
  std::size_t parked() const { return parked_.size(); }
  std::uint64_t pages_fetched() const { return pages_fetched_; }
  std::uint64_t pages_given() const { return pages_given_; }

 private:
  struct Fetch {
    FetchKey key = 0;
    std::vector<Id> names;
    std::uint64_t until_us = 0;
    std::optional<NodeBoot> asked;  // and not yet answered
    std::set<NodeBoot> tried;       // as holders
    bool arbitrated = false;
    std::uint64_t asked_us = 0;
    std::size_t bytes = 0;  // of the one who was asked, so far
  };
  struct Claim {
    NodeBoot by;
    std::uint64_t until_us = 0;
  };
  struct Parked {
    NodeBoot who;
    RequestId request = 0;
    Id name{};
    std::uint64_t until_us = 0;
  };

  void on(const NodeBoot& from, const PagesHeld& held);
  void on(const NodeBoot& from, const PagesWanted& wanted);
  void on(const NodeBoot& from, const PageGiven& given);
  void on(const NodeBoot& from, const PagesEnd& end);

  void advance(std::map<RequestId, Fetch>::iterator at);
  bool ask_holder(RequestId request, Fetch& fetch, std::span<const Id> missing);
  bool ask_arbiter(RequestId request, Fetch& fetch, const Id& first);
  void answer(std::map<RequestId, Fetch>::iterator at);
  Pages kept_of(const std::vector<Id>& names);
  void arbitrate(const NodeBoot& who, RequestId request, const Id& name);
  void release(const Id& name);
  void end(const NodeBoot& who, RequestId request);
  void announce(const std::vector<Id>& names, const NodeBoot& to);
  std::size_t page_bytes() const;
  TradeEffects finish() { return std::exchange(effects_, {}); }

  CacheCore& cache_;
  const TradeLimits limits_;
  const TradeNames names_;
  std::set<NodeBoot> peers_;  // up
  std::map<RequestId, Fetch> fetches_;
  std::map<Id, Claim> claims_;
  std::deque<Parked> parked_;  // as they came
  RequestId requests_ = 0;
  std::uint64_t pages_fetched_ = 0, pages_given_ = 0;

  // of the event at work
  std::uint64_t now_us_ = 0;
  TradeEffects effects_;
};

}  // namespace pecia::actors
