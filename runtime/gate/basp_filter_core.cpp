#include "runtime/gate/basp_filter_core.hpp"

#include <algorithm>
#include <utility>

namespace pecia::runtime {

using basp::Header;
using basp::Operation;
using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {

// Neighbours become one range, so that a run of small frames is one write.
void add_range(std::vector<BaspFilterCore::Bytes>& out, BaspFilterCore::Bytes more) {
  if (!out.empty() && out.back().data() + out.back().size() == more.data()) {
    out.back() = {out.back().data(), out.back().size() + more.size()};
  } else {
    out.push_back(more);
  }
}

}  // namespace

Status BaspFilterCore::take(Bytes bytes, std::vector<Bytes>& out) {
  while (!bytes.empty()) {
    if (rest_ > 0) {
      const Bytes more =
          bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(rest_, bytes.size())));
      if (verdict_ == Verdict::pass) add_range(out, more);
      bytes = bytes.subspan(more.size());
      rest_ -= more.size();
      continue;
    }
    const Expected<Bytes> start = gather(bytes);
    if (!start) return start.error();
    if (start->empty()) break;  // all is kept until more comes
    const Header header = basp::read_header(*start);
    const Expected<Verdict> verdict = judge(header, start->subspan(basp::kHeaderBytes));
    if (!verdict) return verdict.error();
    verdict_ = *verdict;
    if (verdict_ == Verdict::pass) {
      ++counts_.passed;
      add_range(out, *start);
    }
    rest_ = basp::kHeaderBytes + std::uint64_t{header.payload_bytes} - start->size();
  }
  return {};
}

// The header and as much of the payload as its verdict needs, taken off `bytes`; empty where it is
// not all here yet.
Expected<BaspFilterCore::Bytes> BaspFilterCore::gather(Bytes& bytes) {
  std::size_t needed = basp::kHeaderBytes;
  for (bool is_header = true;; is_header = false) {
    if (kept_.empty() && bytes.size() < needed) {
      kept_.assign(bytes.begin(), bytes.end());
      bytes = {};
      return Bytes{};
    }
    if (!kept_.empty() && kept_.size() < needed) {
      const Bytes more = bytes.first(std::min(needed - kept_.size(), bytes.size()));
      kept_.insert(kept_.end(), more.begin(), more.end());
      bytes = bytes.subspan(more.size());
      if (kept_.size() < needed) return Bytes{};
    }
    if (!is_header) break;
    const Header header = basp::read_header(kept_.empty() ? bytes : Bytes(kept_));
    if (const Status status = check(header); !status) return status.error();
    needed += look(header);
  }
  if (kept_.empty()) {
    const Bytes start = bytes.first(needed);
    bytes = bytes.subspan(needed);
    return start;
  }
  ready_.swap(kept_);
  kept_.clear();
  return Bytes(ready_);
}

Status BaspFilterCore::check(const Header& header) const {
  if (header.operation >= basp::kOperations || header.padding != 0) {
    return fail(ErrorKind::refuse, "its bytes are no frame of actors: operation {}, padding {:04x}",
                header.operation, header.padding);
  }
  struct Rule {
    std::uint64_t payload_bytes_min, payload_bytes_max;
    std::uint8_t flags;  // that may be set
  };
  const Rule rules[basp::kOperations] = {
      {basp::kNodeBytes, basp::kHandshakeBytesMax, 0},
      {basp::kNodeBytes, basp::kNodeBytes, basp::kSelectConnection},
      {1, options_.payload_bytes_max, basp::kNamedReceiver},
      {1, options_.payload_bytes_max, basp::kNamedReceiver},
      {2 * basp::kNodeBytes, 2 * basp::kNodeBytes, 0},
      {2 * basp::kNodeBytes, basp::kDownBytesMax, 0},
      {0, 0, 0}};
  const Rule& rule = rules[header.operation];
  if (header.payload_bytes < rule.payload_bytes_min ||
      header.payload_bytes > rule.payload_bytes_max) {
    return fail(ErrorKind::refuse, "a frame of operation {} has {} bytes; {} to {} would be right",
                header.operation, header.payload_bytes, rule.payload_bytes_min,
                rule.payload_bytes_max);
  }
  if ((header.flags & ~rule.flags) != 0) {
    return fail(ErrorKind::refuse, "a frame of operation {} has flags {:02x}", header.operation,
                header.flags);
  }
  const bool is_handshake = header.operation <= 1;
  if (!peer_ && !is_handshake) {
    return fail(ErrorKind::refuse, "a frame of operation {} comes before the handshake",
                header.operation);
  }
  return {};
}

