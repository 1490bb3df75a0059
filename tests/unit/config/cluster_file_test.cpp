#include "runtime/config/cluster_file.hpp"

#include <fstream>
#include <iterator>

#include "tests/unit/config/cluster_fixture.hpp"
#include "tests/unit/config/config_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;

namespace {

using Lines = std::vector<std::string>;

ClusterConfig shipped(const std::string& name) {
  std::ifstream file(std::string(PECIA_SOURCE_DIR "/config/") + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK_FALSE(text.empty());
  return cluster_of(text);
}

Lines mistakes_of_node(std::string_view lines) {
  return mistakes_of(
      with_node(std::string("name = \"b\"\naddress = \"127.0.0.1:7401\"\n") + std::string(lines)));
}

Lines mistakes_of_address(std::string_view address) {
  return mistakes_of(
      with_node(fmt::format("name = \"b\"\nroles = [\"worker\"]\naddress = \"{}\"\n", address)));
}

Lines mistakes_of_name(std::string_view name) {
  return mistakes_of(with_node(
      fmt::format("name = \"{}\"\nroles = [\"worker\"]\naddress = \"127.0.0.1:7401\"\n", name)));
}

}  // namespace

TEST_CASE("every key of a cluster is read, and what is left out has its default") {
  const ClusterConfig cluster = cluster_of(
      "[cluster]\nname = \"c1\"\ndata_dir = \"data\"\n"
      "[security]\nsecret_file = \"../s\"\n"
      "[link]\ndial_ms = 77\n[write]\nbatch_max = 9\n"
      "[[node]]\nname = \"a\"\naddress = \"[::1]:7400\"\nroles = [\"coordinator\", \"cache\"]\n"
      "[[node]]\nname = \"b\"\naddress = \"10.0.0.2:65535\"\nroles = [\"worker\"]\n"
      "model = \"m.gguf\"\ndevice = \"cpu\"\nthreads = 3\nbatch_max = 4\n"
      "[[node]]\nname = \"c\"\naddress = \"10.0.0.3:1\"\nroles = [\"worker\"]\nmodel = \"/m\"\n");
  CHECK(cluster.name == "c1");
  CHECK(cluster.data_dir == "/etc/pecia/data");
  CHECK(cluster.data_dir_place == "x.toml:3:12");
  CHECK(cluster.secret_file == "/etc/s");
  CHECK(cluster.secret_place == "x.toml:5:15");
  CHECK(cluster.limits.link.dial_ms == 77);
  CHECK(cluster.limits.protocol.report_ms == ProtocolLimits{}.report_ms);
  REQUIRE(cluster.nodes.size() == 3);
  const NodeConfig &a = cluster.nodes[0], &b = cluster.nodes[1], &c = cluster.nodes[2];
  CHECK(a.name == "a");
  CHECK(a.address == NodeAddress{"::1", 7400, true, true});
  CHECK(a.roles == Roles{true, true, false});
  CHECK(a.model.empty());
  CHECK(a.threads == 0);
  CHECK(b.address == NodeAddress{"10.0.0.2", 65535, false, false});
  CHECK(b.roles == Roles{false, false, true});
  CHECK(b.model == "/etc/pecia/m.gguf");
  CHECK(b.threads == 3);
  CHECK(b.batch_max == 4);
  CHECK(b.places.row == "x.toml:14:1");
  CHECK(b.places.address == "x.toml:16:11");
  CHECK(b.places.model == "x.toml:18:9");
  CHECK(c.model == "/m");
  CHECK(c.batch_max == 9);
  CHECK(find_node(cluster, "b") == &b);
  CHECK(find_node(cluster, "d") == nullptr);
  CHECK(&coordinator_of(cluster) == &a);
}

TEST_CASE("the configs that come with the program are read without a mistake") {
  CHECK(shipped("one.toml").nodes.size() == 1);
  CHECK(shipped("two.toml").nodes.size() == 2);
  CHECK(shipped("local.toml").nodes.size() == 4);
  const ClusterConfig lan = shipped("lan.toml");
  CHECK(lan.nodes.size() == 3);
  CHECK(lan.secret_file == "/etc/pecia/cluster.secret");
  for (const NodeConfig& node : shipped("local.toml").nodes) {
    CHECK(node.address.is_loopback);
    CHECK(node.address.port >= 7400);
    CHECK(node.address.port < 32'768);  // where ephemeral ports begin
  }
}

TEST_CASE("data_dir is by default where the XDG base directories put state") {
  const auto data_dir = [](std::vector<std::string_view> environment) {
    const ClusterRead read = read_text(kOneNode, std::move(environment));
    return read.file ? read.file->cluster.data_dir : read.mistakes.at(0);
  };
  CHECK(data_dir({"HOME=/h"}) == "/h/.local/state/pecia/c");
  CHECK(data_dir({"HOME=/h", "XDG_STATE_HOME=/s"}) == "/s/pecia/c");
  CHECK(data_dir({"HOME=/h", "XDG_STATE_HOME=s"}) == "/h/.local/state/pecia/c");
  CHECK(data_dir({"HOMES=/h", "HOME=", "XDG_STATE_HOME="}) ==
        "x.toml:1:2: [cluster] has no data_dir, and neither XDG_STATE_HOME nor HOME says where "
        "state belongs; give data_dir = \"FOLDER\"");
}

TEST_CASE("all mistakes of a file are told at once, in its order, each with its place") {
  CHECK(mistakes_of("[cluster]\n"
                    "nam = \"c\"\n"
                    "[protocl]\n"
                    "[write]\n"
                    "workers = 0\n"
                    "[[node]]\n"
                    "name = \"a\"\n"
                    "address = \"127.0.0.1:7400\"\n"
                    "roles = [\"work\"]\n"
                    "[[node]]\n"
                    "name = \"a\"\n"
                    "address = \"127.0.0.1\"\n"
                    "threads = -1\n") ==
        Lines{"x.toml:1:2: [cluster] has no name; give name = \"NAME\"",
              "x.toml:2:1: [cluster] has no key 'nam'; the nearest is 'name'",
              "x.toml:3:2: there is no table 'protocl'; the nearest is [protocol]",
              "x.toml:5:11: write.workers = 0 is out of range; give 1 to 64 workers",
              "x.toml:6:1: no node has the role \"coordinator\"; give it to exactly one of them",
              "x.toml:9:10: there is no role 'work'; the nearest is 'worker'",
              "x.toml:10:1: [[node]] has no roles; give roles = [\"worker\"], say",
              "x.toml:11:8: the name 'a' is taken by the node at x.toml:6:1; give another",
              "x.toml:12:11: address '127.0.0.1' has no port; give \"127.0.0.1:7401\" or "
              "\"[::1]:7401\"",
              "x.toml:13:11: threads = -1 is out of range; give 0 to 1024 threads"});
}

TEST_CASE("a file without its tables, or with something else in their place, is refused") {
  CHECK(mistakes_of("") ==
        Lines{"x.toml:1:1: there is no table [cluster]; begin with one that has name = \"NAME\"",
              "x.toml:1:1: there is no [[node]]; give one for each process, the first with the "
              "role \"coordinator\""});
  const std::string cluster = "[cluster]\nname = \"c\"\n";
  CHECK(mistakes_of(cluster + "[node]\nname = \"a\"\n") ==
        Lines{"x.toml:3:1: node is a table; begin each node by a line [[node]]"});
  CHECK(mistakes_of("node = []\n" + cluster) ==
        Lines{"x.toml:1:8: node is an empty array; begin each node by a line [[node]]"});
  CHECK(mistakes_of("node = [3]\n" + cluster).at(0) ==
        "x.toml:1:9: this is a whole number; it is a table, begun by a line [[node]]");
  CHECK(mistakes_of("cluster = 3\nsecurity = \"s\"\n" + std::string(kOneNode.substr(21))) ==
        Lines{"x.toml:1:1: this is a whole number; it is a table, begun by a line [cluster]",
              "x.toml:2:1: this is a text; it is a table, begun by a line [security]"});
  CHECK(mistakes_of("[cluster\n").size() == 1);
  CHECK(mistakes_of("[nodes]\n" + std::string(kOneNode)) ==
        Lines{"x.toml:1:2: there is no table 'nodes'; the nearest is [[node]]"});
}

TEST_CASE("names that are no names of nodes are refused") {
  const std::string right = "; give 1 to 64 of a-z, 0-9 and '-', no '-' first";
  for (const std::string name : {"", "A", "a_b", "-a", "a b", "\xC3\xA4"}) {
    CHECK(mistakes_of_name(name) ==
          Lines{fmt::format("x.toml:8:8: the node's name '{}' does not do{}", name, right)});
  }
  CHECK(mistakes_of_name(std::string(64, 'a')).empty());
  CHECK(mistakes_of_name(std::string(65, 'a')).size() == 1);
  CHECK(mistakes_of_name("client-1") ==
        Lines{"x.toml:8:8: the node's name 'client-1' begins as those of clients do; give one "
              "without 'client-'"});
  CHECK(mistakes_of_name("client").empty());
  CHECK(mistakes_of("[cluster]\nname = \"C\"\n" + std::string(kOneNode.substr(21))) ==
        Lines{"x.toml:2:8: the cluster's name 'C' does not do" + right});
}

TEST_CASE("an address that others cannot dial is refused, and so is a second one of a node") {
  for (const std::string address :
       {"localhost:7401", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "::1:7401",
        "[::1]", "[127.0.0.1]:7401", "0.0.0.0:7401", "[::]:7401", "224.0.0.1:7401",
        "[ff02::1]:7401", "[::ffff:127.0.0.1]:7401", "127.1:7401", "127.0.0.1:7401 ",
        "127.0.0.1\\u0000:7401", ":7401", ""}) {
    INFO(address);
    const Lines mistakes = mistakes_of_address(address);
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].starts_with("x.toml:10:11: address '"));
    CHECK(mistakes[0].find("; give ") != std::string::npos);
  }
  CHECK(mistakes_of_address("127.0.0.2:7400").empty());
  CHECK(mistakes_of_address("[::1]:7400").empty());
  CHECK(mistakes_of_address("127.0.0.1:7400") ==
        Lines{"x.toml:10:11: the address '127.0.0.1:7400' is taken by the node at x.toml:3:1; "
              "give another"});
  CHECK(mistakes_of("[cluster]\nname = \"c\"\n"
                    "[[node]]\nname = \"a\"\naddress = \"[::1]:1\"\nroles = [\"coordinator\"]\n"
                    "[[node]]\nname = \"b\"\naddress = \"[0:0::1]:1\"\nroles = [\"worker\"]\n")
            .size() == 1);
}

