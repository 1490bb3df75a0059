#pragma once
// What executors and the cache of a node hand to each other. Thread rule: values; the bytes of a
// page never change.

#include <optional>
#include <vector>

#include "actors/cache/named_bytes_core.hpp"

namespace pecia::actors {

struct PageNames {
  std::vector<Id> names;  // in the order of their text
};

struct Page {
  Id name{};
  std::optional<Id> parent;  // none: the first of its text
  SharedBytes bytes;
};
struct Pages {
  std::vector<Page> pages;  // in the order of their text
};

}  // namespace pecia::actors
