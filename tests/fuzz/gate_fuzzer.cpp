// What a gate reads from a stranger or a peer, the first byte of the input says which: a handshake
// (as acceptor, as dialler), frames of actors, frames of bulk. However the bytes are cut, the
// verdict and what passes are the same; nobody proves what he does not know; memory is bounded.

#include <cstdint>
#include <cstdlib>

#include "runtime/gate/basp_filter_core.hpp"
#include "runtime/gate/bulk_receiver_core.hpp"
#include "runtime/gate/handshake_core.hpp"

using namespace pecia::runtime;
namespace kernels = pecia::kernels;

namespace {

using Bytes = std::span<const std::byte>;

void require(bool condition) {
  if (!condition) std::abort();
}

GateSelf self_of_node() {
  GateSelf self;
  self.name = "b";
  self.boot = 1;
  self.secret.assign(3, std::byte{'s'});
  return self;
}

void check_handshake(Bytes bytes, bool dials) {
  const GateSelf self = self_of_node();
  const auto anyone = [](const PeerIdentity&) { return kernels::Status(); };
  auto core = dials ? HandshakeCore::dial(self, {"c", 1, Part::control}, {}, anyone)
                    : HandshakeCore::accept(self, {}, anyone);
  std::size_t sent = core.take_output().size();
  while (!bytes.empty() && core.wanted() > 0) {
    require(core.wanted() <= handshake::kMessageBytesMax + handshake::kLengthBytes);
    const Bytes now = bytes.first(std::min(bytes.size(), core.wanted()));
    core.take(now);
    bytes = bytes.subspan(now.size());
    sent += core.take_output().size();
  }
  require(!std::holds_alternative<Admitted>(core.outcome()));
  require(sent <= 1'000);
}

struct Filtered {
  bool is_good = true;
  std::vector<std::byte> passed;
  bool operator==(const Filtered&) const = default;
};

Filtered filter(Bytes bytes, bool is_from_dialler, std::size_t piece) {
  BaspFilterCore core({is_from_dialler, 1'000'000, {"@<>+@atom+Frame", "@<>+@error"}});
  Filtered result;
  while (!bytes.empty() && result.is_good) {
    const Bytes now = bytes.first(std::min(piece, bytes.size()));
    std::vector<Bytes> ranges;
    result.is_good = core.take(now, ranges).ok();
    for (const Bytes range : ranges) {
      result.passed.insert(result.passed.end(), range.begin(), range.end());
    }
    bytes = bytes.subspan(now.size());
  }
  return result;
}

// What was passed on before the byte that is wrong may differ by the cut: a whole frame or a part.
void check_filter(Bytes bytes, bool is_from_dialler) {
  const Filtered whole = filter(bytes, is_from_dialler, bytes.size());
  require(whole.passed.size() <= bytes.size());
  for (const std::size_t piece : {std::size_t{1}, std::size_t{33}}) {
    const Filtered cut = filter(bytes, is_from_dialler, piece);
    require(cut.is_good == whole.is_good);
    require(cut.passed == whole.passed);
  }
}

void check_bulk(Bytes bytes) {
  BulkLimits limits;
  limits.transfer_bytes_max = 1'000'000;
  limits.open_bytes_max = 2'000'000;
  const auto receive = [&](std::size_t piece) {
    BulkReceiverCore core(limits);
    core.take_credit();
    BulkArrivals arrivals;
    bool is_good = true;
    for (Bytes rest = bytes; !rest.empty() && is_good;) {
      const Bytes now = rest.first(std::min(piece, rest.size()));
      is_good = core.take(now, arrivals).ok();
      rest = rest.subspan(now.size());
      require(core.held_bytes() <= bytes.size());
    }
    std::vector<kernels::RawBytes> transfers;
    for (auto& transfer : arrivals.transfers) transfers.push_back(std::move(transfer.bytes));
    return std::pair(is_good, transfers);
  };
  const auto whole = receive(bytes.size());
  require(whole == receive(1) && whole == receive(49));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  if (count == 0) return 0;
  const auto rest = std::as_bytes(std::span(bytes, count)).subspan(1);
  switch (bytes[0] % 5) {
    case 0:
      check_handshake(rest, false);
      break;
    case 1:
      check_handshake(rest, true);
      break;
    case 2:
      check_filter(rest, true);
      break;
    case 3:
      check_filter(rest, false);
      break;
    default:
      check_bulk(rest);
  }
  return 0;
}
