#pragma once
// The wire between the ends of a trial's network: what becomes of each packet. Every directed pair
// of ends has a rule of its own and a bounded queue of what waits; a seed decides what is lost.
//
//   end --packet--> rule of (from, to) --.--> at once
//                     |    |             '--> waits until its time, behind those before it
//                     cut  lost, or no room left
//
// A healthy pair passes everything at once; so nothing overtakes, whatever its rule is or was.
// Pure: no clock, no I/O. Times are microseconds of any clock that does not go back.
// Thread rule: one thread at a time.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pecia::apps {

constexpr std::size_t kEndsMax = 64;
// A token bucket holds so much of what a slow line may send at once.
constexpr std::uint64_t kBurstBytes = 16 * 1024;

// 10.99.0.1 for end 0.
std::string address_of_end(std::size_t end);

struct LinkRule {
  bool is_cut = false;
  double loss_share = 0;                             // of packets
  std::uint64_t delay_us_min = 0, delay_us_max = 0;  // drawn for each packet
  std::uint64_t bytes_per_s = 0;                     // 0: as many as come
  std::size_t waiting_bytes_max = 0;                 // what finds no room is lost
  bool operator==(const LinkRule&) const = default;
};

// What the wire reads of a packet: foreign bytes, of any length.
struct PacketHead {
  std::size_t to = 0;         // the end whose address it bears
  bool carries_data = false;  // of TCP: more than a shake of hands or an acknowledgement
};
// Nothing where it is no packet of IPv4 for one of so many ends.
std::optional<PacketHead> read_head(std::span<const std::byte> packet, std::size_t ends);

struct WireCounts {
  std::uint64_t passed = 0;  // packets, those that waited too
  std::uint64_t waited = 0;
  std::uint64_t lost = 0;    // to a cut, by lot, or for want of room
  std::uint64_t unread = 0;  // for none of the ends
};

class WireCore {
 public:
  struct Released {
    std::size_t to = 0;
    std::vector<std::byte> packet;
  };

  // REQUIRES ends <= kEndsMax.
  WireCore(std::size_t ends, std::uint64_t seed);

  // What waits there goes at once, or is lost where it is cut. REQUIRES delay_us_min <= max.
  void set_rule(std::size_t from, std::size_t to, const LinkRule& rule);
  // The end to which the packet goes at once; nothing where it waits or is lost.
  std::optional<std::size_t> take(std::size_t from, std::span<const std::byte> packet,
                                  std::uint64_t now_us);
  // Packets whose time has come, those of a pair in their order.
  std::vector<Released> release(std::uint64_t now_us);
  // When the next one is due.
  std::optional<std::uint64_t> next_us() const;

  // When data last went this way; 0: never.
  std::uint64_t spoke_us(std::size_t from, std::size_t to) const;
  std::size_t waiting_bytes(std::size_t from, std::size_t to) const;
  const WireCounts& counts() const { return counts_; }

 private:
  struct Waiting {
    std::uint64_t due_us = 0;
    bool carries_data = false;
    std::vector<std::byte> packet;
  };
  struct Way {
    LinkRule rule;
    std::deque<Waiting> waiting;
    std::size_t waiting_bytes = 0;
    std::uint64_t taken = 0;    // packets under any rule that draws
    std::uint64_t free_us = 0;  // when a slow line has sent what it was given
    std::uint64_t spoke_us = 0;
  };

  std::size_t index(std::size_t from, std::size_t to) const { return from * ends_ + to; }
  double draw(std::size_t way, std::uint64_t kind) const;
  std::uint64_t due_of(std::size_t way, std::size_t bytes, std::uint64_t now_us);

  std::size_t ends_;
  std::uint64_t seed_;
  std::vector<Way> ways_;  // ends_ * ends_
  WireCounts counts_;
};

}  // namespace pecia::apps
