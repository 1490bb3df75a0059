#include "actors/cache/named_bytes_core.hpp"

#include <algorithm>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cache/names.hpp"

namespace pecia::actors {
namespace {

using kernels::philox64;
using test::any_bytes;
using test::name_of;
using test::shared_bytes;

// Pages `first`..`last`, each the child of the one before, of 10 bytes.
void put_chain(NamedBytes& pages, std::uint64_t first, std::uint64_t last) {
  std::optional<Id> parent;
  for (std::uint64_t page = first; page <= last; ++page) {
    REQUIRE(pages.put(name_of(page), parent, shared_bytes(page, 10)) == PutOutcome::stored);
    parent = name_of(page);
  }
}

// The same rules over a list, everything looked for from the start.
class PlainStore {
 public:
  explicit PlainStore(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  PutOutcome put(const Id& name, const std::optional<Id>& parent, std::size_t size) {
    if (Page* page = find(name)) return page->used = ++uses_, PutOutcome::known;
    if (size > bytes_max_) return PutOutcome::no_room;
    std::vector<Page> left = pages_;
    while (bytes(left) + size > bytes_max_) {
      auto oldest = left.end();
      for (auto page = left.begin(); page != left.end(); ++page) {
        const bool needed = page->name == parent || std::ranges::any_of(left, [&](const Page& p) {
                              return p.parent == page->name;
                            });
        if (!needed && (oldest == left.end() || page->used < oldest->used)) oldest = page;
      }
      if (oldest == left.end()) return PutOutcome::no_room;
      left.erase(oldest);
    }
    pages_ = std::move(left);
    pages_.push_back({name, parent, size, ++uses_});
    return PutOutcome::stored;
  }
  bool get(const Id& name) {
    Page* page = find(name);
    if (page != nullptr) page->used = ++uses_;
    return page != nullptr;
  }
  void forget(const Id& name) {
    std::erase_if(pages_, [&](const Page& page) { return page.name == name; });
  }
  bool has(const Id& name) { return find(name) != nullptr; }
  std::size_t bytes() const { return bytes(pages_); }

 private:
  struct Page {
    Id name;
    std::optional<Id> parent;
    std::size_t size = 0;
    std::uint64_t used = 0;
  };
  Page* find(const Id& name) {
    const auto page =
        std::ranges::find_if(pages_, [&](const Page& each) { return each.name == name; });
    return page == pages_.end() ? nullptr : &*page;
  }
  static std::size_t bytes(const std::vector<Page>& pages) {
    std::size_t sum = 0;
    for (const Page& page : pages) sum += page.size;
    return sum;
  }

  std::size_t bytes_max_;
  std::vector<Page> pages_;
  std::uint64_t uses_ = 0;
};

}  // namespace

TEST_CASE(
    "bytes are found under their name, the very same ones, and put twice they are kept once") {
  NamedBytes pages(100, any_bytes);
  const SharedBytes bytes = shared_bytes(1, 10);
  CHECK(pages.put(name_of(1), std::nullopt, bytes) == PutOutcome::stored);
  CHECK(pages.put(name_of(1), std::nullopt, shared_bytes(1, 10)) == PutOutcome::known);
  CHECK(pages.get(name_of(1)) == bytes);
  CHECK(pages.get(name_of(2)) == nullptr);
  CHECK(pages.bytes() == 10);
  CHECK(pages.count() == 1);
  pages.forget(name_of(1));
  pages.forget(name_of(2));
  CHECK(pages.bytes() == 0);
}

TEST_CASE("bytes that are not those of their name are refused") {
  const auto is_right = [](const Id& name, const std::optional<Id>& parent,
                           std::span<const std::byte> bytes) {
    return parent == name_of(1) && name == name_of(std::to_integer<std::uint64_t>(bytes[0]));
  };
  NamedBytes pages(100, is_right);
  CHECK(pages.put(name_of(3), name_of(1), shared_bytes(4, 10)) == PutOutcome::refused);
  CHECK(pages.put(name_of(3), name_of(2), shared_bytes(3, 10)) == PutOutcome::refused);
  CHECK(pages.put(name_of(3), name_of(1), shared_bytes(3, 10)) == PutOutcome::stored);
  CHECK(pages.put(name_of(1), name_of(1), shared_bytes(1, 10)) == PutOutcome::refused);
  CHECK(pages.put(name_of(1), name_of(2), shared_bytes(1, 0)) == PutOutcome::refused);
  CHECK(pages.count() == 1);
}

TEST_CASE("bytes that changed in memory are not given out, and forgotten") {
  NamedBytes pages(100, any_bytes);
  const auto bytes = std::make_shared<std::vector<std::byte>>(test::bytes_of(1, 10));
  REQUIRE(pages.put(name_of(1), std::nullopt, bytes) == PutOutcome::stored);
  (*bytes)[9] ^= std::byte{1};
  CHECK(pages.get(name_of(1)) == nullptr);
  CHECK_FALSE(pages.has(name_of(1)));
  CHECK(pages.bytes() == 0);
}

TEST_CASE("a chain used from its first page on is shortened from its end") {
  NamedBytes pages(50, any_bytes);
  put_chain(pages, 1, 3);
  put_chain(pages, 11, 12);
  for (const std::uint64_t page : {1, 2, 3}) REQUIRE(pages.get(name_of(page)) != nullptr);
  REQUIRE(pages.put(name_of(21), std::nullopt, shared_bytes(21, 10)) == PutOutcome::stored);
  CHECK_FALSE(pages.has(name_of(12)));  // not 11, though that was used before it
  REQUIRE(pages.put(name_of(22), name_of(21), shared_bytes(22, 20)) == PutOutcome::stored);
  CHECK_FALSE(pages.has(name_of(11)));
  CHECK_FALSE(pages.has(name_of(3)));
  CHECK(pages.has(name_of(1)));
  CHECK(pages.has(name_of(2)));
}

TEST_CASE("bytes that would push out their own ancestors are not taken in, and nothing is lost") {
  NamedBytes pages(40, any_bytes);
  put_chain(pages, 1, 3);
  REQUIRE(pages.put(name_of(9), std::nullopt, shared_bytes(9, 10)) == PutOutcome::stored);
  CHECK(pages.put(name_of(4), name_of(3), shared_bytes(4, 11)) == PutOutcome::no_room);
  CHECK(pages.put(name_of(5), std::nullopt, shared_bytes(5, 41)) == PutOutcome::no_room);
  CHECK(pages.count() == 4);
  CHECK(pages.put(name_of(4), name_of(3), shared_bytes(4, 10)) == PutOutcome::stored);
  CHECK_FALSE(pages.has(name_of(9)));
}

TEST_CASE("random use keeps what the plain rules keep, and never more than the limit") {
  std::size_t evictions = 0, refusals = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::size_t limit = 20 + philox64(seed, 0, 0) % 100;
    NamedBytes pages(limit, any_bytes);
    PlainStore plain(limit);
    for (std::uint64_t i = 0; i < 150; ++i) {
      // A tree of 40: the parent of page p is p / 2, of pages 0 to 3 none.
      const std::uint64_t page = philox64(seed, i, 1) % 40;
      const std::uint64_t act = philox64(seed, i, 2) % 10;
      const Id name = name_of(page);
      const auto parent = page < 4 ? std::nullopt : std::optional(name_of(page / 2));
      if (act < 6) {
        const std::size_t size = 1 + page % 9 * 3, before = plain.bytes();
        const PutOutcome outcome = pages.put(name, parent, shared_bytes(page, size));
        REQUIRE(outcome == plain.put(name, parent, size));
        evictions += outcome == PutOutcome::stored && plain.bytes() < before + size;
        refusals += outcome == PutOutcome::no_room;
      } else if (act < 9) {
        REQUIRE((pages.get(name) != nullptr) == plain.get(name));
      } else {
        pages.forget(name);
        plain.forget(name);
      }
      REQUIRE(pages.bytes() == plain.bytes());
      REQUIRE(pages.bytes() <= limit);
      for (std::uint64_t each = 0; each < 40; ++each) {
        REQUIRE(pages.has(name_of(each)) == plain.has(name_of(each)));
      }
    }
  }
  CHECK(evictions > 1'000);
  CHECK(refusals > 50);
}

}  // namespace pecia::actors
