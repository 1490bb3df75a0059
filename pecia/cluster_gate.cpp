#include "pecia/cluster_gate.hpp"

#include <span>

#include "actors/clock_and_chance.hpp"
#include "actors/links/links_actor.hpp"
#include "runtime/config/secret_file.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia {

using namespace kernels;
using namespace runtime;

namespace {

GateBytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

GateLimits limits_of(const LinkLimits& link) {
  GateLimits limits;
  limits.dial_ms = link.dial_ms;
  limits.handshake_ms = link.handshake_ms;
  limits.redial_ms = link.redial_ms;
  limits.redial_ms_max = link.redial_ms_max;
  limits.connections_max = static_cast<std::size_t>(link.connections_max);
  limits.clients_max = static_cast<std::size_t>(link.clients_max);
  limits.link_bytes_max = link.link_bytes_max;
  limits.bulk.credit_ms = link.bulk_credit_ms;
  limits.bulk.piece_bytes_min = static_cast<std::uint32_t>(link.bulk_piece_bytes_min);
  limits.bulk.piece_bytes_max = static_cast<std::uint32_t>(link.bulk_piece_bytes_max);
  return limits;
}

// What all processes of a cluster have in common.
Expected<GateOptions> gate_of(const ClusterConfig& cluster) {
  GateOptions options;
  options.self.boot = actors::random_boot();
  options.self.schema = kSchemaVersion;
  options.self.fingerprint = fingerprint(cluster);
  if (!cluster.secret_file.empty()) {
    const auto secret = read_secret(cluster.secret_file);
    if (!secret) return secret.error();
    options.self.secret = bytes_of(*secret);
  }
  options.message_types_allowed = actors::message_types();
  options.limits = limits_of(cluster.limits.link);
  options.now_us = actors::steady_us;
  options.chance = actors::random_number;
  return options;
}

}  // namespace

Expected<GateOptions> gate_of_node(const ClusterConfig& cluster, const NodeConfig& node) {
  auto options = gate_of(cluster);
  if (!options) return options;
  options->self.name = node.name;
  options->self.capabilities = bytes_of(to_string(node.roles));
  options->listen_host = node.address.host;
  options->listen_port = node.address.port;
  for (const NodeConfig& peer : cluster.nodes) {
    if (peer.name != node.name)
      options->peers.push_back({peer.name, peer.address.host, peer.address.port});
  }
  return options;
}

Expected<GateOptions> gate_of_client(const ClusterConfig& cluster) {
  auto options = gate_of(cluster);
  if (!options) return options;
  options->self.name = fmt::format("{}{:016x}", kClientPrefix, actors::random_number());
  options->self.kind = PeerKind::client;
  const NodeConfig& coordinator = coordinator_of(cluster);
  options->peers.push_back({coordinator.name, coordinator.address.host, coordinator.address.port});
  return options;
}

}  // namespace pecia
