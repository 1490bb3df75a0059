#pragma once
// The KV pages of all sequences of one engine: who holds which page, what a sequence may still
// take, which full pages others can use, and what pages are called outside.
// Thread rule: one caller at a time.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/engine/model.hpp"
#include "kernels/engine/page_codec.hpp"
#include "kernels/engine/page_names.hpp"
#include "kernels/engine/page_store.hpp"

namespace pecia::kernels {

// Pages of one sequence: page p holds positions 32p..32p+31.
struct PageTable {
  std::vector<PageIndex> pages;
  std::size_t pages_total = 0;  // held at the end
  std::size_t reserved = 0;     // promised by the store; held + reserved == pages_total
};

struct KvCacheOptions {
  std::size_t page_bytes = 0;
  std::size_t pages_max = 0;
  bool share = true;  // full pages are findable by content
  std::string numerics;
  std::string salt;
};

constexpr std::size_t pages_for(std::int64_t positions) {
  return static_cast<std::size_t>((positions + kPageTokens - 1) / kPageTokens);
}

class KvCache {
 public:
  KvCache(std::shared_ptr<const Model> model, KvCacheOptions options);

  // -- pages of a sequence -----------------------------------------------------------------------
  // Promises the table its `pages_total` pages and adopts the known ones of its leading full pages
  // (`keys`). Pages that other sequences hold already cost nothing. False: not now.
  bool admit(PageTable& table, std::size_t pages_total, std::span<const Id> keys);
  // Takes over the pages of keys that are known, from the table's end on.
  void adopt(PageTable& table, std::span<const Id> keys);
  // `pages_more` beyond those promised before. False: not now, and nothing changed.
  bool extend(PageTable& table, std::size_t pages_more);
  // Holds pages for positions [0, positions). REQUIRES their promise. False: the system has no
  // memory.
  bool cover(PageTable& table, std::size_t positions);
  // Makes page `index` of the table findable; it holds 32 computed positions.
  void publish(PageTable& table, std::size_t index, std::span<const Id> keys,
               std::span<const TokenId> tokens);
  void release(PageTable& table);
  std::uint16_t* halves(PageIndex page);

  // -- pages by name -----------------------------------------------------------------------------
  const PageScope& scope();  // reads the whole model file at the first call
  bool has_page(const Id& name);
  Expected<std::vector<std::byte>> export_page(const Id& name);
  Status import_page(std::span<const std::byte> bytes);

  const PageStore& store() const { return store_; }
  bool shares() const { return options_.share; }

 private:
  void hold(PageTable& table, PageIndex page);
  void name_pages();
  PageShape shape() const;
  Expected<PageContent> content_of(const PageHeader& header) const;

  std::shared_ptr<const Model> model_;
  KvCacheOptions options_;
  std::optional<PageScope> scope_;
  PageStore store_;
};

}  // namespace pecia::kernels
