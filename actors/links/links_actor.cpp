#include "actors/links/links_actor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <map>
#include <set>

#include "actors/exceptions.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr std::chrono::seconds kHandshakeDeadline(5);
constexpr std::uint16_t kPort = 1;  // CAF wants one; nothing listens on it

class LinksActor : public LinksHandle::base {
 public:
  LinksActor(caf::actor_config& config, LinksParts parts, caf::actor broker)
      : LinksHandle::base(config), parts_(std::move(parts)), broker_(std::move(broker)) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    monitor(broker_);
    set_down_handler([this](caf::down_msg& down) { on_down(down); });
    return {
        [this](PeerUpAtom, const PeerUp& up) {
          link(up);
          if (up.is_client) return;
          nodes_.insert_or_assign(up.peer, up);
          if (cache_) send(cache_, PeerUpAtom::value, up);
        },
        [this](PeerDownAtom, const PeerDown& down) {
          peers_.erase(down.peer.node);
          if (nodes_.erase(down.peer) > 0 && cache_) send(cache_, PeerDownAtom::value, down);
        },
        [this](TransferAtom, const PeerTransfer& transfer) {
          if (cache_) send(cache_, TransferAtom::value, transfer);
        },
        [this](EnlistAtom, const CoordinatorHandle& coordinator) {
          coordinator_ = coordinator;
          monitor(coordinator_);
          for (const auto& [name, peer] : peers_) tell_coordinator(peer);
        },
        [this](EnlistAtom, const CacheHandle& cache) {
          cache_ = cache;
          monitor(cache_);
          for (const auto& [node, up] : nodes_) send(cache_, PeerUpAtom::value, up);
        },
        [this](HelloAtom, const std::string& name, const caf::strong_actor_ptr& links) {
          if (links) meet(name, caf::actor_cast<LinksHandle>(links));
        },
        [this](EnlistAtom, const caf::strong_actor_ptr& coordinator) {
          if (coordinator)
            send(parts_.directory, EnlistAtom::value,
                 caf::actor_cast<CoordinatorHandle>(coordinator));
        },
    };
  }

  void on_exit() override {
    peers_.clear(), nodes_.clear();
    coordinator_ = nullptr, cache_ = nullptr, broker_ = nullptr;
    parts_ = {};
  }

 private:
  void link(const PeerUp& up) {
    const int fd = up.socket.take();
    if (fd < 0) return;
    // CAF owns the socket from here on.
    const caf::io::scribe_ptr connection = system().middleman().backend().new_scribe(fd);
    if (up.dialled) return connect(connection);
    caf::anon_send(broker_, caf::publish_atom::value, connection, kPort,
                   caf::actor_cast<caf::strong_actor_ptr>(this), std::set<std::string>());
  }

  void connect(const caf::io::scribe_ptr& connection) {
    request(broker_, kHandshakeDeadline, caf::connect_atom::value, connection, kPort)
        .then(
            [this](const caf::node_id&, const caf::strong_actor_ptr& links,
                   const std::set<std::string>&) {
              if (!links) return;
              const auto peer = caf::actor_cast<LinksHandle>(links);
              send(peer, HelloAtom::value, parts_.name,
                   caf::actor_cast<caf::strong_actor_ptr>(this));
              tell_coordinator(peer);
            },
            // The gate sees that the connection is closed, and dials again.
            [](const caf::error&) {});
  }

  // The one who was dialled answers.
  void meet(const std::string& name, const LinksHandle& peer) {
    peers_[name] = peer;
    tell_coordinator(peer);
  }
  void tell_coordinator(const LinksHandle& peer) {
    if (coordinator_)
      send(peer, EnlistAtom::value, caf::actor_cast<caf::strong_actor_ptr>(coordinator_));
  }

  void on_down(const caf::down_msg& down) {
    if (down.source == broker_.address())
      parts_.deaf("the network broker ended: " + words_of(down.reason));
    if (coordinator_ && coordinator_.address() == down.source) coordinator_ = nullptr;
    if (cache_ && cache_.address() == down.source) cache_ = nullptr;
  }

  LinksParts parts_;
  caf::actor broker_;
  CoordinatorHandle coordinator_;  // of this node; none: it does not coordinate, or not now
  CacheHandle cache_;              // of this node; none: it has none, or not now
  std::map<NodeName, LinksHandle> peers_;
  std::map<NodeBoot, PeerUp> nodes_;  // peers that are up and no clients; their sockets are taken
};

}  // namespace

std::vector<std::string> message_types() {
  return {"@<>+@atom+frame", "@<>+frame", "@<>+@error", "@<>+@atom+@str+@strong_actor_ptr",
          "@<>+@atom+@strong_actor_ptr"};
}

LinksHandle spawn_links(caf::actor_system& system, LinksParts parts) {
  caf::actor broker = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  return system.spawn<LinksActor>(std::move(parts), std::move(broker));
}

}  // namespace pecia::actors
