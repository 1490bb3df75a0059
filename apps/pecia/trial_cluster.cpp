#include "apps/pecia/trial_cluster.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <filesystem>
#include <string_view>
#include <utility>

#include "actors/clock_and_chance.hpp"
#include "apps/pecia/child_process.hpp"
#include "pecia/temporary_folder.hpp"
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
constexpr std::uint16_t kPlacePort = 7'420;
constexpr int kSecretWords = 4;  // of 16 digits

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

// For its owner alone.
Status write_own_file(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const ssize_t written = ::write(file.number(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return {};
  return fail(ErrorKind::elsewhere, "{}: cannot be written; set TMPDIR to another place", path);
}

}  // namespace

const char* primary_role(const runtime::Roles& roles) {
  if (roles.coordinator) return "coordinator";
  return roles.worker ? "worker" : "cache";
}

Expected<TrialCluster> TrialCluster::create(ClusterConfig config, const std::string& program,
                                            const std::vector<NodePlace>& places) {
  auto folder = make_temporary_folder("pecia-chaos");
  if (!folder) return folder.error();
  TrialCluster cluster(std::move(config), *std::move(folder));
  cluster.cluster_.data_dir = cluster.folder_ + "/data";
  const Status placed =
      places.empty() ? move_to_free_ports(cluster.cluster_) : cluster.place(places);
  if (!placed) return placed.error();
  for (std::size_t i = 0; i < cluster.cluster_.nodes.size(); ++i) {
    const std::string& name = cluster.node(i).name;
    cluster.processes_.emplace_back(NodeCommandLine{program, cluster.config_file(), name,
                                                    cluster.folder_ + "/" + name + ".log",
                                                    places.empty() ? -1 : places[i].network});
  }
  if (Status written = cluster.write_config(); !written) return written.error();
  return cluster;
}

// Beyond loopback nobody is let in without a secret.
Status TrialCluster::place(const std::vector<NodePlace>& places) {
  assert(places.size() == cluster_.nodes.size());
  for (std::size_t i = 0; i < places.size(); ++i)
    cluster_.nodes[i].address = {places[i].host, kPlacePort, false, false};
  cluster_.secret_file = folder_ + "/secret";
  std::string secret;
  for (int word = 0; word < kSecretWords; ++word)
    secret += fmt::format("{:016x}", actors::random_number());
  return write_own_file(cluster_.secret_file, secret);
}

Status TrialCluster::write_config() const {
  return write_own_file(config_file(), runtime::dump_cluster(cluster_));
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