TEST_CASE("an address beyond this machine asks for a secret") {
  for (const std::string address : {"10.0.0.1:7401", "[fd00::1]:7401"}) {
    CHECK(mistakes_of_address(address) ==
          Lines{fmt::format("x.toml:10:11: '{}' is reached from other machines, and nothing tells "
                            "a node from a stranger; give [security] secret_file, or an address of "
                            "loopback",
                            address)});
  }
  CHECK(mistakes_of("[security]\nsecret_file = \"s\"\n" +
                    with_node("name = \"b\"\nroles = [\"worker\"]\naddress = \"10.0.0.1:7401\"\n"))
            .empty());
  // One mistake is told once.
  CHECK(
      mistakes_of("[security]\nsecret_file = \"\"\n" +
                  with_node("name = \"b\"\nroles = [\"worker\"]\naddress = \"10.0.0.1:7401\"\n")) ==
      Lines{"x.toml:2:15: secret_file is empty; give a path, or leave it out"});
}

TEST_CASE("roles, device and numbers of a node are held against what they may be") {
  const std::string right = "give one or more of \"coordinator\", \"cache\", \"worker\"";
  CHECK(mistakes_of_node("roles = []\n") == Lines{"x.toml:10:9: roles is empty; " + right});
  CHECK(mistakes_of_node("roles = \"worker\"\n") ==
        Lines{"x.toml:10:9: roles is a text; give an array: " + right});
  CHECK(mistakes_of_node("roles = [1]\n") ==
        Lines{"x.toml:10:10: a role is a whole number; " + right});
  CHECK(mistakes_of_node("roles = [\"cache\", \"cache\"]\n") ==
        Lines{"x.toml:10:19: the role 'cache' is given twice; take one out"});
  CHECK(mistakes_of_node("roles = [\"coordinator\"]\n") ==
        Lines{"x.toml:10:9: a second coordinator, beside the node at x.toml:3:1; exactly one node "
              "has this role in this version, take it from one of them"});
  const std::string worker = "roles = [\"worker\"]\n";
  CHECK(mistakes_of_node(worker + "device = \"cuda\"\n") ==
        Lines{"x.toml:11:10: device = \"cuda\": this version computes on the CPU only; give "
              "\"cpu\""});
  CHECK(mistakes_of_node(worker + "device = \"gpu\"\n") ==
        Lines{"x.toml:11:10: there is no device 'gpu'; give \"cpu\""});
  CHECK(mistakes_of_node(worker + "threads = \"all\"\n") ==
        Lines{"x.toml:11:11: threads is a text; give a whole number, 0 to 1024 threads"});
  CHECK(mistakes_of_node(worker + "batch_max = 1025\n") ==
        Lines{"x.toml:11:13: batch_max = 1025 is out of range; give 1 to 1024 sequences"});
  CHECK(mistakes_of_node("roles = [\"cache\"]\nbatch_max = 2\n") ==
        Lines{"x.toml:11:13: batch_max is a worker's, and this node has no role \"worker\"; take "
              "it out"});
  CHECK(mistakes_of_node(worker + "model = \"a\\nb\"\n") ==
        Lines{"x.toml:11:9: model = 'a?b' holds a control character; give another path"});
  CHECK(mistakes_of_node(worker + fmt::format("model = \"{:/>4096}\"\n", "m")).empty());
  CHECK(mistakes_of_node(worker + fmt::format("model = \"{:m>4085}\"\n", "m")) ==
        Lines{"x.toml:11:9: model is a path of 4096 bytes; give one of at most 4095"});
  CHECK(mistakes_of_node(worker + "model = 3\n") ==
        Lines{"x.toml:11:9: model is a whole number; give a text in quotes"});
}

