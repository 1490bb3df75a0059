// The reading half of quantise.hpp.

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "kernels/weights/bfloat.hpp"
#include "kernels/weights/blocks.hpp"
#include "kernels/weights/quantise.hpp"

namespace pecia::kernels {
namespace {

constexpr std::array kTypes{TensorType::f32,  TensorType::f16,  TensorType::bf16, TensorType::q8_0,
                            TensorType::q4_0, TensorType::q4_1, TensorType::q5_0, TensorType::q5_1,
                            TensorType::q4_k, TensorType::q5_k, TensorType::q6_k};

// -- 32 elements ----------------------------------------------------------------------------------

// What 32 elements of a block are scaled by: each product below is exact in f32.
struct Scales {
  float first;   // of elements 0..15
  float second;  // of elements 16..31
  float min = 0;
};

template <class Block>
Scales scales_of(const Block& block, int sub) {
  const float d = half_to_float(block.scale);
  if constexpr (kIsGrouped<Block>) {
    const Factors factors = factors_of(block.factors, sub);
    const float scale = d * static_cast<float>(factors.scale);
    return {scale, scale, -(half_to_float(block.min) * static_cast<float>(factors.min))};
  } else if constexpr (kHasMin<Block>) {
    return {d, d, half_to_float(block.min)};
  } else {
    return {d, d};
  }
}

Scales scales_of(const BlockQ6_K& block, int sub) {
  const float d = half_to_float(block.scale);
  const auto factor = [&](int index) { return static_cast<float>(block.factors[index]); };
  return {d * factor(2 * sub), d * factor(2 * sub + 1)};
}

// scale * code is exact in every format; adding the minimum rounds once.
template <class Block>
void decode(const Block& block, int sub, std::span<float> values) {
  std::array<std::uint8_t, kQuantBlock> codes;
  const CodeWords words = codes_of(block, sub);
  std::memcpy(codes.data(), words.data(), sizeof codes);
  const Scales scales = scales_of(block, sub);
  for (int i = 0; i < kQuantBlock; ++i) {
    const auto code = static_cast<float>(codes[i] - Block::kOffset);
    values[i] = (i < 16 ? scales.first : scales.second) * code;
    if constexpr (kHasMin<Block>) values[i] += scales.min;
  }
}

void decode(const BlockQ8_0& block, int, std::span<float> values) {
  const float scale = half_to_float(block.scale);
  for (int i = 0; i < kQuantBlock; ++i) values[i] = scale * block.codes[i];
}

// -- one row --------------------------------------------------------------------------------------

template <class Block>
void decode_row(std::span<const std::byte> bytes, std::span<float> values) {
  assert(bytes.size() == values.size() / kBlockElements<Block> * sizeof(Block));
  for (; !bytes.empty(); bytes = bytes.subspan(sizeof(Block))) {
    Block block;
    std::memcpy(&block, bytes.data(), sizeof block);
    for (int sub = 0; sub < kBlockElements<Block> / kQuantBlock; ++sub) {
      decode(block, sub, values.first(kQuantBlock));
      values = values.subspan(kQuantBlock);
    }
  }
}

template <float (*kWiden)(std::uint16_t)>
void decode_halves(std::span<const std::byte> bytes, std::span<float> values) {
  assert(bytes.size() == values.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, bytes.data() + i * sizeof half, sizeof half);
    values[i] = kWiden(half);
  }
}

}  // namespace

bool can_dequantise(TensorType type) {
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

std::string dequantised_types() {
  std::string names;
  for (const TensorType type : kTypes) {
    names.append(names.empty() ? "" : ", ").append(traits_of(type)->name);
  }
  return names;
}

void dequantise_row(TensorType type, std::span<const std::byte> bytes, std::span<float> values) {
  assert(can_dequantise(type));
  switch (type) {
    case TensorType::f16:
      return decode_halves<half_to_float>(bytes, values);
    case TensorType::bf16:
      return decode_halves<bfloat_to_float>(bytes, values);
    case TensorType::q8_0:
      return decode_row<BlockQ8_0>(bytes, values);
    case TensorType::q4_0:
      return decode_row<BlockQ4_0>(bytes, values);
    case TensorType::q4_1:
      return decode_row<BlockQ4_1>(bytes, values);
    case TensorType::q5_0:
      return decode_row<BlockQ5_0>(bytes, values);
    case TensorType::q5_1:
      return decode_row<BlockQ5_1>(bytes, values);
    case TensorType::q4_k:
      return decode_row<BlockQ4_K>(bytes, values);
    case TensorType::q5_k:
      return decode_row<BlockQ5_K>(bytes, values);
    case TensorType::q6_k:
      return decode_row<BlockQ6_K>(bytes, values);
    default:
      assert(bytes.size() == values.size_bytes());
      std::memcpy(values.data(), bytes.data(), values.size_bytes());
  }
}

}  // namespace pecia::kernels
