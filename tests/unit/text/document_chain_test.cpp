#include "kernels/text/document_chain.hpp"

#include <algorithm>
#include <set>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

std::string random_text(std::size_t bytes) {
  std::string text(bytes, ' ');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(philox64(7, i, 0));
  return text;
}

constexpr std::size_t kOffsets[] = {0,     1,     31,    4'095,  4'096,  4'097,
                                    8'191, 8'192, 8'193, 12'288, 20'000, 20'001};

}  // namespace

TEST_CASE("the chain of a document is H over its blocks of 4 KiB, one after another") {
  const std::string text = random_text(5'000);
  const Id zero{};
  CHECK(document_chain("") == zero);
  CHECK(document_chain("abc") == FieldHash().field(zero).field("abc").id());
  const Id block = FieldHash().field(zero).field(std::string_view(text).substr(0, 4'096)).id();
  CHECK(document_chain(text.substr(0, 4'096)) == block);
  CHECK(document_chain(text) ==
        FieldHash().field(block).field(std::string_view(text).substr(4'096)).id());
}

TEST_CASE("a chain grown by any pieces is checked at any offset a reader may stand at") {
  const std::string text = random_text(20'001);
  for (const std::size_t piece : {1, 100, 4'096, 5'000, 20'001}) {
    DocumentChain chain;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      chain.append(std::string_view(text).substr(at, piece));
    }
    REQUIRE(chain.bytes() == text.size());
    REQUIRE(chain.id() == document_chain(text));
    for (const std::size_t offset : kOffsets) {
      REQUIRE(chain.at(text, offset) == document_chain(text.substr(0, offset)));
    }
  }
}

TEST_CASE("no two readers with other bytes or another offset have one chain") {
  const std::string text = random_text(20'001);
  std::set<Id> seen;
  for (const std::size_t offset : kOffsets) {
    REQUIRE(seen.insert(document_chain(text.substr(0, offset))).second);
    for (const std::size_t changed : {std::size_t{0}, offset / 2, offset - 1}) {
      if (changed >= offset) continue;
      std::string other = text.substr(0, offset);
      other[changed] = static_cast<char>(other[changed] + 1 + static_cast<char>(changed % 3));
      seen.insert(document_chain(other));
      REQUIRE(document_chain(other) != document_chain(text.substr(0, offset)));
    }
  }
}

}  // namespace pecia::kernels
