#pragma once
// A cluster as its one config file says: who is in it, where each node listens and what it hosts.
// Every process is started with the same file and its own name. cluster_file.hpp reads it,
// cluster_here.hpp holds it against the machine of a node.
// Thread rule: values, pure functions.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/hash.hpp"
#include "runtime/config/config.hpp"
#include "runtime/config/node_address.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia::runtime {

inline constexpr std::size_t kNodesMax = 256;
inline constexpr int kNodeThreadsMax = 1'024;
// Names of clients, which dial under one of their own.
inline constexpr std::string_view kClientPrefix = "client-";

// What a node hosts; at least one of them.
struct Roles {
  bool coordinator = false;  // exactly one node of the cluster
  bool cache = false;
  bool worker = false;
  bool operator==(const Roles&) const = default;
};

enum class Device : std::uint8_t { cpu };

// "FILE:LINE:COLUMN" for messages; no part of what the config says.
struct NodePlaces {
  std::string row;
  std::string address;
  std::string model;  // the row's, where the file gives none
};

struct NodeConfig {
  std::string name;  // 1 to kNodeNameBytesMax of [a-z0-9-], one of a kind
  NodeAddress address;
  Roles roles;
  std::string model;  // absolute path; empty: the built-in model
  Device device = Device::cpu;
  // Of its engine. 0: a share of the machine's cores, see threads_of().
  int threads = 0;
  // Sequences of one engine step of a worker, as write.batch_max.
  int batch_max = WriteOptions{}.batch_max;
  NodePlaces places;
};

struct ClusterConfig {
  std::string name;               // as a node's name
  std::string data_dir;           // absolute; each node keeps its own folder in it
  std::string secret_file;        // absolute; empty: none, and then all addresses are loopback
  std::vector<NodeConfig> nodes;  // in the order of the file, 1 to kNodesMax
  Config limits;
  std::string secret_place;    // "FILE:LINE:COLUMN"; where there is a secret_file
  std::string data_dir_place;  // the same, or "data_dir by default"
};

// nullptr where there is none.
const NodeConfig* find_node(const ClusterConfig& cluster, std::string_view name);

// The coordinator's node. REQUIRES a cluster that was read without a mistake.
const NodeConfig& coordinator_of(const ClusterConfig& cluster);

// "coordinator, cache"
std::string to_string(const Roles& roles);

// Of what must be the same everywhere: name of the cluster; names, addresses and roles of its
// nodes. Neither their order in the file nor paths, threads and limits count.
kernels::Id fingerprint(const ClusterConfig& cluster);

// The folder of one node, below data_dir.
std::string folder_of(const ClusterConfig& cluster, const NodeConfig& node);

// What `threads` says; where that is 0, the cores of the machine shared by the workers whose host
// is the node's (all loopback is one host), at least 1. REQUIRES cores >= 1.
int threads_of(const ClusterConfig& cluster, const NodeConfig& node, int cores);

}  // namespace pecia::runtime
