#pragma once
// 8-bit matrix-product tiles in plain C++: the definition that the vector tiles must equal, and
// what runs where no vector unit is known.

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa/vec_portable.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

struct Q8_0 {
  static constexpr int kRecordBytes = kQ8RecordBytes;
  static int weight(const std::uint8_t* codes, int output, int k) {
    return codes[k / 4 * kQuadLine + output * 4 + k % 4] - 128;
  }
};

struct Q4_0 {
  static constexpr int kRecordBytes = kQ4RecordBytes;
  static int weight(const std::uint8_t* codes, int output, int k) {
    const int byte = codes[k / 4 % 4 * kQuadLine + output * 4 + k % 4];
    return (k < 16 ? byte & 15 : byte >> 4) - 8;
  }
};

template <class Format>
void i8_tile_any(const TileArgs& args) {
  const std::uint8_t* weights = args.weights;
  const std::uint8_t* packed = args.packed;
  for (int block = 0; block < args.blocks; ++block) {
    for (int m = 0; m < args.rows; ++m) {
      float da;
      std::memcpy(&da, packed + args.rows * kPackedScale + m * 4, sizeof da);
      for (int output = 0; output < 32; ++output) {
        int isum = 0;
        for (int k = 0; k < 32; ++k) {
          const auto code = static_cast<std::int8_t>(packed[(k / 4 * args.rows + m) * 4 + k % 4]);
          isum += Format::weight(weights + kScaleLine, output, k) * code;
        }
        std::uint16_t half;
        std::memcpy(&half, weights + output * 2, sizeof half);
        float& out = args.out[m * 32 + output];
        const float acc = args.first && block == 0 ? 0.0f : out;
        out = fused(static_cast<float>(isum), float_of_half(half) * da, acc);
      }
    }
    weights += Format::kRecordBytes;
    packed += packed_i8_block_bytes(args.rows);
  }
}

// Magnitudes compare as integers, so that a NaN wins and reaches the scale on every path.
float largest_magnitude(const float* x) {
  std::uint32_t top = 0;
  for (int k = 0; k < 32; ++k) {
    const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(x[k]) & 0x7FFFFFFFu;
    top = magnitude > top ? magnitude : top;
  }
  return std::bit_cast<float>(top);
}

void quantise_rows(const float* x, int rows, std::uint8_t* packed) {
  for (int m = 0; m < rows; ++m, x += 32) {
    const float amax = largest_magnitude(x);
    const bool tiny = amax < 0x1p-80f;  // keeps dw * da out of the denormals
    const float d = tiny ? 0.0f : amax / 127.0f;
    const float inverse = tiny ? 0.0f : 127.0f / amax;
    std::int32_t sum = 0;
    for (int k = 0; k < 32; ++k) {
      const auto code = static_cast<std::int8_t>(std::lrintf(x[k] * inverse));
      packed[(k / 4 * rows + m) * 4 + k % 4] = static_cast<std::uint8_t>(code);
      sum += code;
    }
    const std::int32_t start = -128 * sum;
    std::memcpy(packed + rows * kPackedStart + m * 4, &start, 4);
    std::memcpy(packed + rows * kPackedScale + m * 4, &d, 4);
  }
}

}  // namespace
}  // namespace pecia::kernels
