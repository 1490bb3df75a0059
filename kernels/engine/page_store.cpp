#include "kernels/engine/page_store.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace pecia::kernels {
namespace {

// Large enough for huge pages, small enough that a short run stays small.
constexpr std::size_t kSlabBytes = std::size_t{16} << 20;

}  // namespace

PageStore::PageStore(std::size_t page_bytes, std::size_t pages_max)
    : page_bytes_(page_bytes),
      pages_max_(pages_max),
      slab_pages_(std::clamp<std::size_t>(kSlabBytes / page_bytes, 1,
                                          std::max<std::size_t>(pages_max, 1))) {}

bool PageStore::reserve(std::size_t pages) {
  if (pages > pages_max_ - held_ - reserved_) return false;
  reserved_ += pages;
  return true;
}

void PageStore::unreserve(std::size_t pages) {
  assert(pages <= reserved_);
  reserved_ -= pages;
}

std::optional<PageIndex> PageStore::take() {
  assert(reserved_ > 0);
  const std::optional<PageIndex> page = any_free_page();
  if (!page) return std::nullopt;
  --reserved_;
  ++held_;
  pages_[*page].references = 1;
  std::memset(bytes(*page).data(), 0, page_bytes_);
  return page;
}

// Untouched memory comes before idle content: a hit is worth more than a small footprint.
std::optional<PageIndex> PageStore::any_free_page() {
  if (free_.empty() && !grow()) {
    if (idle_.empty()) return std::nullopt;
    forget(idle_.front());
  }
  const PageIndex page = free_.back();
  free_.pop_back();
  return page;
}

bool PageStore::grow() {
  const std::size_t pages = std::min(slab_pages_, pages_max_ - pages_.size());
  if (pages == 0) return false;
  try {
    slabs_.emplace_back(pages * page_bytes_);
  } catch (const std::bad_alloc&) {
    return false;
  }
  const std::size_t first = pages_.size();
  pages_.resize(first + pages);
  for (std::size_t page = pages_.size(); page-- > first;) {
    free_.push_back(static_cast<PageIndex>(page));
  }
  return true;
}

void PageStore::forget(PageIndex page) {
  Page& entry = pages_[page];
  assert(entry.references == 0 && entry.content);
  idle_.erase(entry.idle_place);
  by_key_.erase(entry.content->key);
  if (entry.name && find_name(entry.name->name) == page) by_name_.erase(entry.name->name);
  entry.content.reset();
  entry.name.reset();
  free_.push_back(page);
}

void PageStore::retain(PageIndex page) {
  Page& entry = pages_[page];
  if (entry.references++ > 0) return;
  assert(entry.content);
  idle_.erase(entry.idle_place);
  ++held_;
  assert(held_ + reserved_ <= pages_max_);
}

void PageStore::release(PageIndex page) {
  Page& entry = pages_[page];
  assert(entry.references > 0);
  if (--entry.references > 0) return;
  --held_;
  if (entry.content) {
    entry.idle_place = idle_.insert(idle_.end(), page);
  } else {
    free_.push_back(page);
  }
}

std::span<std::byte> PageStore::bytes(PageIndex page) const {
  std::byte* slab = slabs_[page / slab_pages_].data();
  return {slab + (page % slab_pages_) * page_bytes_, page_bytes_};
}

PageIndex PageStore::publish(PageIndex page, const PageContent& content) {
  assert(pages_[page].references > 0 && !pages_[page].content);
  const auto [known, fresh] = by_key_.try_emplace(content.key, page);
  if (fresh) {
    pages_[page].content = content;
    return page;
  }
  release(page);
  retain(known->second);
  return known->second;
}

void PageStore::set_name(PageIndex page, const PageName& name) {
  assert(pages_[page].content && !pages_[page].name);
  pages_[page].name = name;
  by_name_.emplace(name.name, page);
}

std::optional<PageIndex> PageStore::find_key(const Id& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<PageIndex> PageStore::find_name(const Id& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<PageIndex> PageStore::unnamed() const {
  std::vector<PageIndex> found;
  if (by_name_.size() == by_key_.size()) return found;
  for (PageIndex page = 0; page < pages_.size(); ++page) {
    if (pages_[page].content && !pages_[page].name) found.push_back(page);
  }
  std::ranges::sort(found, {}, [&](PageIndex page) { return pages_[page].content->index; });
  return found;
}

}  // namespace pecia::kernels
