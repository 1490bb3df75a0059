#pragma once
// Which peer may have which link now: the rules of PROTOCOL.md "Links" over names, boots and link
// numbers, asked once a proof holds (HandshakeCore's judge).
//
//   names     of the cluster, and clients; the lower name dials, and a client always does
//   boots     a name has one process at a time: a boot not seen before takes the name over, and one
//             that was followed by another never returns. Two processes under one name would else
//             push each other out for ever; so the later one stays, and the earlier one is told
//   links     of one boot only grow; a higher one closes the lower
//   halves    control first; bulk belongs to the control half of the same boot and link, once
// Memory: one entry a name of the cluster and one an admitted client. Thread rule: one thread.

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/gate/peer.hpp"

namespace pecia::runtime {

class LinksCore {
 public:
  // `cluster` without the own name. Of a client: the names that it dials.
  LinksCore(NodeName self, PeerKind kind, std::vector<NodeName> cluster, std::size_t clients_max);

  bool dials(const NodeName& peer) const;      // we dial it, it never dials us
  LinkNumber next_link(const NodeName& peer);  // of a dialler: the next of this process

  // Takes the link for this peer, or says why not. What it replaces is closed by the caller once
  // the handshake has ended: all other links of that name.
  kernels::Status claim_accepted(const PeerIdentity& peer);
  kernels::Status claim_dialled(const PeerIdentity& peer);
  // A link of that name and number is gone, or its handshake failed after the claim.
  void close(const NodeName& name, LinkNumber link);

 private:
  struct Entry {
    Boot boot = 0;
    bool has_boot = false;
    std::deque<Boot> past;  // boots that were followed by another, the latest last
    LinkNumber link = 0;    // the highest of this boot
    bool is_open = false;   // `link` is claimed and not closed
    bool has_bulk = false;
    LinkNumber dialled = 0;  // the last number used for dialling
  };

  kernels::Status check_name(const PeerIdentity& peer) const;
  kernels::Status claim(const PeerIdentity& peer);
  kernels::Status claim_bulk(const PeerIdentity& peer);
  kernels::Status follow(Entry& entry, const PeerIdentity& peer);

  NodeName self_;
  PeerKind kind_;
  std::size_t clients_max_;
  std::size_t clients_ = 0;
  std::map<NodeName, Entry> entries_;
};

}  // namespace pecia::runtime
