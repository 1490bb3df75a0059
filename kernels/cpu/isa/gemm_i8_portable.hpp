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

// A record of weights and the head of its unit (the record itself where there is none).
template <PackedLayout kLayout>
struct Record {
  static constexpr int kScales = kLayout.scale_bytes();
  static constexpr int kScaleStep = kLayout.scale_line_bytes();
  static constexpr int kPlanes = kScales + kLayout.code_bytes();

  static float half_at(const std::uint8_t* line, int output) {
    std::uint16_t half;
    std::memcpy(&half, line + output * 2, sizeof half);
    return float_of_half(half);
  }

  // The scale of one part, or the minimum where line = parts.
  static float scale(const std::uint8_t* head, const std::uint8_t* record, int line, int output) {
    const std::uint8_t* const at = record + line * kScaleStep;
    if constexpr (!kLayout.grouped) return half_at(at, output);
    const auto factor = static_cast<float>(static_cast<std::int8_t>(at[output]));
    return half_at(head + (line == kLayout.parts ? kScaleLine : 0), output) * factor;
  }

  static int weight(const std::uint8_t* record, int output, int k) {
    const int quad = k / 4, place = output * 4 + k % 4;
    const std::uint8_t* const lines = record + kScales + place;
    if constexpr (kLayout.low_bits == 8) return lines[quad * kQuadLine] - kLayout.offset;
    const int pair = lines[quad % 4 * kQuadLine];
    int code = quad < 4 ? pair & 15 : pair >> 4;
    if constexpr (kLayout.high_bits > 0) {
      const int bit = quad * kLayout.high_bits;
      const int plane = record[kPlanes + bit / 8 * kQuadLine + place] >> bit % 8;
      code |= (plane & ((1 << kLayout.high_bits) - 1)) << 4;
    }
    return code - kLayout.offset;
  }
};

// One row of activations in a packed block of `rows`.
struct PackedRow {
  const std::uint8_t* packed;
  int rows;
  int row;
  int code(int k) const {
    return static_cast<std::int8_t>(packed[(k / 4 * rows + row) * 4 + k % 4]);
  }
  float number(int place) const {
    float value;
    std::memcpy(&value, packed + rows * place + row * 4, sizeof value);
    return value;
  }
};

// The chain of one output over one block.
template <PackedLayout kLayout>
float add_block(float acc, const std::uint8_t* head, const std::uint8_t* record, int output,
                const PackedRow& x) {
  constexpr int kPart = 32 / kLayout.parts;
  const float da = x.number(kPackedScale);
  for (int part = 0; part < kLayout.parts; ++part) {
    int isum = 0;
    for (int k = part * kPart; k < (part + 1) * kPart; ++k) {
      isum += Record<kLayout>::weight(record, output, k) * x.code(k);
    }
    const float dw = Record<kLayout>::scale(head, record, part, output);
    acc = fused(static_cast<float>(isum), dw * da, acc);
  }
  if constexpr (kLayout.has_min) {
    const float min = Record<kLayout>::scale(head, record, kLayout.parts, output);
    acc = fused(min, x.number(kPackedSum), acc);
  }
  return acc;
}

template <PackedLayout kLayout>
void i8_tile_any(const TileArgs& args) {
  constexpr int kHead = kLayout.head_bytes(), kTogether = kLayout.records_together();
  constexpr int kRecord = kLayout.record_bytes();
  const std::uint8_t* weights = args.weights;
  const std::uint8_t* packed = args.packed;
  const std::uint8_t* head = weights;
  for (int block = 0; block < args.blocks; ++block) {
    if (block % kTogether == 0) {
      head = weights;
      weights += kHead;
    }
    for (int m = 0; m < args.rows; ++m) {
      for (int output = 0; output < 32; ++output) {
        float& out = args.out[m * 32 + output];
        const float acc = args.first && block == 0 ? 0.0f : out;
        out = add_block<kLayout>(acc, head, weights, output, {packed, args.rows, m});
      }
    }
    weights += kRecord;
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
    std::int32_t sum = 0, low_sum = 0;
    for (int k = 0; k < 32; ++k) {
      const auto code = static_cast<std::int8_t>(std::lrintf(x[k] * inverse));
      packed[(k / 4 * rows + m) * 4 + k % 4] = static_cast<std::uint8_t>(code);
      sum += code;
      if (k < 16) low_sum += code;
    }
    const std::int32_t start = -128 * sum, low = -128 * low_sum;
    const float scaled_sum = d * static_cast<float>(sum);
    std::memcpy(packed + rows * kPackedStart + m * 4, &start, 4);
    std::memcpy(packed + rows * kPackedScale + m * 4, &d, 4);
    std::memcpy(packed + rows * kPackedSum + m * 4, &scaled_sum, 4);
    std::memcpy(packed + rows * kPackedLow + m * 4, &low, 4);
  }
}

}  // namespace
}  // namespace pecia::kernels
