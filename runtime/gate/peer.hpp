#pragma once
// Who is at the other end of a link, as the gate's parts know it. Thread rule: values.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/membership/membership_core.hpp"
#include "runtime/wire/names.hpp"

namespace pecia::runtime {

using GateBytes = std::vector<std::byte>;

// A pair of nodes has a socket for each; a client has the first only.
enum class Part : std::uint8_t {
  control = 1,  // actors' messages
  bulk = 2,     // named bytes, in pieces
};

enum class PeerKind : std::uint8_t { node = 1, client = 2 };

// What a peer says of itself, and proves where there is a secret.
struct PeerIdentity {
  NodeName name;
  Boot boot = 0;
  LinkNumber link = 0;
  PeerKind kind = PeerKind::node;
  Part part = Part::control;
  bool operator==(const PeerIdentity&) const = default;
};

// "client-" and 16 lower-case hex digits: what a client calls itself, and no node may.
bool is_client_name(std::string_view name);

}  // namespace pecia::runtime
