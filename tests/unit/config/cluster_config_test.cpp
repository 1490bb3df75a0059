#include "runtime/config/cluster_config.hpp"

#include <algorithm>

#include "runtime/config/dump.hpp"
#include "tests/unit/config/cluster_fixture.hpp"
#include "tests/unit/config/config_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;

namespace {

ClusterConfig three() {
  return cluster_of(
      "[cluster]\nname = \"c\"\ndata_dir = \"d \\\"\\\\\"\n"
      "[security]\nsecret_file = \"s\"\n[protocol]\nreport_ms = 333\n"
      "[[node]]\nname = \"head\"\naddress = \"127.0.0.1:7400\"\nroles = [\"coordinator\", "
      "\"cache\"]\nmodel = \"m\"\n"
      "[[node]]\nname = \"w-1\"\naddress = \"127.0.0.2:7401\"\nroles = [\"worker\"]\n"
      "[[node]]\nname = \"w-2\"\naddress = \"[fd00::2]:7401\"\nroles = [\"worker\"]\n"
      "threads = 5\nbatch_max = 7\n");
}

// As far as it is said by the file.
void check_same(const ClusterConfig& a, const ClusterConfig& b) {
  CHECK(a.name == b.name);
  CHECK(a.data_dir == b.data_dir);
  CHECK(a.secret_file == b.secret_file);
  CHECK(same(a.limits, b.limits));
  REQUIRE(a.nodes.size() == b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    CHECK(a.nodes[i].name == b.nodes[i].name);
    CHECK(a.nodes[i].address == b.nodes[i].address);
    CHECK(a.nodes[i].roles == b.nodes[i].roles);
    CHECK(a.nodes[i].model == b.nodes[i].model);
    CHECK(a.nodes[i].threads == b.nodes[i].threads);
    CHECK(a.nodes[i].batch_max == b.nodes[i].batch_max);
  }
}

}  // namespace

TEST_CASE("the fingerprint counts what must be the same everywhere, and nothing else") {
  const auto same_after = [](auto change) {
    ClusterConfig cluster = three();
    change(cluster);
    return fingerprint(cluster) == fingerprint(three());
  };
  CHECK(same_after([](ClusterConfig&) {}));
  CHECK(same_after([](ClusterConfig& c) { std::ranges::reverse(c.nodes); }));
  CHECK(same_after([](ClusterConfig& c) { c.data_dir = "/other"; }));
  CHECK(same_after([](ClusterConfig& c) { c.secret_file = ""; }));
  CHECK(same_after([](ClusterConfig& c) { c.limits.protocol.report_ms = 1; }));
  CHECK(same_after([](ClusterConfig& c) { c.nodes[1].model = "/other"; }));
  CHECK(same_after([](ClusterConfig& c) { c.nodes[1].threads = 2; }));
  CHECK(same_after([](ClusterConfig& c) { c.nodes[1].batch_max = 2; }));
  CHECK_FALSE(same_after([](ClusterConfig& c) { c.name = "d"; }));
  CHECK_FALSE(same_after([](ClusterConfig& c) { c.nodes[1].name = "w-3"; }));
  CHECK_FALSE(same_after([](ClusterConfig& c) { c.nodes[1].address.port = 7402; }));
  CHECK_FALSE(same_after([](ClusterConfig& c) { c.nodes[1].address.host = "127.0.0.3"; }));
  CHECK_FALSE(same_after([](ClusterConfig& c) { c.nodes[1].roles.cache = true; }));
  CHECK_FALSE(same_after([](ClusterConfig& c) { c.nodes.pop_back(); }));
}

TEST_CASE("the fingerprint is the one of every version that can talk to this one") {
  CHECK(pecia::kernels::hex(fingerprint(three())) == "379724f58280fb732fe8ad476f291897");
}

TEST_CASE("a dump of a cluster reads back as the same cluster, wherever it lies") {
  const ClusterConfig cluster = three();
  CHECK(cluster.data_dir == "/etc/pecia/d \"\\");
  const std::string dump = dump_cluster(cluster);
  INFO(dump);
  std::vector<std::string> mistakes;
  const auto read = read_cluster({dump, "y.toml", "/elsewhere", {}, {}}, mistakes);
  CHECK(mistakes.empty());
  REQUIRE(read);
  check_same(read->cluster, cluster);
  CHECK(fingerprint(read->cluster) == fingerprint(cluster));
  CHECK(dump_cluster(read->cluster) == dump);
  check_same(cluster_of(dump_cluster(cluster_of(kOneNode))), cluster_of(kOneNode));
}

TEST_CASE("a dump of a cluster tells where a setting comes from that is not the default") {
  const ClusterRead read = read_text("[write]\nworkers = 2\n" + std::string(kOneNode));
  REQUIRE(read.file);
  CHECK(dump_cluster(*read.file).find("# set by 'x.toml:2:11'\nworkers = 2\n") !=
        std::string::npos);
}

TEST_CASE("the largest cluster's dump is short enough to be read") {
  ClusterConfig cluster = three();
  while (cluster.nodes.size() < kNodesMax) {
    NodeConfig node = cluster.nodes[1];
    node.name = fmt::format("{:a>64}", cluster.nodes.size());
    node.address.port = static_cast<std::uint16_t>(8000 + cluster.nodes.size());
    node.model = "/" + std::string(200, 'm') + ".gguf";
    cluster.nodes.push_back(node);
  }
  CHECK(cluster_of(dump_cluster(cluster)).nodes.size() == kNodesMax);
}

TEST_CASE("the threads of a machine are shared by its workers") {
  const ClusterConfig cluster = three();
  const auto threads = [&cluster](std::size_t node, int cores) {
    return threads_of(cluster, cluster.nodes[node], cores);
  };
  CHECK(threads(1, 8) == 8);
  CHECK(threads(2, 8) == 5);
  ClusterConfig local = three();
  local.nodes[2].address = {"::1", 7402, true, true};
  CHECK(threads_of(local, local.nodes[1], 8) == 4);
  CHECK(threads_of(local, local.nodes[1], 1) == 1);
  CHECK(folder_of(cluster, cluster.nodes[1]) == cluster.data_dir + "/w-1");
  CHECK(to_string(cluster.nodes[0].roles) == "coordinator, cache");
}
