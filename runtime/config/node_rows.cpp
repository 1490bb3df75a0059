#include "runtime/config/node_rows.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "runtime/config/foreign_words.hpp"
#include "runtime/config/toml_row.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia::runtime {

namespace {

constexpr std::array<std::string_view, 7> kKeys = {"name",   "address", "roles",    "model",
                                                   "device", "threads", "batch_max"};
constexpr std::array<std::string_view, 3> kRoleWords = {"coordinator", "cache", "worker"};
constexpr std::string_view kRolesRight = R"(give one or more of "coordinator", "cache", "worker")";

// -- one row -------------------------------------------------------------------------------------

std::string read_name(const TomlRow& row, Mistakes& mistakes) {
  const auto name = row.needed_text("name", "\"NAME\"");
  if (!name) return {};
  if (!is_cluster_word(*name)) {
    mistakes.add(row.place_of("name"),
                 "the node's name {} does not do; give 1 to {} of a-z, 0-9 and '-', no '-' first",
                 quoted(*name), kNodeNameBytesMax);
    return {};
  }
  if (name->starts_with(kClientPrefix)) {
    mistakes.add(row.place_of("name"),
                 "the node's name {} begins as those of clients do; give one without '{}'",
                 quoted(*name), kClientPrefix);
    return {};
  }
  return *name;
}

NodeAddress read_address(const TomlRow& row, Mistakes& mistakes) {
  const auto text = row.needed_text("address", "\"ADDRESS:PORT\"");
  if (!text) return {};
  const auto address = parse_address(*text);
  if (address) return *address;
  mistakes.add(row.place_of("address"), "address {}", address.error().message);
  return {};
}

void read_role(const TomlValue& value, Roles& roles, Mistakes& mistakes) {
  if (value.kind != TomlKind::text) {
    return mistakes.add(value.place, "a role is {}; {}", kind_name(value.kind), kRolesRight);
  }
  const std::array<bool*, 3> members = {&roles.coordinator, &roles.cache, &roles.worker};
  const auto word = std::ranges::find(kRoleWords, value.text);
  if (word == kRoleWords.end()) {
    return mistakes.add(value.place, "there is no role {}; the nearest is '{}'", quoted(value.text),
                        nearest(value.text, kRoleWords));
  }
  bool& has = *members[static_cast<std::size_t>(word - kRoleWords.begin())];
  if (has) mistakes.add(value.place, "the role '{}' is given twice; take one out", *word);
  has = true;
}

Roles read_roles(const TomlRow& row, Mistakes& mistakes) {
  Roles roles;
  const TomlValue* list = row.need("roles", R"(["worker"], say)");
  if (list == nullptr) return roles;
  if (list->kind != TomlKind::array) {
    mistakes.add(list->place, "roles is {}; give an array: {}", kind_name(list->kind), kRolesRight);
    return roles;
  }
  if (list->elements.empty()) mistakes.add(list->place, "roles is empty; {}", kRolesRight);
  for (const TomlValue& value : list->elements) read_role(value, roles, mistakes);
  return roles;
}

void check_device(const TomlRow& row, Mistakes& mistakes) {
  const auto device = row.text("device");
  if (!device || *device == "cpu") return;
  if (*device == "cuda") {
    mistakes.add(row.place_of("device"),
                 "device = \"cuda\": this version computes on the CPU only; give \"cpu\"");
  } else {
    mistakes.add(row.place_of("device"), "there is no device {}; give \"cpu\"", quoted(*device));
  }
}

void read_batch_max(const TomlRow& row, NodeConfig& node, Mistakes& mistakes) {
  const int most = static_cast<int>(kHeldMax);
  if (const auto given = row.number("batch_max", 1, most, "sequences")) node.batch_max = *given;
  if (row.find("batch_max") != nullptr && row.find("roles") != nullptr && !node.roles.worker) {
    mistakes.add(row.place_of("batch_max"),
                 "batch_max is a worker's, and this node has no role \"worker\"; take it out");
  }
}

NodeConfig read_node(const TomlValue& value, const std::string& folder, int batch_max,
                     Mistakes& mistakes) {
  const TomlRow row("[[node]]", value.place, value, mistakes);
  NodeConfig node;
  node.batch_max = batch_max;
  node.places = {mistakes.name(row.place()), mistakes.name(row.place_of("address")),
                 mistakes.name(row.place_of("model"))};
  if (value.kind != TomlKind::table) return node;
  row.refuse_others(kKeys);
  node.name = read_name(row, mistakes);
  node.address = read_address(row, mistakes);
  node.roles = read_roles(row, mistakes);
  node.model = row.path("model", folder).value_or("");
  check_device(row, mistakes);
  node.threads = row.number("threads", 0, kNodeThreadsMax, "threads").value_or(0);
  read_batch_max(row, node, mistakes);
  return node;
}

// -- all rows ------------------------------------------------------------------------------------

class AllRows {
 public:
  AllRows(const TomlValue& rows, const std::vector<NodeConfig>& nodes, Mistakes& mistakes)
      : rows_(rows), nodes_(nodes), mistakes_(mistakes) {}

