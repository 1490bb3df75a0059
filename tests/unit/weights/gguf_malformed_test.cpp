// One wrong field at a time: each must be refused for its own reason.
#include <cstdint>
#include <string>

#include "kernels/weights/model_file.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/gguf_bytes.hpp"

using namespace pecia::kernels;

namespace {

std::string refusal(GgufBytes& bytes, ModelFile::Limits limits = {}) {
  const auto file = parse(bytes, limits);
  if (file) return "accepted";
  CHECK(file.error().kind == ErrorKind::refuse);
  CHECK(file.error().message.find('\n') == std::string::npos);
  return file.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

// A file with one metadata entry whose bytes behind the type are the caller's.
GgufBytes with_metadata(std::uint32_t type) {
  GgufBytes bytes;
  bytes.header(0, 1).key("k", type);
  return bytes;
}

// A file of F32 vectors of 8 numbers at the given offsets, with 128 bytes of data.
std::string refusal_of_offsets(const std::vector<std::uint64_t>& offsets) {
  GgufBytes bytes;
  bytes.header(offsets.size(), 0);
  char name = 'a';
  for (const std::uint64_t offset : offsets) bytes.tensor({&name, 1}, {8}, 0, offset), ++name;
  bytes.tensor_data(128);
  return refusal(bytes);
}

std::string refusal_of_tensor(std::vector<std::uint64_t> shape, std::uint32_t type) {
  GgufBytes bytes;
  bytes.header(1, 0).tensor("t", std::move(shape), type, 0).tensor_data(4'096);
  return refusal(bytes);
}

}  // namespace

TEST_CASE("text where binary should be is no GGUF file") {
  GgufBytes bytes;
  bytes.bytes() = "# A heading\n\nSome prose that is longer than a header.\n";
  CHECK(refusal(bytes) == "t.gguf: is no GGUF file: it does not begin with 'GGUF'");
}

TEST_CASE("versions other than 2 and 3 are refused, a big-endian one by that name") {
  for (const std::uint32_t version : {0u, 1u, 4u, 0xFFFFFFFFu}) {
    GgufBytes bytes;
    bytes.header(0, 0, version);
    contains(refusal(bytes), "GGUF version " + std::to_string(version) + ", this reader");
  }
  GgufBytes swapped;
  swapped.header(0, 0, 0x03000000);
  contains(refusal(swapped), "big-endian");
}

TEST_CASE("counts that cannot fit into the file allocate nothing") {
  for (const std::uint64_t count : {std::uint64_t{60'000}, std::uint64_t{1} << 32, UINT64_MAX}) {
    GgufBytes tensors;
    tensors.header(count, 0);
    contains(refusal(tensors), "tensor count");
    GgufBytes metadata;
    metadata.header(0, count);
    contains(refusal(metadata), "metadata count");
    auto texts = with_metadata(9).u32(8).u64(count);
    contains(refusal(texts), "metadata 'k'");
    auto numbers = with_metadata(9).u32(12).u64(count);
    contains(refusal(numbers), "metadata 'k'");
  }
  auto numbers = with_metadata(9).u32(12).u64((std::uint64_t{1} << 61) + 1).u64(0);  // x 8 wraps
  contains(refusal(numbers), "metadata 'k'");
}

TEST_CASE("each limit refuses one more than it allows") {
  GgufBytes tensors;
  tensors.header(2, 0).tensor("a", {1}, 0, 0).tensor("b", {1}, 0, 32).tensor_data(36);
  CHECK(refusal(tensors, {.tensors_max = 2}) == "accepted");
  contains(refusal(tensors, {.tensors_max = 1}), "tensor count: 2, at most 1");

  auto texts = with_metadata(9).u32(8).u64(3).text("a").text("bcd").text("");
  CHECK(refusal(texts, {.array_elements_max = 3}) == "accepted");
  contains(refusal(texts, {.array_elements_max = 2}), "metadata 'k': 3, at most 2");
  CHECK(refusal(texts, {.string_bytes_max = 3}) == "accepted");
  contains(refusal(texts, {.string_bytes_max = 2}), "has 3 bytes, at most 2");
  CHECK(refusal(texts, {.metadata_max = 1}) == "accepted");
  contains(refusal(texts, {.metadata_max = 0}), "metadata count: 1, at most 0");
}

TEST_CASE("texts longer than the file, keys and names that are empty or too long are refused") {
  auto value = with_metadata(8).u64(9).u32(0);
  contains(refusal(value), "metadata 'k' at byte");
  GgufBytes huge;
  huge.header(0, 1).u64(UINT64_MAX).u64(0).u64(0);
  contains(refusal(huge), "metadata key");
  GgufBytes empty;
  empty.header(0, 1).key("", 4).u32(0).u64(0);
  contains(refusal(empty), "metadata key before byte 32 is empty");
  GgufBytes name;
  name.header(1, 0).tensor(std::string(65, 'n'), {1}, 0, 0).tensor_data(4);
  contains(refusal(name), "tensor name at byte 32 has 65 bytes, at most 64");
}

TEST_CASE("value types the format does not define are refused") {
  auto value = with_metadata(13).u64(0);
  contains(refusal(value), "value type 13 is unknown");
  auto element = with_metadata(9).u32(77).u64(0);
  contains(refusal(element), "an unknown type (type 77)");
  auto nested = with_metadata(9).u32(9).u64(1).u32(4).u64(0);
  contains(refusal(nested), "arrays of array");
  auto boolean = with_metadata(7).number(std::uint8_t{2});
  contains(refusal(boolean), "2 is no bool");
}

TEST_CASE("a key or a tensor name that stands there twice is refused") {
  GgufBytes keys;
  keys.header(0, 3).key("a", 4).u32(1).key("b", 4).u32(1).key("a", 8).text("x");
  contains(refusal(keys), "metadata 'a' stands there twice");
  GgufBytes tensors;
  tensors.header(2, 0).tensor("t", {1}, 0, 0).tensor("t", {1}, 0, 32).tensor_data(64);
  contains(refusal(tensors), "tensor 't' stands there twice");
}

TEST_CASE("alignments that are no power of two from 8 on are refused") {
  for (const std::uint32_t alignment : {0u, 1u, 4u, 24u, 48u, 1u << 21, 0xFFFFFFFFu}) {
    GgufBytes bytes;
    bytes.header(0, 1).key("general.alignment", 4).u32(alignment);
    contains(refusal(bytes), "'general.alignment' must be a power of two");
  }
  GgufBytes text;
  text.header(0, 1).key("general.alignment", 8).text("32");
  contains(refusal(text), "'general.alignment' must be a power of two");
}

TEST_CASE("shapes that are empty, too deep or beyond 64 bits are refused") {
  contains(refusal_of_tensor({}, 0), "0 dimensions");
  contains(refusal_of_tensor({1, 1, 1, 1, 1}, 0), "5 dimensions");
  contains(refusal_of_tensor({8, 0}, 0), "a dimension is 0");
  const std::uint64_t big = std::uint64_t{1} << 32;
  contains(refusal_of_tensor({big, big}, 0), "is too large");
  contains(refusal_of_tensor({UINT64_MAX}, 0), "is too large");
  contains(refusal_of_tensor({big, 1, 1, big / 4}, 0), "is too large");
  contains(refusal_of_tensor({big / 4 - 1, big}, 0), "reach beyond");  // just fits 64 bits
}

TEST_CASE("rows that are no whole number of blocks are refused") {
  contains(refusal_of_tensor({48, 2}, 8), "no whole number of Q8_0 blocks of 32");
  contains(refusal_of_tensor({128}, 12), "no whole number of Q4_K blocks of 256");
}

TEST_CASE("tensor types without a known size are refused, known ones without a kernel open") {
  contains(refusal_of_tensor({32}, 4), "tensor type 4 is unknown");
  contains(refusal_of_tensor({32}, 99), "tensor type 99 is unknown");
  CHECK(refusal_of_tensor({256, 2}, 12) == "accepted");
  CHECK(refusal_of_tensor({256, 2}, 30) == "accepted");
}

TEST_CASE("tensors may touch and leave gaps, but not overlap, stray or lie unaligned") {
  CHECK(refusal_of_offsets({0, 32, 96}) == "accepted");
  CHECK(refusal_of_offsets({96, 0}) == "accepted");
  contains(refusal_of_offsets({64, 32, 64}), "tensors 'a' and 'c' overlap");
  contains(refusal_of_offsets({0, 128}), "reach beyond the 128 bytes");
  contains(refusal_of_offsets({UINT64_MAX - 31}), "reach beyond the 128 bytes");
  contains(refusal_of_offsets({16}), "offset 16 is no multiple of 32");

  GgufBytes partly;
  partly.header(2, 0).tensor("long", {16}, 0, 0).tensor("short", {1}, 0, 32).tensor_data(128);
  contains(refusal(partly), "tensors 'long' and 'short' overlap");
}

TEST_CASE("foreign names stand in errors as one line of printable text") {
  GgufBytes bytes;
  bytes.header(0, 1).key("a\nb\x1b[31m\xFF", 13).u64(0);
  contains(refusal(bytes), "metadata 'a\\x0ab\\x1b[31m\\xff'");
  GgufBytes lengthy;
  lengthy.header(0, 1).key(std::string(10'000, 'k'), 13).u64(0);
  CHECK(refusal(lengthy).size() < 200);
}
