#include "apps/pecia/trial_cluster.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

#include "actors/clock_and_chance.hpp"
#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/temporary_folder.hpp"
#include "runtime/config/cluster_here.hpp"
#include "runtime/config/dump.hpp"

namespace pecia::apps {

using namespace kernels;
using runtime::ClusterConfig;
using runtime::NodeConfig;

namespace {

// Below what systems take for outgoing connections: there, a dial to a node that is down may get
// that node's own port, and be connected to itself.
constexpr int kPortMin = 20'000;
constexpr int kPortEnd = 32'000;

Status move_to_free_ports(ClusterConfig& cluster) {
  int port = kPortMin +
             static_cast<int>(actors::random_number() % static_cast<unsigned>(kPortEnd - kPortMin));
  int left = kPortEnd - kPortMin;
  for (NodeConfig& node : cluster.nodes) {
    const auto address = [&port] {
      return runtime::NodeAddress{"127.0.0.1", static_cast<std::uint16_t>(port), false, true};
    };
    for (; left > 0 && runtime::bind_fault(address()) != 0; --left)
      port = port + 1 < kPortEnd ? port + 1 : kPortMin;
    if (left <= 0) {
      return fail(ErrorKind::elsewhere, "no free port from {} to {}", kPortMin, kPortEnd - 1);
    }
    node.address = address();
    port = port + 1 < kPortEnd ? port + 1 : kPortMin;
    --left;
  }
  return {};
}

}  // namespace

Expected<TrialCluster> TrialCluster::create(const std::string& config, const std::string& program) {
  auto file = open_cluster(config);
  if (!file) return file.error();
  auto folder = make_temporary_folder("pecia-chaos");
  if (!folder) return folder.error();
  file->cluster.data_dir = *folder + "/data";
  if (const Status moved = move_to_free_ports(file->cluster); !moved) {
    std::error_code ignored;
    std::filesystem::remove_all(*folder, ignored);
    return moved.error();
  }
  TrialCluster cluster(std::move(file->cluster), *std::move(folder), program);
  std::ofstream copy(cluster.config_file(), std::ios::binary);
  copy << runtime::dump_cluster(cluster.cluster_);
  copy.close();
  if (copy) return cluster;
  return fail(ErrorKind::elsewhere, "{}: cannot be written; set TMPDIR to another place",
              cluster.config_file());
}

TrialCluster::TrialCluster(ClusterConfig cluster, std::string folder, const std::string& program)
    : cluster_(std::move(cluster)), folder_(std::move(folder)) {
  for (const NodeConfig& node : cluster_.nodes) {
    processes_.emplace_back(
        NodeCommandLine{program, config_file(), node.name, folder_ + "/" + node.name + ".log"});
  }
}

TrialCluster::~TrialCluster() {
  processes_.clear();
  std::error_code ignored;
  if (!folder_.empty() && !kept_) std::filesystem::remove_all(folder_, ignored);
}

Status TrialCluster::start() {
  for (NodeProcess& process : processes_) {
    if (Status started = process.start(); !started) return started;
  }
  return {};
}

}  // namespace pecia::apps
