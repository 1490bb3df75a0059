#pragma once
// Paged KV memory: equal pages out of slabs, counted references, and a content index that keeps
// finished pages findable until their memory is needed.
//
//   free --take--> held(1) --publish--> held, findable --release--> idle, findable --take-->
//   (reused)
//                     '------release (never published)------> free
//
// Taking a page consumes a reservation made before, so a sequence that was admitted with all its
// pages reserved can never be stuck half way. Idle pages count as available and go in the order of
// their release; releasing a sequence's pages from the last to the first therefore drops children
// before their parents. Thread rule: one caller at a time.

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/cpu/aligned_buffer.hpp"
#include "kernels/engine/page_names.hpp"

namespace pecia::kernels {

using PageIndex = std::uint32_t;

class PageStore {
 public:
  PageStore(std::size_t page_bytes, std::size_t pages_max);

  // -- memory ------------------------------------------------------------------------------------
  bool reserve(std::size_t pages);  // all or nothing
  void unreserve(std::size_t pages);
  // One zeroed page with one reference. REQUIRES a reservation, which it consumes; nullopt (and the
  // reservation stays) where the system has no memory.
  std::optional<PageIndex> take();
  void retain(PageIndex page);
  void release(PageIndex page);
  std::span<std::byte> bytes(PageIndex page) const;

  // -- content -----------------------------------------------------------------------------------
  // Makes a full page findable. Where the same content is findable already, the caller's reference
  // moves over to that page. Returns the page that now stands for the content.
  PageIndex publish(PageIndex page, const PageContent& content);
  void set_name(PageIndex page, const PageName& name);
  bool is_idle(PageIndex page) const { return pages_[page].references == 0; }
  std::optional<PageIndex> find_key(const Id& key) const;
  std::optional<PageIndex> find_name(const Id& name) const;
  const PageContent& content(PageIndex page) const { return *pages_[page].content; }
  const std::optional<PageName>& name(PageIndex page) const { return pages_[page].name; }
  // Findable pages without a name, parents before children.
  std::vector<PageIndex> unnamed() const;

  // -- figures -----------------------------------------------------------------------------------
  std::size_t page_bytes() const { return page_bytes_; }
  std::size_t pages_max() const { return pages_max_; }
  std::size_t held() const { return held_; }
  std::size_t idle() const { return idle_.size(); }

 private:
  struct Page {
    std::uint32_t references = 0;
    std::optional<PageContent> content;
    std::optional<PageName> name;
    std::list<PageIndex>::iterator idle_place;  // valid while references == 0 and content
  };
  using Index = std::unordered_map<Id, PageIndex, IdHash>;

  std::optional<PageIndex> any_free_page();
  bool grow();
  void forget(PageIndex page);

  std::size_t page_bytes_;
  std::size_t pages_max_;
  std::size_t slab_pages_;
  std::vector<AlignedBuffer> slabs_;
  std::vector<Page> pages_;  // of all slabs so far
  std::vector<PageIndex> free_;
  std::list<PageIndex> idle_;  // the longest released first
  std::size_t held_ = 0;
  std::size_t reserved_ = 0;
  Index by_key_, by_name_;
};

}  // namespace pecia::kernels
