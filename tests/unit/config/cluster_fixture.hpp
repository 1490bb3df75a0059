#pragma once
// Short ways to read a cluster's config from a text.

#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/cluster_file.hpp"
#include "tests/catch.hpp"

namespace pecia::runtime::tests {

struct ClusterRead {
  std::optional<ClusterFile> file;
  std::vector<std::string> mistakes;
};

// As "x.toml" in the folder /etc/pecia of a user whose home is /h.
inline ClusterRead read_text(std::string_view text,
                             std::vector<std::string_view> environment = {"HOME=/h"}) {
  ClusterRead read;
  read.file = read_cluster({text, "x.toml", "/etc/pecia", environment, {}}, read.mistakes);
  CHECK(read.file.has_value() == read.mistakes.empty());
  return read;
}

inline ClusterConfig cluster_of(std::string_view text) {
  const ClusterRead read = read_text(text);
  for (const std::string& mistake : read.mistakes) UNSCOPED_INFO(mistake);
  REQUIRE(read.file);
  return read.file->cluster;
}

inline std::vector<std::string> mistakes_of(std::string_view text) {
  return read_text(text).mistakes;
}

inline constexpr std::string_view kOneNode =
    "[cluster]\nname = \"c\"\n"
    "[[node]]\nname = \"a\"\naddress = \"127.0.0.1:7400\"\nroles = [\"coordinator\", \"worker\"]\n";

// The same text with one more node of these lines.
inline std::string with_node(std::string_view lines) {
  return std::string(kOneNode) + "[[node]]\n" + std::string(lines);
}

}  // namespace pecia::runtime::tests
