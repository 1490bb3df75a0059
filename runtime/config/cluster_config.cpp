#include "runtime/config/cluster_config.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::runtime {

namespace {

bool is_same_host(const NodeAddress& a, const NodeAddress& b) {
  return (a.is_loopback && b.is_loopback) || a.host == b.host;
}

// The bits that the fingerprint counts.
std::uint32_t role_bits(const Roles& roles) {
  return (roles.coordinator ? 1U : 0U) | (roles.cache ? 2U : 0U) | (roles.worker ? 4U : 0U);
}

}  // namespace

const NodeConfig* find_node(const ClusterConfig& cluster, std::string_view name) {
  const auto found = std::ranges::find(cluster.nodes, name, &NodeConfig::name);
  return found == cluster.nodes.end() ? nullptr : &*found;
}

const NodeConfig& coordinator_of(const ClusterConfig& cluster) {
  const auto found = std::ranges::find_if(
      cluster.nodes, [](const NodeConfig& node) { return node.roles.coordinator; });
  assert(found != cluster.nodes.end());
  return *found;
}

std::string to_string(const Roles& roles) {
  std::string list;
  const auto add = [&list](bool has, std::string_view name) {
    if (!has) return;
    if (!list.empty()) list += ", ";
    list += name;
  };
  add(roles.coordinator, "coordinator");
  add(roles.cache, "cache");
  add(roles.worker, "worker");
  return list;
}

kernels::Id fingerprint(const ClusterConfig& cluster) {
  std::vector<const NodeConfig*> nodes;
  nodes.reserve(cluster.nodes.size());
  for (const NodeConfig& node : cluster.nodes) nodes.push_back(&node);
  std::ranges::sort(nodes, {}, [](const NodeConfig* node) { return node->name; });
  kernels::FieldHash hash;
  hash.field(std::string_view("cluster")).field(std::string_view(cluster.name));
  for (const NodeConfig* node : nodes) {
    hash.field(std::string_view(node->name));
    hash.field(std::string_view(to_string(node->address)));
    hash.field(role_bits(node->roles));
  }
  return hash.id();
}

std::string folder_of(const ClusterConfig& cluster, const NodeConfig& node) {
  return cluster.data_dir + "/" + node.name;
}

int threads_of(const ClusterConfig& cluster, const NodeConfig& node, int cores) {
  assert(cores >= 1);
  if (node.threads > 0) return node.threads;
  const auto sharing = std::ranges::count_if(cluster.nodes, [&node](const NodeConfig& other) {
    return other.roles.worker && is_same_host(other.address, node.address);
  });
  return std::max(1, cores / std::max(1, static_cast<int>(sharing)));
}

}  // namespace pecia::runtime
