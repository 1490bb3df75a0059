#pragma once
// The [[node]] rows of a cluster's config: each by itself, then all of them together.
// Thread rule: pure functions.

#include <string>
#include <vector>

#include "runtime/config/cluster_config.hpp"
#include "runtime/config/toml_tree.hpp"

namespace pecia::runtime {

// "local", "worker-1": 1 to kNodeNameBytesMax of [a-z0-9-], not beginning with '-'.
bool is_cluster_word(std::string_view text);

// What every row must say about names, addresses, roles; a row with mistakes is given as far as it
// could be read. `batch_max` is that of nodes that say nothing.
std::vector<NodeConfig> read_nodes(const TomlValue& rows, const std::string& folder, int batch_max,
                                   Mistakes& mistakes);

// What holds over all rows: names and addresses are one of a kind, one coordinator, and a secret
// where others reach an address.
void check_nodes(const TomlValue& rows, const std::vector<NodeConfig>& nodes, bool has_secret,
                 Mistakes& mistakes);

}  // namespace pecia::runtime
