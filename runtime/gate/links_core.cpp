#include "runtime/gate/links_core.hpp"

#include <algorithm>
#include <utility>

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

LinksCore::LinksCore(NodeName self, PeerKind kind, std::vector<NodeName> cluster,
                     std::size_t clients_max)
    : self_(std::move(self)), kind_(kind), clients_max_(clients_max) {
  for (NodeName& name : cluster) entries_.try_emplace(std::move(name));
}

bool LinksCore::dials(const NodeName& peer) const {
  return kind_ == PeerKind::client || self_ < peer;
}

LinkNumber LinksCore::next_link(const NodeName& peer) { return ++entries_[peer].dialled; }

Status LinksCore::claim_accepted(const PeerIdentity& peer) {
  if (Status named = check_name(peer); !named) return named;
  return peer.part == Part::bulk ? claim_bulk(peer) : claim(peer);
}

Status LinksCore::claim_dialled(const PeerIdentity& peer) {
  return peer.part == Part::bulk ? claim_bulk(peer) : claim(peer);
}

void LinksCore::close(const NodeName& name, LinkNumber link) {
  const auto found = entries_.find(name);
  if (found == entries_.end() || found->second.link != link) return;
  found->second.is_open = false;
  found->second.has_bulk = false;
  if (!is_client_name(name)) return;
  entries_.erase(found);
  --clients_;
}

Status LinksCore::check_name(const PeerIdentity& peer) const {
  if (peer.name == self_) {
    return fail(ErrorKind::refuse,
                "'{}' is this node's own name: two processes were started "
                "under it",
                peer.name);
  }
  if (peer.kind == PeerKind::client) {
    if (!is_client_name(peer.name)) {
      return fail(ErrorKind::refuse, "a client is called client-<16 hex digits>, not '{}'",
                  peer.name);
    }
    if (peer.part != Part::control) {
      return fail(ErrorKind::refuse, "a client has no bulk half");
    }
    if (!entries_.contains(peer.name) && clients_ >= clients_max_) {
      return fail(ErrorKind::retry, "{} clients are connected, the most this node takes",
                  clients_max_);
    }
    return {};
  }
  if (!entries_.contains(peer.name) || is_client_name(peer.name)) {
    return fail(ErrorKind::refuse, "no node '{}' is in the cluster's config", peer.name);
  }
  if (dials(peer.name)) {
    return fail(ErrorKind::refuse, "'{}' dialled '{}', but the lower name dials", peer.name, self_);
  }
  return {};
}

Status LinksCore::claim(const PeerIdentity& peer) {
  const auto [found, is_new] = entries_.try_emplace(peer.name);
  Entry& entry = found->second;
  if (is_new) ++clients_;
  if (Status followed = follow(entry, peer); !followed) return followed;
  if (peer.link <= entry.link) {
    return fail(ErrorKind::refuse, "link {} of '{}' is not beyond link {}", peer.link, peer.name,
                entry.link);
  }
  entry.link = peer.link;
  entry.is_open = true;
  entry.has_bulk = false;
  return {};
}

Status LinksCore::claim_bulk(const PeerIdentity& peer) {
  const auto found = entries_.find(peer.name);
  const bool fits = found != entries_.end() && found->second.is_open && found->second.has_boot &&
                    found->second.boot == peer.boot && found->second.link == peer.link;
  if (!fits) {
    return fail(ErrorKind::refuse, "no control half of link {} of '{}' is open", peer.link,
                peer.name);
  }
  if (found->second.has_bulk) {
    return fail(ErrorKind::refuse, "link {} of '{}' has its bulk half", peer.link, peer.name);
  }
  found->second.has_bulk = true;
  return {};
}

Status LinksCore::follow(Entry& entry, const PeerIdentity& peer) {
  if (entry.has_boot && entry.boot == peer.boot) return {};
  if (std::ranges::find(entry.past, peer.boot) != entry.past.end()) {
    return fail(ErrorKind::refuse,
                "boot {:016x} of '{}' was followed by boot {:016x}: another "
                "process was started under its name",
                peer.boot, peer.name, entry.boot);
  }
  if (entry.has_boot) entry.past.push_back(entry.boot);
  if (entry.past.size() > kPastBootsMax) entry.past.pop_front();
  entry.boot = peer.boot;
  entry.has_boot = true;
  entry.link = 0;
  return {};
}

}  // namespace pecia::runtime