// Bytes of the payload that a verdict needs.
std::size_t BaspFilterCore::look(const Header& header) const {
  const std::size_t all = header.payload_bytes;
  switch (static_cast<Operation>(header.operation)) {
    case Operation::direct_message: {
      const bool is_read =
          !options_.message_types_allowed.empty() && (header.flags & basp::kNamedReceiver) == 0;
      // Where it is an error, its context is named soon after its own name.
      return is_read ? std::min<std::size_t>(all, 2 * basp::kTokenBytesMax) : 0;
    }
    case Operation::routed_message:
    case Operation::heartbeat:
      return 0;
    default:
      return all;
  }
}

Expected<BaspFilterCore::Verdict> BaspFilterCore::judge(const Header& header, Bytes start) {
  const auto count_drop = [](std::uint64_t& counter) {
    ++counter;
    return Verdict::drop;
  };
  switch (static_cast<Operation>(header.operation)) {
    case Operation::server_handshake:
    case Operation::client_handshake: {
      const Status status = judge_handshake(header, start);
      if (!status) return status.error();
      return Verdict::pass;
    }
    case Operation::routed_message:
      return count_drop(counts_.routed);
    case Operation::direct_message:
      if ((header.flags & basp::kNamedReceiver) != 0) return count_drop(counts_.named);
      return is_allowed(header, start) ? Verdict::pass : count_drop(counts_.types);
    case Operation::monitor:
      return is_from_peer(start) ? Verdict::pass : count_drop(counts_.foreign);
    case Operation::down: {
      const Bytes error = start.subspan(2 * basp::kNodeBytes);
      const bool is_right = is_from_peer(start) && basp::is_plain_error(error, error.size());
      return is_right ? Verdict::pass : count_drop(counts_.foreign);
    }
    case Operation::heartbeat:
      break;
  }
  return Verdict::pass;
}

// A dialler's client handshake comes at once, and a second time when it has been answered.
Status BaspFilterCore::judge_handshake(const Header& header, Bytes start) {
  const auto due =
      options_.is_from_dialler ? Operation::client_handshake : Operation::server_handshake;
  const int handshakes_max = options_.is_from_dialler ? 2 : 1;
  if (static_cast<Operation>(header.operation) != due || handshakes_ >= handshakes_max) {
    return fail(ErrorKind::refuse, "handshake {} of operation {} where {} of operation {} {} due",
                handshakes_ + 1, header.operation, handshakes_max, static_cast<int>(due),
                handshakes_max == 1 ? "is" : "are");
  }
  if (due == Operation::server_handshake && header.operation_data != basp::kVersion) {
    return fail(ErrorKind::refuse, "its actors speak version {} of their protocol, ours {}",
                header.operation_data, basp::kVersion);
  }
  const auto node = basp::read_node(start);
  if (!node || (peer_ && *peer_ != *node)) {
    return fail(ErrorKind::refuse, "a handshake of actors that names no node, or another one");
  }
  peer_ = node;
  ++handshakes_;
  return {};
}

bool BaspFilterCore::is_allowed(const Header& header, Bytes start) const {
  const auto& allowed = options_.message_types_allowed;
  if (allowed.empty()) return true;
  // Nothing of ours is forwarded between nodes: that list is empty.
  if (start.empty() || start[0] != std::byte{0}) return false;
  const auto token = basp::read_token(start.subspan(1));
  if (!token || std::ranges::find(allowed, token->text) == allowed.end()) return false;
  if (token->text != "@<>+@error") return true;
  const std::size_t before = 1 + token->bytes;
  return basp::is_plain_error(start.subspan(before), header.payload_bytes - before);
}

bool BaspFilterCore::is_from_peer(Bytes start) const {
  const auto node = basp::read_node(start);
  return node && peer_ && *node == *peer_;
}

}  // namespace pecia::runtime
