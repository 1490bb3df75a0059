#pragma once
// A cluster like that of a config file, in a folder of its own: its nodes are children of this
// process, which may do to them what it likes. They listen on free loopback ports, or each at a
// place of its own.
// Thread rule: one thread, which lives as long as the nodes.

#include <string>
#include <utility>
#include <vector>

#include "apps/pecia/node_process.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/config/cluster_config.hpp"

namespace pecia::apps {

// The one word that tells most of what a node is.
const char* primary_role(const runtime::Roles& roles);

struct NodePlace {
  std::string host;  // IPv4
  int network = -1;  // as that of a Spawn
};

class TrialCluster {
 public:
  // Not started yet. `places`: one a node, in the order of the config, where there is a secret
  // then; none: all on loopback. Errors: elsewhere (no folder, no free port).
  static kernels::Expected<TrialCluster> create(runtime::ClusterConfig config,
                                                const std::string& program,
                                                const std::vector<NodePlace>& places = {});
  ~TrialCluster();  // kills what is there; removes the folder unless it is kept
  TrialCluster(TrialCluster&& other) noexcept
      : cluster_(std::move(other.cluster_)),
        folder_(std::exchange(other.folder_, {})),
        processes_(std::move(other.processes_)),
        kept_(other.kept_) {}
  TrialCluster& operator=(TrialCluster&&) = delete;

  kernels::Status start();

  std::vector<NodeProcess>& processes() { return processes_; }
  const runtime::NodeConfig& node(std::size_t index) const { return cluster_.nodes[index]; }
  const runtime::ClusterConfig& config() const { return cluster_; }
  std::string config_file() const { return folder_ + "/cluster.toml"; }
  const std::string& folder() const { return folder_; }
  void keep_folder() { kept_ = true; }

 private:
  TrialCluster(runtime::ClusterConfig cluster, std::string folder)
      : cluster_(std::move(cluster)), folder_(std::move(folder)) {}
  kernels::Status place(const std::vector<NodePlace>& places);
  kernels::Status write_config() const;

  runtime::ClusterConfig cluster_;
  std::string folder_;
  std::vector<NodeProcess> processes_;  // one a node, in the order of the config
  bool kept_ = false;
};

}  // namespace pecia::apps
