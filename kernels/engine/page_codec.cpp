#include "kernels/engine/page_codec.hpp"

#include <bit>
#include <cstring>

namespace pecia::kernels {
namespace {

static_assert(std::endian::native == std::endian::little, "pages travel as little-endian integers");

constexpr std::array<char, 7> kMagic = {'p', 'e', 'c', 'i', 'a', 'K', 'V'};
constexpr char kVersion = '1';

// No padding anywhere: what is written is what is declared.
struct FixedHeader {
  std::array<char, 7> magic;
  char version;
  std::uint64_t payload_bytes;
  std::uint32_t numerics_bytes;
  std::uint32_t index;
  PageShape shape;
  Id name, parent_name, model;
  PageTokens tokens;
};
static_assert(std::has_unique_object_representations_v<FixedHeader>);

constexpr std::size_t kNumericsBytesMax = 256;

FixedHeader fixed_header(const PageHeader& header, std::size_t payload_bytes) {
  return {.magic = kMagic,
          .version = kVersion,
          .payload_bytes = payload_bytes,
          .numerics_bytes = static_cast<std::uint32_t>(header.numerics.size()),
          .index = header.index,
          .shape = header.shape,
          .name = header.name.name,
          .parent_name = header.name.parent.value_or(Id{}),
          .model = header.model,
          .tokens = header.tokens};
}

PageHeader page_header(const FixedHeader& fixed, std::string numerics) {
  std::optional<Id> parent;
  if (fixed.index > 0) parent = fixed.parent_name;
  return {.index = fixed.index,
          .tokens = fixed.tokens,
          .name = {.name = fixed.name, .parent = parent},
          .shape = fixed.shape,
          .numerics = std::move(numerics),
          .model = fixed.model};
}

Error refuse(std::string why) { return fail(ErrorKind::refuse, "page: {}", why); }

Status check_frame(const FixedHeader& fixed, std::span<const std::byte> bytes) {
  if (fixed.magic != kMagic) return refuse("does not start with 'peciaKV'");
  if (fixed.version != kVersion) {
    return refuse(fmt::format("format version 0x{:02x}, this program reads version '{}'",
                              static_cast<unsigned char>(fixed.version), kVersion));
  }
  const std::size_t body = bytes.size() - sizeof(FixedHeader) - sizeof(Id);
  if (fixed.numerics_bytes > kNumericsBytesMax || fixed.numerics_bytes > body ||
      fixed.payload_bytes != body - fixed.numerics_bytes) {
    return refuse(fmt::format("{} bytes long, but declares {} bytes of payload and {} of numerics",
                              bytes.size(), fixed.payload_bytes, fixed.numerics_bytes));
  }
  Id checksum{};
  std::memcpy(checksum.data(), bytes.last(sizeof(Id)).data(), sizeof(Id));
  const Id actual = xxh3_128(bytes.first(bytes.size() - sizeof(Id)));
  if (checksum != actual) {
    return refuse(fmt::format("checksum {} does not match its content {}: damaged on the way",
                              hex(checksum), hex(actual)));
  }
  if (fixed.index == 0 && fixed.parent_name != Id{}) {
    return refuse(
        fmt::format("the first of a sequence, but names the parent {}", hex(fixed.parent_name)));
  }
  return {};
}

}  // namespace

std::vector<std::byte> encode_page(const PageHeader& header, std::span<const std::byte> payload) {
  const FixedHeader fixed = fixed_header(header, payload.size());
  std::vector<std::byte> bytes;
  bytes.reserve(sizeof fixed + header.numerics.size() + payload.size() + sizeof(Id));
  const auto append = [&](std::span<const std::byte> part) {
    bytes.insert(bytes.end(), part.begin(), part.end());
  };
  append(std::as_bytes(std::span(&fixed, 1)));
  append(std::as_bytes(std::span(header.numerics)));
  append(payload);
  const Id checksum = xxh3_128(bytes);
  append(std::as_bytes(std::span(checksum)));
  return bytes;
}

Expected<DecodedPage> decode_page(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(FixedHeader) + sizeof(Id)) {
    return refuse(fmt::format("{} bytes long, even an empty one has {}", bytes.size(),
                              sizeof(FixedHeader) + sizeof(Id)));
  }
  FixedHeader fixed;
  std::memcpy(&fixed, bytes.data(), sizeof fixed);
  if (const Status frame = check_frame(fixed, bytes); !frame) return frame.error();

  const auto numerics = bytes.subspan(sizeof fixed, fixed.numerics_bytes);
  const auto payload = bytes.subspan(sizeof fixed + numerics.size(), fixed.payload_bytes);
  std::string text(reinterpret_cast<const char*>(numerics.data()), numerics.size());
  return DecodedPage{page_header(fixed, std::move(text)), payload};
}

Status check_page(const DecodedPage& page, const PageScope& scope, const PageShape& shape,
                  std::size_t payload_bytes) {
  const PageHeader& header = page.header;
  if (header.numerics != scope.numerics) {
    return refuse(fmt::format("computed under numerics '{}', this engine has '{}'", header.numerics,
                              scope.numerics));
  }
  if (header.model != scope.model) {
    return refuse(fmt::format("computed by model {}, this engine has {}", hex(header.model),
                              hex(scope.model)));
  }
  if (header.shape != shape || page.payload.size() != payload_bytes) {
    return refuse(fmt::format(
        "layers [{},{}) of {} x {} in {} bytes, this engine has layers [{},{}) of {} x {} in {}",
        header.shape.first_layer, header.shape.last_layer, header.shape.kv_heads,
        header.shape.head_dim, page.payload.size(), shape.first_layer, shape.last_layer,
        shape.kv_heads, shape.head_dim, payload_bytes));
  }
  if (scope.name(header.name.parent, header.tokens) != header.name.name) {
    return refuse(fmt::format("named {}, which is not the name of its tokens here (another salt?)",
                              hex(header.name.name)));
  }
  return {};
}

}  // namespace pecia::kernels
