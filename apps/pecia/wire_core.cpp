#include "apps/pecia/wire_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "kernels/base/philox.hpp"

namespace pecia::apps {

namespace {

constexpr std::uint64_t kUsPerSecond = 1'000'000;
constexpr std::uint64_t kLossDraw = 0, kDelayDraw = 1;

// RFC 791 and RFC 9293.
constexpr std::size_t kIpHeadBytesMin = 20, kTcpHeadBytesMin = 20;
constexpr std::size_t kTotalLengthAt = 2, kProtocolAt = 9, kTargetAt = 16, kTcpOffsetAt = 12;
constexpr unsigned kTcp = 6;
constexpr std::size_t kWordBytes = 4;
constexpr unsigned kNetwork[3] = {10, 99, 0};

bool is_healthy(const LinkRule& rule) { return rule == LinkRule{}; }

}  // namespace

std::string address_of_end(std::size_t end) {
  return fmt::format("{}.{}.{}.{}", kNetwork[0], kNetwork[1], kNetwork[2], end + 1);
}

std::optional<PacketHead> read_head(std::span<const std::byte> packet, std::size_t ends) {
  const auto at = [packet](std::size_t i) { return std::to_integer<unsigned>(packet[i]); };
  if (packet.size() < kIpHeadBytesMin || at(0) >> 4 != 4) return {};
  const std::size_t head = (at(0) & 15) * kWordBytes;
  const std::size_t total = at(kTotalLengthAt) << 8 | at(kTotalLengthAt + 1);
  if (head < kIpHeadBytesMin || total < head || total > packet.size()) return {};
  for (std::size_t i = 0; i < std::size(kNetwork); ++i) {
    if (at(kTargetAt + i) != kNetwork[i]) return {};
  }
  const unsigned host = at(kTargetAt + 3);
  if (host == 0 || host > ends) return {};
  PacketHead read{host - 1, false};
  if (at(kProtocolAt) == kTcp && total >= head + kTcpHeadBytesMin) {
    const std::size_t tcp_head = (at(head + kTcpOffsetAt) >> 4) * kWordBytes;
    read.carries_data = total > head + tcp_head;
  }
  return read;
}

WireCore::WireCore(std::size_t ends, std::uint64_t seed)
    : ends_(ends), seed_(seed), ways_(ends * ends) {
  assert(ends <= kEndsMax);
}

void WireCore::set_rule(std::size_t from, std::size_t to, const LinkRule& rule) {
  assert(from < ends_ && to < ends_ && rule.delay_us_min <= rule.delay_us_max);
  Way& way = ways_[index(from, to)];
  way.rule = rule;
  way.free_us = 0;
  for (Waiting& waiting : way.waiting) waiting.due_us = 0;
  if (!rule.is_cut) return;
  counts_.lost += way.waiting.size();
  way.waiting.clear();
  way.waiting_bytes = 0;
}

double WireCore::draw(std::size_t way, std::uint64_t kind) const {
  return kernels::unit_double(
      kernels::philox64(seed_, way << 48 | (ways_[way].taken & 0xFFFF'FFFF'FFFF), kind));
}

// When it is due by its rule; it goes no earlier than those before it.
std::uint64_t WireCore::due_of(std::size_t at, std::size_t bytes, std::uint64_t now_us) {
  Way& way = ways_[at];
  const LinkRule& rule = way.rule;
  std::uint64_t sent_us = now_us;
  if (rule.bytes_per_s > 0) {
    // The bucket fills while the line is free, and holds kBurstBytes.
    const std::uint64_t burst_us = kBurstBytes * kUsPerSecond / rule.bytes_per_s;
    const std::uint64_t from_us = std::max(way.free_us, now_us - std::min(now_us, burst_us));
    way.free_us = from_us + (bytes * kUsPerSecond + rule.bytes_per_s - 1) / rule.bytes_per_s;
    sent_us = std::max(now_us, way.free_us);
  }
  const auto jitter_us = static_cast<double>(rule.delay_us_max - rule.delay_us_min);
  const auto drawn_us = static_cast<std::uint64_t>(draw(at, kDelayDraw) * jitter_us);
  return sent_us + rule.delay_us_min + drawn_us;
}

std::optional<std::size_t> WireCore::take(std::size_t from, std::span<const std::byte> packet,
                                          std::uint64_t now_us) {
  assert(from < ends_);
  const auto head = read_head(packet, ends_);
  if (!head || head->to == from) {
    ++counts_.unread;
    return {};
  }
  const std::size_t at = index(from, head->to);
  Way& way = ways_[at];
  if (is_healthy(way.rule) && way.waiting.empty()) {
    ++counts_.passed;
    if (head->carries_data) way.spoke_us = now_us;
    return head->to;
  }
  ++way.taken;
  const bool is_lost = way.rule.is_cut || draw(at, kLossDraw) < way.rule.loss_share;
  // What waited under an earlier rule is on its way out: the next one goes behind it.
  const bool has_room =
      is_healthy(way.rule) || way.waiting_bytes + packet.size() <= way.rule.waiting_bytes_max;
  if (is_lost || !has_room) {
    ++counts_.lost;
    return {};
  }
  way.waiting.push_back(
      {due_of(at, packet.size(), now_us), head->carries_data, {packet.begin(), packet.end()}});
  way.waiting_bytes += packet.size();
  return {};
}

std::vector<WireCore::Released> WireCore::release(std::uint64_t now_us) {
  std::vector<Released> released;
  for (std::size_t at = 0; at < ways_.size(); ++at) {
    Way& way = ways_[at];
    while (!way.waiting.empty() && way.waiting.front().due_us <= now_us) {
      Waiting& first = way.waiting.front();
      ++counts_.passed;
      ++counts_.waited;
      way.waiting_bytes -= first.packet.size();
      if (first.carries_data) way.spoke_us = now_us;
      released.push_back({at % ends_, std::move(first.packet)});
      way.waiting.pop_front();
    }
  }
  return released;
}

std::optional<std::uint64_t> WireCore::next_us() const {
  std::optional<std::uint64_t> next;
  for (const Way& way : ways_) {
    if (way.waiting.empty()) continue;
    const std::uint64_t due_us = way.waiting.front().due_us;
    next = std::min(next.value_or(due_us), due_us);
  }
  return next;
}

std::uint64_t WireCore::spoke_us(std::size_t from, std::size_t to) const {
  return ways_[index(from, to)].spoke_us;
}

std::size_t WireCore::waiting_bytes(std::size_t from, std::size_t to) const {
  return ways_[index(from, to)].waiting_bytes;
}

}  // namespace pecia::apps
