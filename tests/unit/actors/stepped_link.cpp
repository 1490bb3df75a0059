#include "tests/unit/actors/stepped_link.hpp"

#include <algorithm>
#include <string_view>

#include "runtime/wire/batch.hpp"
#include "tests/catch.hpp"

namespace pecia::test {

using namespace runtime;

namespace {

constexpr std::size_t kHeaderBytes =
    32;  // of BASP: op, 2 empty, flags, u32 payload length, 24 more
constexpr std::size_t kAtomBytes = 8, kCountBytes = 4;
constexpr std::string_view kTypes = "@<>+@atom+frame";  // of a message of ours, as CAF spells them

caf::io::connection_handle next_handle() {
  static std::int64_t last = 0;
  return caf::io::connection_handle::from_int(++last);
}

std::size_t payload_bytes(const std::vector<char>& frame) {
  std::size_t bytes = 0;
  for (std::size_t i = 4; i < 8; ++i) bytes = bytes << 8 | static_cast<std::uint8_t>(frame[i]);
  return bytes;
}

// What a frame of BASP holds of ours; nullopt: nothing.
std::optional<std::vector<std::byte>> payload_in(const std::vector<char>& frame) {
  const auto types = std::search(frame.begin(), frame.end(), kTypes.begin(), kTypes.end());
  const auto at =
      static_cast<std::size_t>(types - frame.begin()) + kTypes.size() + kAtomBytes + kCountBytes;
  if (types == frame.end() || at > frame.size()) return std::nullopt;
  std::vector<std::byte> bytes;
  for (std::size_t i = at; i < frame.size(); ++i) bytes.push_back(static_cast<std::byte>(frame[i]));
  return bytes;
}

}  // namespace

SteppedLink::SteppedLink(SteppedNode& head, SteppedNode& worker)
    : head_(head), worker_(worker), at_head_(next_handle()), at_worker_(next_handle()) {
  head_.publish_links(head_.new_connection(at_head_));
  worker_.connect_links(worker_.new_connection(at_worker_));
}

void SteppedLink::cut() {
  if (is_cut_) return;
  is_cut_ = true;
  head_.close(at_head_);
  worker_.close(at_worker_);
  head_.peer_down(worker_.name());
  worker_.peer_down(head_.name());
}

bool SteppedLink::step() {
  if (is_cut_) return false;
  return move(to_head_, worker_.network().output_buffer(at_worker_), head_, at_head_) ||
         move(to_worker_, head_.network().output_buffer(at_head_), worker_, at_worker_);
}

Fate SteppedLink::fate_of(const Direction& direction, const Bytes& frame) const {
  const auto bytes = payload_in(frame);
  if (!bytes) return Fate::passes;
  const auto messages = messages_of_batch(*bytes);
  if (!messages || messages->empty()) return Fate::passes;  // a question of a client
  if (&direction == &to_head_ && fate_to_head) {
    return fate_to_head(decode_to_coordinator(messages->front()).value());
  }
  if (&direction == &to_worker_ && fate_to_worker) {
    return fate_to_worker(decode_to_worker(messages->front()).value());
  }
  return Fate::passes;
}

bool SteppedLink::move(Direction& direction, Bytes& from, SteppedNode& to,
                       caf::io::connection_handle handle) {
  while (!from.empty()) {
    REQUIRE(from.size() >= kHeaderBytes);
    const std::size_t bytes = kHeaderBytes + payload_bytes(from);
    REQUIRE(from.size() >= bytes);
    Bytes frame(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(bytes));
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(bytes));
    const Fate fate = fate_of(direction, frame);
    if (fate == Fate::is_lost) continue;
    if (fate == Fate::comes_twice) direction.frames.push_back(frame);
    direction.frames.push_back(std::move(frame));
  }
  if (to.network().read_data(handle)) return true;
  if (direction.held || direction.frames.empty()) return false;
  Bytes& arrives = to.network().virtual_network_buffer(handle);
  arrives.insert(arrives.end(), direction.frames.front().begin(), direction.frames.front().end());
  direction.frames.pop_front();
  return true;
}

}  // namespace pecia::test
