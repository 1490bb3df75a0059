#pragma once
// Shapes and limits that the reader of weights and the kernels must agree on.

#include <cstddef>

namespace pecia::kernels {

inline constexpr int kPageTokens = 32;   // positions of a KV page (PROTOCOL "page")
inline constexpr int kHeadDimMax = 256;  // elements of an attention head

// f16 numbers of one layer's part of a page: keys, then values, of all its heads.
constexpr std::size_t layer_page_halves(int kv_heads, int head_dim) {
  return std::size_t{2} * kv_heads * head_dim * kPageTokens;
}

// Radians that the sine and cosine of a rotation take: quarter turns stay below 2^20.
inline constexpr double kRopeAngleMax = 1.6e6;

}  // namespace pecia::kernels
