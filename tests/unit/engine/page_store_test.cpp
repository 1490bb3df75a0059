#include "kernels/engine/page_store.hpp"

#include <algorithm>

#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

constexpr std::size_t kPageBytes = 4096;

PageContent content_of(TokenId first, const std::optional<PageContent>& parent = {}) {
  PageContent content;
  content.tokens.fill(first);
  if (parent) {
    content.parent_key = parent->key;
    content.index = parent->index + 1;
  }
  content.key = page_key(content.parent_key, content.tokens);
  return content;
}

PageIndex take_one(PageStore& store) {
  REQUIRE(store.reserve(1));
  const std::optional<PageIndex> page = store.take();
  REQUIRE(page);
  return *page;
}

// Takes, publishes and releases a page, so that it lies idle.
PageIndex leave_idle(PageStore& store, const PageContent& content) {
  const PageIndex page = store.publish(take_one(store), content);
  store.release(page);
  return page;
}

TEST_CASE("a page that was used before is zero when taken again") {
  PageStore store(kPageBytes, 1);
  const PageIndex first = take_one(store);
  std::ranges::fill(store.bytes(first), std::byte{0xff});
  store.release(first);
  const PageIndex second = take_one(store);
  CHECK(second == first);
  CHECK(std::ranges::count(store.bytes(second), std::byte{0}) == std::ptrdiff_t(kPageBytes));
}

TEST_CASE("reservations and held pages together never exceed the limit") {
  PageStore store(kPageBytes, 4);
  CHECK_FALSE(store.reserve(5));
  REQUIRE(store.reserve(3));
  const std::optional<PageIndex> page = store.take();
  CHECK(store.held() == 1);
  CHECK_FALSE(store.reserve(2));
  CHECK(store.reserve(1));
  store.release(*page);
  CHECK(store.reserve(1));
  CHECK_FALSE(store.reserve(1));
  store.unreserve(4);
  CHECK(store.reserve(4));
}

TEST_CASE("a finished page is found by content until its memory is needed") {
  PageStore store(kPageBytes, 2);
  const PageContent content = content_of(7);
  const PageIndex page = leave_idle(store, content);
  CHECK(store.idle() == 1);
  CHECK(store.held() == 0);
  CHECK(store.find_key(content.key) == page);
  take_one(store);  // untouched memory comes first
  CHECK(store.find_key(content.key) == page);
  CHECK(take_one(store) == page);
  CHECK_FALSE(store.find_key(content.key));
  CHECK(store.idle() == 0);
}

TEST_CASE("a page that others still hold is neither idle nor taken") {
  PageStore store(kPageBytes, 1);
  const PageIndex page = leave_idle(store, content_of(7));
  store.retain(page);
  store.retain(page);
  CHECK_FALSE(store.reserve(1));
  store.release(page);
  CHECK_FALSE(store.reserve(1));
  store.release(page);
  CHECK(store.reserve(1));
}

TEST_CASE("children of a released sequence go before their parents") {
  PageStore store(kPageBytes, 3);
  std::vector<PageContent> chain = {content_of(1)};
  chain.push_back(content_of(2, chain[0]));
  chain.push_back(content_of(3, chain[1]));
  std::vector<PageIndex> pages;
  for (const PageContent& content : chain) pages.push_back(store.publish(take_one(store), content));
  for (int i = 2; i >= 0; --i) store.release(pages[i]);
  take_one(store);
  CHECK(store.find_key(chain[0].key));
  CHECK(store.find_key(chain[1].key));
  CHECK_FALSE(store.find_key(chain[2].key));
  take_one(store);
  CHECK(store.find_key(chain[0].key));
  CHECK_FALSE(store.find_key(chain[1].key));
}

TEST_CASE("two sequences that compute the same page end up with one") {
  PageStore store(kPageBytes, 2);
  const PageContent content = content_of(5);
  const PageIndex first = store.publish(take_one(store), content);
  const PageIndex second = store.publish(take_one(store), content);
  CHECK(first == second);
  CHECK(store.held() == 1);
  store.release(first);
  CHECK(store.idle() == 0);
  store.release(second);
  CHECK(store.idle() == 1);
}

TEST_CASE("a named page is found by its name, and forgotten with its content") {
  PageStore store(kPageBytes, 1);
  const PageContent content = content_of(9);
  const PageIndex page = leave_idle(store, content);
  REQUIRE(store.unnamed() == std::vector{page});
  const PageName name{.name = Id{1, 2, 3}, .parent = {}};
  store.set_name(page, name);
  CHECK(store.unnamed().empty());
  CHECK(store.find_name(name.name) == page);
  take_one(store);
  CHECK_FALSE(store.find_name(name.name));
}

TEST_CASE("pages without a name come parents first, however they lie in memory") {
  PageStore store(kPageBytes, 4);
  const PageContent parent = content_of(1);
  const PageContent child = content_of(2, parent);
  const PageIndex child_page = store.publish(take_one(store), child);
  const PageIndex parent_page = store.publish(take_one(store), parent);
  CHECK(store.unnamed() == std::vector{parent_page, child_page});
}

TEST_CASE("a store of many slabs gives every page its own memory up to the limit") {
  constexpr std::size_t kLargePage = std::size_t{5} << 20;
  PageStore store(kLargePage, 8);
  REQUIRE(store.reserve(8));
  std::vector<std::byte*> starts;
  for (int i = 0; i < 8; ++i) starts.push_back(store.bytes(store.take().value()).data());
  std::ranges::sort(starts);
  for (std::size_t i = 1; i < starts.size(); ++i) {
    CHECK(starts[i] - starts[i - 1] >= std::ptrdiff_t(kLargePage));
  }
  CHECK_FALSE(store.reserve(1));
}

}  // namespace
}  // namespace pecia::kernels
