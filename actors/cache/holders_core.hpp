#pragma once
// Which nodes said that they have which bytes. Hearsay: a holder may have dropped them since, and
// the fetch that fails says so. Bounded: beyond the limit what was announced longest ago is
// forgotten, and only costs a prefill. Thread rule: one caller at a time.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "runtime/wire/names.hpp"

namespace pecia::actors {

using runtime::Id;
using runtime::NodeBoot;

class Holders {
 public:
  explicit Holders(std::size_t announcements_max) : announcements_max_(announcements_max) {}

  void announce(const NodeBoot& node, std::span<const Id> names);
  void withdraw(const NodeBoot& node, const Id& name);
  void forget(const NodeBoot& node);  // it went down

  std::vector<NodeBoot> of(const Id& name) const;  // in the order of their names
  // How many of the names, from the first on, the node has.
  std::size_t run_of(const NodeBoot& node, std::span<const Id> names) const;
  std::size_t announcements() const { return ages_.size(); }  // never above the limit

 private:
  using Announcement = std::pair<NodeBoot, Id>;

  std::size_t announcements_max_;
  std::map<Announcement, std::uint64_t> ages_;
  std::map<std::uint64_t, Announcement> by_age_;  // the oldest first
  std::map<Id, std::set<NodeBoot>> holders_;
  std::uint64_t next_age_ = 0;
};

}  // namespace pecia::actors