TEST_CASE("a variable or a flag that is wrong is told behind the mistakes of the file") {
  ClusterRead read = read_text("[cluster]\n" + std::string(kOneNode.substr(21)),
                               {"HOME=/h", "PECIA_LINK_DIAL_MS=x", "PECIA_LINK_REDIAL=1"});
  REQUIRE(read.mistakes.size() == 3);
  CHECK(read.mistakes[1].starts_with("PECIA_LINK_DIAL_MS: link.dial_ms = 'x' is no whole number"));
  CHECK(read.mistakes[2].starts_with("'PECIA_LINK_REDIAL': no setting of [link] has this name"));
  const std::pair<const Field*, std::string> flag{find_field("write", "workers"), "0"};
  std::vector<std::string> mistakes;
  const std::vector<std::string_view> environment = {"HOME=/h"};
  CHECK_FALSE(read_cluster({kOneNode, "x.toml", "/", environment, {&flag, 1}}, mistakes));
  CHECK(mistakes == Lines{"--workers: write.workers = 0 is out of range; give 1 to 64 workers"});
}

TEST_CASE("all settings that make no sense together are told, once each makes sense alone") {
  const std::string both = "[supervision]\nbackoff_ms_max = 9\n[link]\nredial_ms_max = 9\n";
  CHECK(mistakes_of(both + std::string(kOneNode)).size() == 2);
  CHECK(mistakes_of(both + "dial_ms = 0\n" + std::string(kOneNode)).size() == 1);
}

