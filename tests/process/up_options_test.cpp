// What `pecia up` says to its config and its flags, before it starts anything.

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/loopback_listener.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;

namespace {

std::string node(const std::string& name, const std::string& address, const std::string& roles) {
  return "[[node]]\nname = \"" + name + "\"\naddress = \"" + address + "\"\nroles = [" + roles +
         "]\n";
}

std::string cluster(const Workshop& shop, const std::string& nodes,
                    const std::string& security = "") {
  return shop.write("c.toml", "[cluster]\nname = \"c\"\ndata_dir = \"data\"\n" + security + nodes);
}

void check_refused(const Ended& ended, const std::string& lines) {
  CHECK(ended.code == 2);
  CHECK(ended.out == "");
  CHECK(ended.err == lines);
}

}  // namespace

TEST_CASE("up tells all mistakes of a config, a line each, and starts nothing") {
  const Workshop shop;
  const std::string file = cluster(shop, node("a", "127.0.0.1", "\"worker\"") + "thread = 1\n");
  check_refused(run_pecia({"up", "--config", file}),
                "pecia: " + file +
                    ":4:1: no node has the role \"coordinator\"; give it to exactly "
                    "one of them\n"
                    "pecia: " +
                    file +
                    ":6:11: address '127.0.0.1' has no port; give "
                    "\"127.0.0.1:7401\" or \"[::1]:7401\"\n"
                    "pecia: " +
                    file +
                    ":8:1: [[node]] has no key 'thread'; the nearest is "
                    "'threads'\n");
  check_refused(run_pecia({"up", "--config", shop.path("none.toml")}),
                "pecia: " + shop.path("none.toml") + ": cannot open: No such file or directory\n");
  CHECK(run_pecia({"up"}).code == 2);
  check_refused(run_pecia({"up", "--config", "-"}),
                "pecia: up: its nodes cannot read standard input too; give a file\n");
}

TEST_CASE("up tells what this machine lacks for its nodes, and starts nothing") {
  const Workshop shop;
  const pecia::test::Listener listener;
  const std::string address = "127.0.0.1:" + std::to_string(listener.port());
  const std::string file =
      cluster(shop, node("a", address, "\"coordinator\"") + "model = \"none.gguf\"\n");
  check_refused(run_pecia({"up", "--config", file}),
                "pecia: " + file + ":8:9: the model of node 'a', " + shop.path("none.gguf") +
                    ", cannot be read: No such file or directory; give a GGUF file or a "
                    "Hugging Face folder of this machine\n"
                    "pecia: " +
                    file + ":6:11: the node 'a' cannot listen on " + address +
                    ": the port is in use; end what uses it, or give another port\n");
  CHECK(std::filesystem::is_directory(shop.path("data/a")));
}

TEST_CASE("the model of a node may be a name") {
  const Workshop shop;
  const pecia::test::Listener listener;
  const std::string address = "127.0.0.1:" + std::to_string(listener.port());
  std::filesystem::create_directory(shop.path("models"));
  std::filesystem::rename(shop.tiny_model(), shop.path("models/wee.gguf"));
  const std::string file =
      cluster(shop, node("a", address, "\"coordinator\"") + "model = \"wee\"\n");
  check_refused(
      run_pecia({"up", "--config", file}, {.environment = {"PECIA_MODELS=" + shop.path("models")}}),
      "pecia: " + file + ":6:11: the node 'a' cannot listen on " + address +
          ": the port is in use; end what uses it, or give another port\n");
}

TEST_CASE("up wants to know which nodes are this machine's where none is of loopback") {
  const Workshop shop;
  const std::string file = cluster(shop, node("a", "192.0.2.1:7400", "\"coordinator\""),
                                   "[security]\nsecret_file = \"s\"\n");
  check_refused(run_pecia({"up", "--config", file}),
                "pecia: " + file +
                    ": no node has an address of loopback, so which of them belong "
                    "to this machine? name each with --node\n");
  check_refused(run_pecia({"up", "--config", file, "--node", "b"}),
                "pecia: --node: the config has no node 'b'; the nearest is 'a'\n");
  const Ended named = run_pecia({"up", "--config", file, "--node", "a"});
  CHECK(named.code == 2);
  CHECK(named.err.find("cannot read the secret: No such file") != std::string::npos);
  CHECK(named.err.find("this machine has no such address") != std::string::npos);
}

TEST_CASE("up --dump-config prints a config that says the same, the environment counted in") {
  const Workshop shop;
  const std::string file = cluster(shop, node("a", "127.0.0.1:7400", "\"coordinator\""));
  const Ended dumped = run_pecia({"up", "--config", file, "--dump-config"},
                                 {.environment = {"PECIA_LINK_DIAL_MS=77"}});
  CHECK(dumped.code == 0);
  CHECK(dumped.err == "");
  CHECK(dumped.out.find("# set by 'PECIA_LINK_DIAL_MS'\ndial_ms = 77\n") != std::string::npos);
  CHECK(dumped.out.find("data_dir = \"" + shop.path("data") + "\"\n") != std::string::npos);
  std::filesystem::create_directory(shop.path("elsewhere"));
  const std::string copy = shop.write("elsewhere/d.toml", dumped.out);
  const Ended again = run_pecia({"up", "--config", copy, "--dump-config"});
  CHECK(again.code == 0);
  CHECK(again.out.find("\ndial_ms = 77\n") != std::string::npos);
  CHECK(again.out.find("data_dir = \"" + shop.path("data") + "\"\n") != std::string::npos);
  CHECK(run_pecia({"up", "--dump-config"}).code == 2);  // there is no default cluster
  CHECK_FALSE(std::filesystem::exists(shop.path("data")));
}
