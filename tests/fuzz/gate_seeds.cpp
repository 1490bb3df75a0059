// Writes the seeds of gate_fuzzer.cpp into the folder given: a right beginning of each kind, whose
// first byte says which, so that the fuzzer starts behind the magic and the checks.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "runtime/gate/bulk_sender_core.hpp"
#include "runtime/gate/handshake_format.hpp"

using namespace pecia::runtime;

namespace {

std::filesystem::path folder;

void write(char kind, std::string_view name, const GateBytes& bytes) {
  std::ofstream file(folder / (std::string(1, kind) + "-" + std::string(name)), std::ios::binary);
  file.put(kind);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

GateBytes& operator+=(GateBytes& a, const GateBytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The character modulo 5 is the kind.
constexpr char kAccept = '2', kDial = '3', kFromDialler = '4', kFromAcceptor = '5', kBulk = '6';

void write_handshakes() {
  const handshake::Identity identity{0, {}, {"a", 2, 1, PeerKind::node, Part::control}};
  const auto preamble = handshake::preamble(Part::control);
  GateBytes dialler(preamble.begin(), preamble.end());
  dialler += handshake::encode(handshake::Hello{identity, "b", {std::byte{1}}});
  dialler += handshake::encode(handshake::Proof{GateBytes(32)});
  dialler += handshake::encode(handshake::Ready{GateBytes(5)});
  write(kAccept, "whole", dialler);
  GateBytes acceptor = handshake::encode(handshake::Challenge{{std::byte{1}}});
  acceptor += handshake::encode(handshake::Welcome{identity, GateBytes(32), GateBytes(5)});
  write(kDial, "whole", acceptor);
  write(kDial, "refused", handshake::encode(handshake::Refused{"no room"}));
}

GateBytes frame(int operation, int flags, const GateBytes& payload, int data = 0) {
  GateBytes bytes(32);
  bytes[0] = static_cast<std::byte>(operation);
  bytes[3] = static_cast<std::byte>(flags);
  bytes[7] = static_cast<std::byte>(payload.size());
  bytes[15] = static_cast<std::byte>(data);
  bytes += payload;
  return bytes;
}

GateBytes text(std::string_view from) {
  const auto bytes = std::as_bytes(std::span(from));
  return GateBytes(bytes.begin(), bytes.end());
}

void write_actors() {
  using namespace std::string_view_literals;
  GateBytes node = text("\x00\x00\x3e\x9a\xab\x9b\xac\x79"sv);
  node.resize(32);
  GateBytes nodes = node;
  nodes += node;
  GateBytes down = nodes;
  down += text("\x01\x00\x00\x00\xfe\x3e\xe3\x9a\xb2\x00\x00\x08@<>+@str\x03why"sv);
  GateBytes rest = frame(2, 0, text("\x00\x00\x00\x0f@<>+@atom+Frame1234567812345678"sv));
  rest += frame(2, 0,
                text("\x00\x00\x00\x0a@<>+@error\x01\x00\x00\x00\xfe\x3e\xe3\x9a\xb2"
                     "\x00\x00\x03@<>"sv));
  rest += frame(2, 1, text("to a name"));
  rest += frame(3, 0, text("for another"));
  rest += frame(4, 0, nodes);
  rest += frame(5, 0, down);
  rest += frame(6, 0, {});
  GateBytes dialler = frame(1, 0, node);
  dialler += frame(1, 2, node);
  dialler += rest;
  write(kFromDialler, "whole", dialler);
  GateBytes acceptor = frame(0, 0, node, 3);
  acceptor += rest;
  write(kFromAcceptor, "whole", acceptor);
}

void write_bulk() {
  BulkSenderCore sender{BulkLimits{}};
  GateBytes all;
  if (!sender.on_credit(0, 1'000'000, 0)) return;
  for (std::uint64_t id = 0; id < 3; ++id) {
    const auto bytes = std::make_shared<GateBytes>(id * 300);
    if (!sender.add({id, 7, static_cast<std::uint8_t>(id), bytes})) return;
  }
  while (const auto piece = sender.next(0)) {
    all += GateBytes(piece->header.begin(), piece->header.end());
    all += GateBytes(piece->bytes.begin(), piece->bytes.end());
  }
  const auto credit = encode({BulkKind::credit, 0, 0, 0, 0, 10, 20, 0});
  all += GateBytes(credit.begin(), credit.end());
  write(kBulk, "whole", all);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  folder = argv[1];
  write_handshakes();
  write_actors();
  write_bulk();
}
