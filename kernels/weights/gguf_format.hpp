#pragma once
// The GGUF file format, as the reader and the writer share it (ggml-org/ggml docs/gguf.md).
//
//   u32 magic, u32 version, u64 tensor count, u64 metadata count
//   per metadata entry:  text key, u32 value type, value
//   per tensor:          text name, u32 dimensions, u64 each, u32 tensor type, u64 offset
//   padding to the alignment, then the tensor data; offsets count from here
//
// A text is a u64 length and that many bytes; an array is a u32 element type, a u64 count and the
// elements. All numbers are little endian and may lie unaligned.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pecia::kernels {

static_assert(std::endian::native == std::endian::little, "GGUF numbers are read in place");

inline constexpr std::uint32_t kGgufMagic = 0x46554747;  // "GGUF"
inline constexpr std::uint32_t kGgufVersionMin = 2;      // version 1 had 32-bit lengths
inline constexpr std::uint32_t kGgufVersion = 3;
inline constexpr std::uint64_t kGgufHeaderBytes = 24;

inline constexpr std::string_view kGgufAlignmentKey = "general.alignment";
inline constexpr std::uint64_t kGgufAlignment = 32;    // where the key is absent
inline constexpr std::uint64_t kGgufAlignmentMin = 8;  // the format's own rule
inline constexpr std::uint64_t kGgufAlignmentMax = 1 << 20;

inline constexpr std::uint64_t kGgufKeyBytesMax = 65'535;
inline constexpr std::uint64_t kGgufTensorNameBytesMax = 64;
inline constexpr std::uint32_t kGgufDimensionsMax = 4;

enum class GgufValueType : std::uint32_t {
  u8 = 0,
  i8 = 1,
  u16 = 2,
  i16 = 3,
  u32 = 4,
  i32 = 5,
  f32 = 6,
  boolean = 7,
  text = 8,
  array = 9,
  u64 = 10,
  i64 = 11,
  f64 = 12,
};

// "u32"; empty for a number the format does not define.
std::string_view name_of(GgufValueType type);
// Bytes of one value; 0 where the length varies (text, array) or the number is not defined.
std::uint64_t value_bytes(GgufValueType type);

// REQUIRES: alignment a power of two, value + alignment < 2^64.
constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace pecia::kernels
