#include "runtime/config/cluster_here.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "runtime/config/secret_file.hpp"
#include "tests/unit/config/cluster_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  std::string write(std::string_view name, std::string_view bytes, unsigned mode = 0600) const {
    std::string file = path(name);
    std::ofstream(file, std::ios::binary) << bytes;
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    return file;
  }

 private:
  std::string path_ = (fs::temp_directory_path() / "pecia-here-XXXXXX").string();
};

// A listener of ours on a port that the system chooses.
class Listener {
 public:
  Listener() {
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof at;
    auto* any = reinterpret_cast<sockaddr*>(&at);
    REQUIRE(::bind(number_, any, bytes) == 0);
    REQUIRE(::listen(number_, 1) == 0);
    REQUIRE(::getsockname(number_, any, &bytes) == 0);
    port_ = ntohs(at.sin_port);
  }
  ~Listener() { close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return port_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_ = 0;
};

// One node that can start, on a port that was free a moment ago.
ClusterConfig startable(const Folder& folder) {
  ClusterConfig cluster = cluster_of(kOneNode);
  cluster.data_dir = folder.path("data/deep");
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
  CHECK(fs::is_directory(folder.path("data/deep/a")));
}

TEST_CASE("a model is asked of nodes that compute or plan, and only where it is used") {
  const Folder folder;
  ClusterConfig cluster = startable(folder);
  cluster.nodes[0].model = folder.path("none.gguf");
  CHECK(lacks(cluster) ==
        std::vector<std::string>{"x.toml:3:1: the model of node 'a', " + folder.path("none.gguf") +
                                 ", cannot be read: No such file or directory; give a GGUF file of "
                                 "this machine"});
  cluster.nodes[0].model = folder.path("");
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
  cluster.secret_file = folder.path("none");
  cluster.secret_place = "x.toml:9:9";
  cluster.nodes[0].model = folder.path("none.gguf");
  const auto lines = lacks(cluster);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("x.toml:9:9: " + folder.path("none") + ": cannot read the secret: "));
}

TEST_CASE("a secret is 32 to 4096 bytes that its owner alone can use") {
  const Folder folder;
  const auto refusal = [&folder](std::size_t bytes, unsigned mode) {
    const auto secret = read_secret(folder.write("s", std::string(bytes, 's'), mode));
    return secret ? "" : secret.error().message.substr(folder.path("s").size() + 2);
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
  CHECK_FALSE(read_secret(folder.path("none")));
  CHECK_FALSE(read_secret(folder.path("")));
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(read_secret(folder.path("pipe")));
}
