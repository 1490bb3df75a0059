#pragma once
// Immutable bytes under names made from their content, as many as a byte limit allows: pages of
// keys and values first of all, and whatever else has a name. What the bytes mean is the owner's
// business: it gives the check that decides whether bytes are those of their name.
//
// What goes when room is needed is the leaf used longest ago: a page behind whose parent is gone is
// still right, but no prefill that starts at the first token can reach it. A chain is used from its
// first page on, so by age alone its first page would always go first and orphan all the others; by
// leaves it is shortened from its end. For the same reason bytes that would push out their own
// parent are not taken in. Parents are part of a name, so they form no cycles.
// Thread rule: one caller at a time.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "kernels/base/hash.hpp"

namespace pecia::actors {

using kernels::Id;
using SharedBytes = std::shared_ptr<const std::vector<std::byte>>;

// Whether these are the bytes, and the parent, that the name stands for.
using NameCheck = std::function<bool(const Id& name, const std::optional<Id>& parent,
                                     std::span<const std::byte> bytes)>;

enum class PutOutcome : std::uint8_t {
  stored,
  known,    // kept already; used just now
  refused,  // not the bytes of that name, none at all, or a name that is its own parent
  no_room,  // larger than the limit, or only its own ancestors could make room
};

class NamedBytes {
 public:
  NamedBytes(std::size_t bytes_max, NameCheck check);

  PutOutcome put(const Id& name, const std::optional<Id>& parent, SharedBytes bytes);
  // Null where they are not kept; bytes whose checksum does not hold any more are forgotten.
  SharedBytes get(const Id& name);
  bool has(const Id& name) const { return entries_.contains(name); }
  std::optional<Id> parent_of(const Id& name) const;  // none: it has none, or is not kept
  std::vector<Id> names(std::size_t max) const;       // of what is kept, so many at most
  void forget(const Id& name);

  std::size_t bytes() const { return bytes_; }  // never above bytes_max
  std::size_t count() const { return entries_.size(); }

 private:
  struct Entry {
    SharedBytes bytes;
    Id checksum{};  // XXH3-128
    std::optional<Id> parent;
    std::uint64_t used = 0;
  };

  bool make_room(std::size_t bytes, const std::optional<Id>& parent);
  void use(const Id& name, Entry& entry);
  bool is_leaf(const Id& name) const { return !children_.contains(name); }

  std::size_t bytes_max_;
  NameCheck check_;
  std::map<Id, Entry> entries_;
  std::map<Id, std::size_t> children_;             // kept ones of a name, which may be gone itself
  std::set<std::pair<std::uint64_t, Id>> leaves_;  // the one used longest ago first
  std::size_t bytes_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace pecia::actors
