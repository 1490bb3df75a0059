#include "actors/cache/cache_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <map>

#include "actors/clock_and_chance.hpp"
#include "actors/exceptions.hpp"

namespace pecia::actors {

namespace {

constexpr std::chrono::milliseconds kTick(50);
constexpr std::uint8_t kUrgent = 1, kBulky = 0;  // words before pages

class CacheActor : public CacheHandle::base {
 public:
  CacheActor(caf::actor_config& config, CacheParts parts)
      : CacheHandle::base(config),
        door_(std::move(parts.door)),
        cache_(parts.limits, SpeedGuesses{}, std::move(parts.check)),
        trade_(cache_, TradeLimits{}, std::move(parts.names)) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    if (door_) delayed_send(this, kTick, TickAtom::value);
    return {
        [this](FetchAtom, const PageNames& asked) -> caf::result<Pages> {
          const auto promise = promises_[++fetches_] = make_response_promise<Pages>();
          carry_out(trade_.on_fetch(fetches_, asked, steady_us()));
          return promise;
        },
        [this](MissingAtom, const PageNames& asked) {
          PageNames missing;
          for (const Id& name : asked.names) {
            if (!cache_.pages().has(name)) missing.names.push_back(name);
          }
          return missing;
        },
        [this](PutAtom, const Pages& pages) { carry_out(trade_.on_put(pages, steady_us())); },
        [this](SpeedAtom, const Prefilled& speed) {
          cache_.cost().prefilled(speed.tokens, speed.elapsed_us);
        },
        [this](PeerUpAtom, const PeerUp& up) {
          links_[up.peer] = up.link;
          carry_out(trade_.on_peer_up(up.peer, steady_us()));
        },
        [this](PeerDownAtom, const PeerDown& down) {
          links_.erase(down.peer);
          carry_out(trade_.on_peer_down(down.peer, steady_us()));
        },
        [this](TransferAtom, const PeerTransfer& transfer) { on_transfer(transfer); },
        [this](TickAtom) {
          carry_out(trade_.on_tick(steady_us()));
          delayed_send(this, kTick, TickAtom::value);
        },
    };
  }

  void on_exit() override {
    for (auto& [key, promise] : promises_)
      promise.deliver(caf::make_error(caf::sec::request_receiver_down));
    promises_.clear();
  }

 private:
  void on_transfer(const PeerTransfer& transfer) {
    const auto message = decode_page_message(transfer.kind, *transfer.bytes);
    if (!message) return;  // no cache of ours: as good as lost
    carry_out(trade_.on_message(transfer.peer, *message, steady_us()));
  }

  void carry_out(const TradeEffects& effects) {
    for (const TradeEffect& effect : effects) std::visit([this](const auto& e) { on(e); }, effect);
  }
  void on(const TellCache& told) {
    const auto link = links_.find(told.to);
    if (!door_ || link == links_.end()) return;
    const PagePacket packet = encode(told.message);
    // An end goes behind the pages before it.
    const bool follows = std::holds_alternative<PageGiven>(told.message) ||
                         std::holds_alternative<PagesEnd>(told.message);
    door_->send(told.to.node, link->second,
                {++transfers_, packet.kind, follows ? kBulky : kUrgent, packet.bytes});
  }
  void on(const AnswerFetch& answered) {
    const auto at = promises_.find(answered.key);
    if (at == promises_.end()) return;
    at->second.deliver(answered.pages);
    promises_.erase(at);
  }

  const std::shared_ptr<BulkDoor> door_;
  CacheCore cache_;
  PageTradeCore trade_;
  std::map<NodeBoot, runtime::LinkNumber> links_;
  std::map<FetchKey, caf::typed_response_promise<Pages>> promises_;
  FetchKey fetches_ = 0;
  std::uint64_t transfers_ = 0;
};

}  // namespace

CacheHandle spawn_cache(caf::actor_system& system, CacheParts parts) {
  return system.spawn<CacheActor, caf::detached>(std::move(parts));
}

}  // namespace pecia::actors
