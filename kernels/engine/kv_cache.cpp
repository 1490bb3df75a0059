#include "kernels/engine/kv_cache.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace pecia::kernels {

KvCache::KvCache(std::shared_ptr<const Model> model, KvCacheOptions options)
    : model_(std::move(model)),
      options_(std::move(options)),
      store_(options_.page_bytes, options_.pages_max) {}

bool KvCache::admit(PageTable& table, std::size_t pages_total, std::span<const Id> keys) {
  assert(table.pages.empty() && table.reserved == 0 && keys.size() <= pages_total);
  std::size_t shared = 0;
  for (const Id& key : keys) {
    const std::optional<PageIndex> page = store_.find_key(key);
    if (!page) break;
    if (!store_.is_idle(*page)) ++shared;
  }
  if (!store_.reserve(pages_total - shared)) return false;
  table.pages_total = pages_total;
  table.reserved = pages_total - shared;
  adopt(table, keys);
  assert(table.pages.size() + table.reserved == pages_total);
  return true;
}

void KvCache::adopt(PageTable& table, std::span<const Id> keys) {
  while (table.pages.size() < keys.size()) {
    const std::optional<PageIndex> page = store_.find_key(keys[table.pages.size()]);
    if (!page) return;
    hold(table, *page);
  }
}

// An idle page costs one of the table's promised pages, a page that others hold costs none.
void KvCache::hold(PageTable& table, PageIndex page) {
  if (store_.is_idle(page)) {
    store_.unreserve(1);
    --table.reserved;
  }
  store_.retain(page);
  table.pages.push_back(page);
  if (table.pages.size() + table.reserved > table.pages_total) {
    store_.unreserve(1);
    --table.reserved;
  }
}

bool KvCache::extend(PageTable& table, std::size_t pages_more) {
  if (!store_.reserve(pages_more)) return false;
  table.pages_total += pages_more;
  table.reserved += pages_more;
  return true;
}

bool KvCache::cover(PageTable& table, std::size_t positions) {
  while (table.pages.size() * kPageTokens < positions) {
    assert(table.reserved > 0);
    const std::optional<PageIndex> page = store_.take();
    if (!page) return false;
    --table.reserved;
    table.pages.push_back(*page);
  }
  return true;
}

void KvCache::publish(PageTable& table, std::size_t index, std::span<const Id> keys,
                      std::span<const TokenId> tokens) {
  PageContent content{.key = keys[index], .index = static_cast<std::uint32_t>(index)};
  if (index > 0) content.parent_key = keys[index - 1];
  std::ranges::copy(tokens.subspan(index * kPageTokens, kPageTokens), content.tokens.begin());
  table.pages[index] = store_.publish(table.pages[index], content);
}

void KvCache::release(PageTable& table) {
  for (; !table.pages.empty(); table.pages.pop_back()) store_.release(table.pages.back());
  store_.unreserve(table.reserved);
  table = {};
}

std::uint16_t* KvCache::halves(PageIndex page) {
  return reinterpret_cast<std::uint16_t*>(store_.bytes(page).data());
}

// -- pages by name -------------------------------------------------------------------------------

const PageScope& KvCache::scope() {
  if (!scope_) scope_ = PageScope{options_.numerics, model_->id(), options_.salt};
  return *scope_;
}

PageShape KvCache::shape() const {
  const auto number = [](int value) { return static_cast<std::uint32_t>(value); };
  return {number(model_->range().first), number(model_->range().last),
          number(model_->params().kv_heads), number(model_->params().head_dim)};
}

// Pages get names when somebody asks for one. Parents outlive their children in the store (they
// are released later); an imported page brings its parent's name along.
void KvCache::name_pages() {
  for (const PageIndex page : store_.unnamed()) {
    const PageContent& content = store_.content(page);
    PageName name;
    if (content.parent_key) {
      const std::optional<PageIndex> parent = store_.find_key(*content.parent_key);
      if (!parent || !store_.name(*parent)) continue;
      name.parent = store_.name(*parent)->name;
    }
    name.name = scope().name(name.parent, content.tokens);
    store_.set_name(page, name);
  }
}

bool KvCache::has_page(const Id& name) {
  name_pages();
  return store_.find_name(name).has_value();
}

Expected<std::vector<std::byte>> KvCache::export_page(const Id& name) {
  name_pages();
  const std::optional<PageIndex> page = store_.find_name(name);
  if (!page) return fail(ErrorKind::elsewhere, "page {}: not in this engine", hex(name));
  const PageContent& content = store_.content(*page);
  const PageHeader header{content.index, content.tokens,    *store_.name(*page),
                          shape(),       options_.numerics, scope().model};
  return encode_page(header, store_.bytes(*page));
}

// The key follows from the parent, so that the two chains of a page can never disagree.
Expected<PageContent> KvCache::content_of(const PageHeader& header) const {
  PageContent content{.index = header.index, .tokens = header.tokens};
  if (header.name.parent) {
    const std::optional<PageIndex> parent = store_.find_name(*header.name.parent);
    if (!parent) {
      return fail(ErrorKind::retry, "page {}: its parent {} must be here first",
                  hex(header.name.name), hex(*header.name.parent));
    }
    const PageContent& before = store_.content(*parent);
    if (header.index != before.index + 1) {
      return fail(ErrorKind::refuse, "page {}: has index {}, its parent has {}",
                  hex(header.name.name), header.index, before.index);
    }
    content.parent_key = before.key;
  }
  content.key = page_key(content.parent_key, content.tokens);
  return content;
}

Status KvCache::import_page(std::span<const std::byte> bytes) {
  if (!options_.share) return fail(ErrorKind::refuse, "page: this engine has its prefix cache off");
  const Expected<DecodedPage> decoded = decode_page(bytes);
  if (!decoded) return decoded.error();
  Status fits = check_page(*decoded, scope(), shape(), options_.page_bytes);
  if (!fits) return fits;

  const PageHeader& header = decoded->header;
  if (has_page(header.name.name)) return {};
  const Expected<PageContent> content = content_of(header);
  if (!content) return content.error();
  if (!store_.reserve(1)) {
    return fail(ErrorKind::retry, "page {}: all {} pages are in use", hex(header.name.name),
                store_.pages_max());
  }
  const std::optional<PageIndex> page = store_.take();
  if (!page) {
    store_.unreserve(1);
    return fail(ErrorKind::elsewhere, "page {}: no memory", hex(header.name.name));
  }
  std::ranges::copy(decoded->payload, store_.bytes(*page).begin());
  store_.publish(*page, *content);
  store_.set_name(*page, header.name);
  store_.release(*page);
  return {};
}

}  // namespace pecia::kernels
