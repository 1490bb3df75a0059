#include "runtime/config/cluster_here.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "runtime/config/secret_file.hpp"
#include "tests/loopback_listener.hpp"
#include "tests/unit/config/cluster_fixture.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;
using pecia::test::Listener;
namespace fs = std::filesystem;

namespace {

class Folder : public TemporaryFolder {
 public:
  std::string write(std::string_view name, std::string_view bytes, unsigned mode = 0600) const {
    const std::string path = file(name);
    write_file(path, bytes);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }
};

// One node that can start, on a port that was free a moment ago.
ClusterConfig startable(const Folder& folder) {
  ClusterConfig cluster = cluster_of(kOneNode);
  cluster.data_dir = folder.file("data/deep");
  cluster.data_dir_place = "x.toml:2:1";
  cluster.nodes[0].model = folder.write("m.gguf", "GGUF");
  Listener free;
  cluster.nodes[0].address.port = free.port();
  return cluster;
}

std::vector<std::string> lacks(const ClusterConfig& cluster, std::string_view built_in = "") {
  return check_here(cluster, cluster.nodes[0], built_in);
}

}  // namespace

TEST_CASE("a node that has all it needs lacks nothing, and its folder is made") {
  const Folder folder;
  const ClusterConfig cluster = startable(folder);
  CHECK(lacks(cluster).empty());
  CHECK(fs::is_directory(folder.file("data/deep/a")));
}

TEST_CASE("a model is asked of nodes that compute or plan, and only where it is used") {
  const Folder folder;
  ClusterConfig cluster = startable(folder);
  cluster.nodes[0].model = folder.file("none.gguf");
  CHECK(lacks(cluster) ==
        std::vector<std::string>{"x.toml:3:1: the model of node 'a', " + folder.file("none.gguf") +
                                 ", cannot be read: No such file or directory; give a GGUF file or "
                                 "a Hugging Face folder of this machine"});
  cluster.nodes[0].model = folder.file("");
  CHECK(lacks(cluster).size() == 1);
  cluster.nodes[0].roles = {false, true, false};
  CHECK(lacks(cluster).empty());
  cluster.nodes[0].roles = {false, false, true};
  cluster.nodes[0].model = "";
  CHECK(lacks(cluster) == std::vector<std::string>{
                              "x.toml:3:1: the node 'a' names no model, and this program has none "
                              "built in; give model = \"FILE\""});
  CHECK(lacks(cluster, folder.write("built.gguf", "")).empty());
}

TEST_CASE("a port that somebody listens on, and an address of another machine, are told") {
  const Folder folder;
  ClusterConfig cluster = startable(folder);
  Listener listener;
  cluster.nodes[0].address.port = listener.port();
  CHECK(lacks(cluster) ==
        std::vector<std::string>{fmt::format("x.toml:5:11: the node 'a' cannot listen on "
                                             "127.0.0.1:{}: the port is in use; end what uses it, "
                                             "or give another port",
                                             listener.port())});
  listener.close();
  CHECK(lacks(cluster).empty());
  cluster.nodes[0].address = {"192.0.2.1", 7400, false, false};  // of documentation, nobody's
  const auto lines = lacks(cluster);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("this machine has no such address") != std::string::npos);
}

TEST_CASE("a folder that cannot be made is told") {
  const Folder folder;
  ClusterConfig cluster = startable(folder);
  cluster.data_dir = folder.write("file", "") + "/below";
  const auto lines = lacks(cluster);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("x.toml:2:1: the folder of node 'a', " + cluster.data_dir + "/a, "));
}

TEST_CASE("all that a machine lacks is told at once") {
  const Folder folder;
  ClusterConfig cluster = startable(folder);
  cluster.secret_file = folder.file("none");
  cluster.secret_place = "x.toml:9:9";
  cluster.nodes[0].model = folder.file("none.gguf");
  const auto lines = lacks(cluster);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("x.toml:9:9: " + folder.file("none") + ": cannot read the secret: "));
}

TEST_CASE("a secret is 32 to 4096 bytes that its owner alone can use") {
  const Folder folder;
  const auto refusal = [&folder](std::size_t bytes, unsigned mode) {
    const auto secret = read_secret(folder.write("s", std::string(bytes, 's'), mode));
    return secret ? "" : secret.error().message.substr(folder.file("s").size() + 2);
  };
  CHECK(refusal(32, 0600).empty());
  CHECK(refusal(4096, 0400).empty());
  CHECK(refusal(31, 0600) == "the secret has 31 bytes; give 32 to 4096");
  CHECK(refusal(4097, 0600) == "the secret has more than 4096 bytes; give 32 to 4096");
  for (const unsigned mode : {0640U, 0604U, 0620U, 0610U}) {
    CHECK(refusal(32, mode) ==
          fmt::format("others than its owner may use the secret (mode {:03o}); chmod 600 it, or "
                      "make a new one if somebody read it",
                      mode));
  }
  const auto secret = read_secret(folder.write("s", std::string(32, '\n')));
  REQUIRE(secret);
  CHECK(*secret == std::string(32, '\n'));
  CHECK_FALSE(read_secret(folder.file("none")));
  CHECK_FALSE(read_secret(folder.file("")));
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(read_secret(folder.file("pipe")));
}
