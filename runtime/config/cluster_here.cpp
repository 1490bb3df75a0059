#include "runtime/config/cluster_here.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "runtime/config/secret_file.hpp"

namespace pecia::runtime {

namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

void check_model(const NodeConfig& node, std::string_view built_in_model, Lines& lines) {
  const bool needs = node.roles.coordinator || node.roles.worker;
  if (!needs) return;
  if (node.model.empty() && built_in_model.empty()) {
    lines.push_back(
        fmt::format("{}: the node '{}' names no model, and this program has none built in; give "
                    "model = \"FILE\"",
                    node.places.model, node.name));
    return;
  }
  const std::string path = node.model.empty() ? std::string(built_in_model) : node.model;
  std::error_code failed;
  // A folder of Hugging Face is known by its config.json; what it holds is told when it is opened.
  const bool is_file = fs::is_regular_file(path, failed) ||
                       fs::is_regular_file(fs::path(path) / "config.json", failed);
  if (is_file && ::access(path.c_str(), R_OK) == 0) return;
  const std::string why = failed ? failed.message() : is_file ? std::strerror(errno) : "no file";
  lines.push_back(
      fmt::format("{}: the model of node '{}', {}, cannot be read: {}; give a GGUF "
                  "file or a Hugging Face folder of this machine",
                  node.places.model, node.name, path, why));
}

void check_secret(const ClusterConfig& cluster, Lines& lines) {
  if (cluster.secret_file.empty()) return;
  const auto secret = read_secret(cluster.secret_file);
  if (!secret) lines.push_back(cluster.secret_place + ": " + secret.error().message);
}

void check_folder(const ClusterConfig& cluster, const NodeConfig& node, Lines& lines) {
  const std::string folder = folder_of(cluster, node);
  std::error_code failed;
  fs::create_directories(folder, failed);
  std::string why = failed ? failed.message() : "";
  if (!failed && ::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) why = std::strerror(errno);
  if (why.empty()) return;
  lines.push_back(
      fmt::format("{}: the folder of node '{}', {}, cannot be made or written: {}; "
                  "give another data_dir",
                  cluster.data_dir_place, node.name, folder, why));
}

union SocketAddress {
  sockaddr any;
  sockaddr_in ipv4;
  sockaddr_in6 ipv6;
};

void check_port(const NodeConfig& node, Lines& lines) {
  const int fault = bind_fault(node.address);
  if (fault == 0) return;
  const std::string why = fault == EADDRINUSE ? "the port is in use; end what uses it, or give "
                                                "another port"
                          : fault == EADDRNOTAVAIL
                              ? "this machine has no such address; is it the "
                                "node of another?"
                              : fmt::format("{}; give another address", std::strerror(fault));
  lines.push_back(fmt::format("{}: the node '{}' cannot listen on {}: {}", node.places.address,
                              node.name, to_string(node.address), why));
}

}  // namespace

int bind_fault(const NodeAddress& address) {
  SocketAddress at = {};
  socklen_t bytes = sizeof at.ipv4;
  if (address.is_ipv6) {
    at.ipv6.sin6_family = AF_INET6;
    at.ipv6.sin6_port = htons(address.port);
    ::inet_pton(AF_INET6, address.host.c_str(), &at.ipv6.sin6_addr);
    bytes = sizeof at.ipv6;
  } else {
    at.ipv4.sin_family = AF_INET;
    at.ipv4.sin_port = htons(address.port);
    ::inet_pton(AF_INET, address.host.c_str(), &at.ipv4.sin_addr);
  }
  const int number = ::socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (number < 0) return errno;
  const int yes = 1;  // as listeners do: connections of an earlier life are in nobody's way
  ::setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  // Never listened to: a peer that dials must not find this.
  const int fault = ::bind(number, &at.any, bytes) == 0 ? 0 : errno;
  ::close(number);
  return fault;
}

std::vector<std::string> check_here(const ClusterConfig& cluster, const NodeConfig& node,
                                    std::string_view built_in_model) {
  Lines lines;
  check_secret(cluster, lines);
  check_folder(cluster, node, lines);
  check_model(node, built_in_model, lines);
  check_port(node, lines);
  return lines;
}

}  // namespace pecia::runtime
