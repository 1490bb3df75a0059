#pragma once
// What the caches of a cluster say to each other, beside the messages of actors: as bulk transfers,
// for pages are large. Every message may come late or never; what is given is checked by its name.
//
//   held    I have these                                to all, when it becomes so
//   wanted  give me these, as many as you have          to one; or, of an arbiter: who computes
//   them? given   one of them                                 in their order end     of what was
//   wanted                          whether or not anything was given
//
// Bytes: ids are 16 bytes each as they are; a page is its name, its parent (or zeros and the flag
// 0) and what it holds. Decoding refuses everything else. Thread rule: pure functions.

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "actors/cache/page_exchange.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::actors {

inline constexpr std::size_t kPageNamesMax = 65'536;  // of one message

// Of one asker; an answer that nobody waits for is ignored.
using RequestId = std::uint64_t;

struct PagesHeld {
  std::vector<Id> names;
};
struct PagesWanted {
  RequestId request = 0;
  bool arbitrate = false;  // by the first name alone; nothing is given
  std::vector<Id> names;
};
struct PageGiven {
  RequestId request = 0;
  Page page;
};
struct PagesEnd {
  RequestId request = 0;
};
using PageMessage = std::variant<PagesHeld, PagesWanted, PageGiven, PagesEnd>;

struct PagePacket {
  std::uint16_t kind = 0;
  SharedBytes bytes;
};
PagePacket encode(const PageMessage& message);  // REQUIRES kPageNamesMax names at most
kernels::Expected<PageMessage> decode_page_message(std::uint16_t kind,
                                                   std::span<const std::byte> bytes);

}  // namespace pecia::actors