  // `text` gives what must be one of a kind; empty where the row has none.
  template <class Text>
  void check_unique(std::string_view key, Text text) {
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const std::string one = text(nodes_[i]);
      if (one.empty()) continue;
      const auto [first, is_new] = known.emplace(one, i);
      if (is_new) continue;
      mistakes_.add(place_of(i, key), "the {} '{}' is taken by the node at {}; give another", key,
                    one, nodes_[first->second].places.row);
    }
  }

  void check_coordinator() {
    const NodeConfig* first = nullptr;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!nodes_[i].roles.coordinator) continue;
      if (first != nullptr) {
        mistakes_.add(place_of(i, "roles"),
                      "a second coordinator, beside the node at {}; exactly one node has this role "
                      "in this version, take it from one of them",
                      first->places.row);
      }
      if (first == nullptr) first = &nodes_[i];
    }
    if (first != nullptr || nodes_.empty()) return;
    mistakes_.add(rows_.elements.front().place,
                  "no node has the role \"coordinator\"; give it to exactly one of them");
  }

  void check_secret(bool has_secret) {
    for (std::size_t i = 0; !has_secret && i < nodes_.size(); ++i) {
      const NodeAddress& address = nodes_[i].address;
      if (address.port == 0 || address.is_loopback) continue;
      mistakes_.add(place_of(i, "address"),
                    "{} is reached from other machines, and nothing tells a node from a stranger; "
                    "give [security] secret_file, or an address of loopback",
                    quoted(to_string(address)));
    }
  }

 private:
  TomlPlace place_of(std::size_t row, std::string_view key) const {
    const TomlValue& value = rows_.elements[row];
    const auto found = std::ranges::find(value.entries, key, &TomlEntry::key);
    return found == value.entries.end() ? value.place : found->value.place;
  }

  const TomlValue& rows_;
  const std::vector<NodeConfig>& nodes_;
  Mistakes& mistakes_;
};

}  // namespace

bool is_cluster_word(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= kNodeNameBytesMax && text.front() != '-' &&
         std::ranges::all_of(text, is_allowed);
}

std::vector<NodeConfig> read_nodes(const TomlValue& rows, const std::string& folder, int batch_max,
                                   Mistakes& mistakes) {
  std::vector<NodeConfig> nodes;
  if (rows.kind != TomlKind::array || rows.elements.empty()) {
    mistakes.add(rows.place, "node is {}; begin each node by a line [[node]]",
                 rows.kind == TomlKind::array ? "an empty array" : kind_name(rows.kind));
    return nodes;
  }
  if (rows.elements.size() > kNodesMax) {
    mistakes.add(rows.elements[kNodesMax].place, "{} nodes; a cluster has at most {}",
                 rows.elements.size(), kNodesMax);
  }
  const std::size_t count = std::min(rows.elements.size(), kNodesMax);
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push_back(read_node(rows.elements[i], folder, batch_max, mistakes));
  }
  return nodes;
}

void check_nodes(const TomlValue& rows, const std::vector<NodeConfig>& nodes, bool has_secret,
                 Mistakes& mistakes) {
  AllRows all(rows, nodes, mistakes);
  all.check_unique("name", [](const NodeConfig& node) { return node.name; });
  all.check_unique("address", [](const NodeConfig& node) {
    return node.address.port == 0 ? "" : to_string(node.address);
  });
  all.check_coordinator();
  all.check_secret(has_secret);
}

}  // namespace pecia::runtime