TEST_CASE("more nodes or mistakes than a cluster can have end in one line") {
  std::string text(kOneNode);
  for (int i = 1; i <= 256; ++i) {
    text += fmt::format(
        "[[node]]\nname = \"n{0}\"\naddress = \"127.0.0.1:{1}\"\n"
        "roles = [\"worker\"]\n",
        i, 7400 + i);
    if (i == 255) CHECK(mistakes_of(text).empty());
  }
  CHECK(mistakes_of(text) == Lines{"x.toml:1027:1: 257 nodes; a cluster has at most 256"});
  std::string bad(kOneNode);
  for (int i = 0; i < 150; ++i) bad += fmt::format("x{} = 1\n", i);
  const Lines mistakes = mistakes_of(bad);
  REQUIRE(mistakes.size() == kMistakesMax + 1);
  CHECK(mistakes.back() == "x.toml: and 50 more mistakes");
}

TEST_CASE(
    "the environment outweighs the file, and a node without batch_max takes what is in force") {
  const ClusterRead read = read_text("[write]\nbatch_max = 3\n" + std::string(kOneNode),
                                     {"HOME=/h", "PECIA_WRITE_BATCH_MAX=5"});
  REQUIRE(read.file);
  CHECK(read.file->cluster.limits.write.batch_max == 5);
  CHECK(read.file->cluster.nodes[0].batch_max == 5);
}
