#pragma once
// The one store of named bytes (DESIGN section 2) as one node sees it: what it keeps itself, who
// else has what, and whether fetching or computing is sooner. Prefix cache, hand-off, restore and
// migration all ask the same: have these pages, or compute them. Pure: no clock, no I/O.
// Thread rule: one caller at a time.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "actors/cache/fetch_cost_core.hpp"
#include "actors/cache/holders_core.hpp"
#include "actors/cache/named_bytes_core.hpp"

namespace pecia::actors {

struct CacheLimits {
  // Of the pages kept. More are hits instead of prefills, and take memory from the models.
  std::size_t cache_bytes_max = std::size_t{1} << 30;
  // Names that other nodes said they have, all together; about 200 bytes of memory each.
  std::size_t announcements_max = 1 << 20;
  // Nodes whose bandwidth is measured.
  std::size_t measured_nodes_max = 1'024;
};

// What one page costs, either way.
struct PageCost {
  std::size_t bytes = 0;   // to fetch
  std::size_t tokens = 0;  // to compute
};

// How a run of pages is to be had, from the first one on: those kept here, then those to fetch from
// one node, and the rest is computed.
struct PagePlan {
  std::size_t kept = 0, fetched = 0, computed = 0;  // pages
  std::optional<NodeBoot> from;                     // none where fetched is 0
};

class CacheCore {
 public:
  CacheCore(CacheLimits limits, SpeedGuesses guesses, NameCheck check);

  // `names` are the pages of a prompt in order, each of cost `page`. Fetches the longest run that
  // any one holder has behind what is kept, if that is sooner than computing it; of holders the one
  // that saves most time.
  PagePlan plan(std::span<const Id> names, const PageCost& page) const;

  void down(const NodeBoot& node);

  NamedBytes& pages() { return pages_; }
  const NamedBytes& pages() const { return pages_; }
  Holders& holders() { return holders_; }
  FetchCost& cost() { return cost_; }

 private:
  NamedBytes pages_;
  Holders holders_;
  FetchCost cost_;
};

}  // namespace pecia::actors
