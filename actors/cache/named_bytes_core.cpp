#include "actors/cache/named_bytes_core.hpp"

#include <cassert>

namespace pecia::actors {

NamedBytes::NamedBytes(std::size_t bytes_max, NameCheck check)
    : bytes_max_(bytes_max), check_(std::move(check)) {}

PutOutcome NamedBytes::put(const Id& name, const std::optional<Id>& parent, SharedBytes bytes) {
  assert(bytes != nullptr);
  if (const auto known = entries_.find(name); known != entries_.end()) {
    use(name, known->second);
    return PutOutcome::known;
  }
  if (bytes->empty() || parent == name || !check_(name, parent, *bytes)) return PutOutcome::refused;
  if (!make_room(bytes->size(), parent)) return PutOutcome::no_room;
  bytes_ += bytes->size();
  assert(bytes_ <= bytes_max_);
  const Id checksum = kernels::xxh3_128(*bytes);
  Entry& entry =
      entries_.try_emplace(name, Entry{std::move(bytes), checksum, parent}).first->second;
  if (parent) {
    if (const auto kept = entries_.find(*parent); kept != entries_.end()) {
      leaves_.erase({kept->second.used, *parent});
    }
    ++children_[*parent];
  }
  use(name, entry);
  return PutOutcome::stored;
}

SharedBytes NamedBytes::get(const Id& name) {
  const auto kept = entries_.find(name);
  if (kept == entries_.end()) return nullptr;
  if (kernels::xxh3_128(*kept->second.bytes) != kept->second.checksum) {
    forget(name);
    return nullptr;
  }
  use(name, kept->second);
  return kept->second.bytes;
}

std::optional<Id> NamedBytes::parent_of(const Id& name) const {
  const auto kept = entries_.find(name);
  return kept == entries_.end() ? std::nullopt : kept->second.parent;
}

std::vector<Id> NamedBytes::names(std::size_t max) const {
  std::vector<Id> names;
  for (const auto& [name, entry] : entries_) {
    if (names.size() == max) break;
    names.push_back(name);
  }
  return names;
}

void NamedBytes::forget(const Id& name) {
  const auto kept = entries_.find(name);
  if (kept == entries_.end()) return;
  leaves_.erase({kept->second.used, name});
  bytes_ -= kept->second.bytes->size();
  const std::optional<Id> parent = kept->second.parent;
  entries_.erase(kept);
  if (!parent) return;
  const auto siblings = children_.find(*parent);
  assert(siblings != children_.end());
  if (--siblings->second > 0) return;
  children_.erase(siblings);
  if (const auto left = entries_.find(*parent); left != entries_.end()) {
    leaves_.emplace(left->second.used, *parent);
  }
}

// Nothing is forgotten where it would not be enough.
bool NamedBytes::make_room(std::size_t bytes, const std::optional<Id>& parent) {
  if (bytes > bytes_max_) return false;
  if (bytes_ <= bytes_max_ - bytes) return true;
  std::size_t spared = 0;  // ancestors, which stay
  for (auto at = parent ? entries_.find(*parent) : entries_.end(); at != entries_.end();) {
    spared += at->second.bytes->size();
    if (spared > bytes_max_ - bytes) return false;
    at = at->second.parent ? entries_.find(*at->second.parent) : entries_.end();
  }
  // All but the parent's line can go, leaf by leaf, and the parent is the line's only leaf.
  while (bytes_ > bytes_max_ - bytes) {
    auto oldest = leaves_.begin();
    if (parent && oldest != leaves_.end() && oldest->second == *parent) ++oldest;
    assert(oldest != leaves_.end());
    forget(Id(oldest->second));
  }
  return true;
}

void NamedBytes::use(const Id& name, Entry& entry) {
  leaves_.erase({entry.used, name});
  entry.used = ++uses_;
  if (is_leaf(name)) leaves_.emplace(entry.used, name);
}

}  // namespace pecia::actors
