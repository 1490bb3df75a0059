#include "runtime/gate/basp_format.hpp"

#include <algorithm>

namespace pecia::runtime::basp {

namespace {

std::uint64_t load_big(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8 | std::to_integer<std::uint64_t>(byte);
  return value;
}

constexpr std::uint64_t kDefaultAtom = 0x00003e9aab9bac79;  // atom("default")

struct Varbyte {
  std::uint64_t value = 0;
  std::size_t bytes = 0;
};

// 7 bits a byte, the lowest first; up to 5 bytes.
std::optional<Varbyte> read_varbyte(std::span<const std::byte> bytes) {
  Varbyte read;
  for (const std::byte byte : bytes.first(std::min<std::size_t>(bytes.size(), 5))) {
    read.value |= std::uint64_t{std::to_integer<std::uint8_t>(byte) & 0x7FU} << (7 * read.bytes);
    ++read.bytes;
    if ((byte & std::byte{0x80}) == std::byte{0}) return read;
  }
  return std::nullopt;
}

}  // namespace

Header read_header(std::span<const std::byte> bytes) {
  return {std::to_integer<std::uint8_t>(bytes[0]),
          static_cast<std::uint16_t>(load_big(bytes.subspan(1, 2))),
          std::to_integer<std::uint8_t>(bytes[3]),
          static_cast<std::uint32_t>(load_big(bytes.subspan(4, 4))), load_big(bytes.subspan(8, 8))};
}

std::optional<Node> read_node(std::span<const std::byte> payload) {
  if (payload.size() < kNodeBytes || load_big(payload.first(8)) != kDefaultAtom) {
    return std::nullopt;
  }
  Node node{};
  std::copy_n(payload.begin(), kNodeBytes, node.begin());
  return node;
}

std::optional<Token> read_token(std::span<const std::byte> bytes) {
  constexpr std::size_t kTypeBytes = 2;
  if (bytes.size() < kTypeBytes || load_big(bytes.first(kTypeBytes)) != 0) return std::nullopt;
  const auto length = read_varbyte(bytes.subspan(kTypeBytes));
  if (!length || length->value > kTokenBytesMax) return std::nullopt;
  const std::size_t start = kTypeBytes + length->bytes;
  if (bytes.size() - start < length->value) return std::nullopt;
  return Token{{reinterpret_cast<const char*>(bytes.data() + start), length->value},
               start + length->value};
}

bool is_plain_error(std::span<const std::byte> bytes, std::size_t count) {
  constexpr std::size_t kCodeBytes = 1 + 8;
  if (bytes.size() < kCodeBytes) return false;
  const auto context = read_token(bytes.subspan(kCodeBytes));
  if (!context) return false;
  const std::size_t start = kCodeBytes + context->bytes;
  if (context->text == "@<>") return count == start;
  if (context->text != "@<>+@str") return false;
  const auto length = read_varbyte(bytes.subspan(start));
  return length && count == start + length->bytes + length->value;
}

}  // namespace pecia::runtime::basp
