#include "kernels/engine/numerics.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/cpu/attention.hpp"
#include "kernels/cpu/gemm.hpp"
#include "kernels/cpu/ops.hpp"

namespace pecia::kernels {
namespace {

// The smallest model-like computation that runs every kernel of a plain llama, crosses a page and a
// chunk of K.
constexpr int kRows = 40;
constexpr int kWidth = 160;
constexpr AttentionShape kShape{.heads = 4, .kv_heads = 2, .head_dim = 16};
constexpr float kEpsilon = 0x1p-17f;

// A stream of fixed numbers; everything made from it is exact.
class Stream {
 public:
  std::uint32_t bits() { return static_cast<std::uint32_t>(philox64(0x70656369, position_++, 0)); }
  float small() { return static_cast<float>(static_cast<std::int32_t>(bits()) >> 12) * 0x1p-19f; }
  std::uint16_t small_half() { return static_cast<std::uint16_t>((bits() & 0x83ff) | 0x2800); }

 private:
  std::uint64_t position_ = 0;
};

// Rows of `kWidth` weights in file format.
std::vector<std::byte> weights(Stream& stream, TensorType type, int rows) {
  const TensorTypeTraits& traits = *traits_of(type);
  std::vector<std::byte> bytes(std::size_t(rows) * kWidth / traits.block_elements *
                               traits.block_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += traits.block_bytes) {
    for (std::size_t i = 0; i < traits.block_bytes; ++i) bytes[at + i] = std::byte(stream.bits());
    if (type == TensorType::f32) {
      const float value = stream.small();
      std::memcpy(&bytes[at], &value, sizeof value);
    } else {  // F16 as a whole, and the scale that begins a quantised block
      const std::uint16_t half = stream.small_half();
      std::memcpy(&bytes[at], &half, sizeof half);
    }
  }
  return bytes;
}

PackedMatrix matrix(ThreadPool& pool, Stream& stream, TensorType type, int rows) {
  const std::vector<std::byte> bytes = weights(stream, type, rows);
  return PackedMatrix::pack(pool, {.name = "self-test",
                                   .type = type,
                                   .shape = {kWidth, static_cast<std::uint64_t>(rows)},
                                   .bytes = bytes});
}

Id self_test(ThreadPool& pool, const KernelTable& kernels) {
  constexpr int kQueryRows = kShape.heads * kShape.head_dim;
  constexpr int kKeyRows = kShape.kv_heads * kShape.head_dim;
  Stream stream;
  const PackedMatrix q_weights = matrix(pool, stream, TensorType::q8_0, kQueryRows);
  const PackedMatrix k_weights = matrix(pool, stream, TensorType::q4_0, kKeyRows);
  const PackedMatrix v_weights = matrix(pool, stream, TensorType::f16, kKeyRows);
  const PackedMatrix gate_weights = matrix(pool, stream, TensorType::f32, kQueryRows);

  RowsBuffer x_memory, norm_memory, q_memory, k_memory, v_memory, gate_memory, out_memory;
  const Rows x = x_memory.shaped(kRows, kWidth);
  for (int row = 0; row < kRows; ++row) {
    for (int col = 0; col < kWidth; ++col) x.at(row, col) = stream.small();
  }
  std::vector<float> norm(kWidth);
  for (float& value : norm) value = stream.small();
  const Rows normed = norm_memory.shaped(kRows, kWidth);
  rms_norm(pool, kernels, x, normed, norm, kEpsilon);

  const Rows q = q_memory.shaped(kRows, kQueryRows), k = k_memory.shaped(kRows, kKeyRows);
  const Rows v = v_memory.shaped(kRows, kKeyRows), gate = gate_memory.shaped(kRows, kQueryRows);
  const Rows out = out_memory.shaped(kRows, kQueryRows);
  GemmScratch gemm;
  multiply(pool, kernels, gemm, normed,
           std::array{Product{&q_weights, q}, Product{&k_weights, k}, Product{&v_weights, v},
                      Product{&gate_weights, gate}});

  RopeTable rope(kShape.head_dim, 10'000, 1, {});
  rope.extend(kRows);
  AlignedBuffer first(kShape.layer_page_halves() * 2), second(kShape.layer_page_halves() * 2);
  const auto halves = [](AlignedBuffer& page) {
    return reinterpret_cast<std::uint16_t*>(page.data());
  };
  const AttentionSpan span{0, kRows, 0, {halves(first), halves(second)}};
  AttentionScratch scratch;
  attend(pool, kernels, scratch, kShape, rope, std::span(&span, 1), q, k, v, out);
  swiglu(pool, kernels, gate, out, gate);
  add(pool, kernels, out, gate);
  return xxh3_128(std::as_bytes(std::span(out.data, out.floats())));
}

// What a plain llama does not do: layer norm, biases, gelu, and attention under every rule.
Id further_self_test(ThreadPool& pool, const KernelTable& kernels, const Id& plain) {
  constexpr int kQueryCols = kShape.heads * kShape.head_dim;
  constexpr int kKeyCols = kShape.kv_heads * kShape.head_dim;
  Stream stream;
  const auto fill = [&stream](RowsBuffer& memory, int rows, int cols) {
    const Rows filled = memory.shaped(rows, cols);
    for (int row = 0; row < rows; ++row) {
      for (int col = 0; col < cols; ++col) filled.at(row, col) = stream.small();
    }
    return filled;
  };
  RowsBuffer q_memory, k_memory, v_memory, gate_memory, norms_memory, out_memory;
  const Rows q = fill(q_memory, kRows, kQueryCols), k = fill(k_memory, kRows, kKeyCols);
  const Rows v = fill(v_memory, kRows, kKeyCols), gate = fill(gate_memory, kRows, kQueryCols);
  const Rows norms = fill(norms_memory, 4, kQueryCols);  // read row by row
  std::vector<float> weight(kQueryCols), bias(kQueryCols);
  for (int col = 0; col < kQueryCols; ++col) {
    weight[col] = norms.at(0, col);
    bias[col] = norms.at(1, col);
  }
  add_bias(pool, kernels, q, bias);
  layer_norm(pool, kernels, q, q, weight, bias, kEpsilon);

  RopeTable rope(kShape.head_dim / 2, 10'000, 1, {}, 1.25);
  rope.extend(kRows);
  std::vector<std::uint16_t> pages(2 * kShape.layer_page_halves());
  const AttentionSpan span{0, kRows, 0, {pages.data(), &pages[kShape.layer_page_halves()]}};
  const HeadRules rules{.q_norm = std::span(weight).first(kShape.head_dim),
                        .k_norm = std::span(bias).first(kShape.head_dim),
                        .norm_epsilon = kEpsilon,
                        .query_scale = 0.375f,
                        .window = 19};
  const Rows out = out_memory.shaped(kRows, kQueryCols);
  AttentionScratch scratch;
  attend(pool, kernels, scratch, kShape, rope, std::span(&span, 1), q, k, v, out, rules);
  geglu(pool, kernels, gate, out, out);
  gelu(pool, kernels, gate);
  add(pool, kernels, out, gate);
  FieldHash hash;
  hash.field(plain).field(std::as_bytes(std::span(out.data, out.floats())));
  return hash.id();
}

// Where the f16 numbers of a block lie, which random bytes may not fill.
std::vector<std::size_t> halves_of(TensorType type) {
  switch (type) {
    case TensorType::q4_1:
    case TensorType::q5_1:
    case TensorType::q4_k:
    case TensorType::q5_k:
      return {0, 2};
    case TensorType::q6_k:
      return {208};
    default:
      return {0};
  }
}

// Products of few rows and of many, over a whole group of a K format.
Id product_self_test(ThreadPool& pool, const KernelTable& kernels, TensorType type,
                     const Id& before) {
  constexpr std::size_t kInputs = 256, kOutputs = 48;
  Stream stream;
  const TensorTypeTraits& traits = *traits_of(type);
  std::vector<std::byte> bytes(kInputs * kOutputs / traits.block_elements * traits.block_bytes);
  for (std::byte& byte : bytes) byte = std::byte(stream.bits());
  for (std::size_t block = 0; block < bytes.size(); block += traits.block_bytes) {
    for (const std::size_t at : halves_of(type)) {
      const std::uint16_t half = stream.small_half();
      std::memcpy(&bytes[block + at], &half, sizeof half);
    }
  }
  const PackedMatrix matrix = PackedMatrix::pack(
      pool, {.name = "self-test", .type = type, .shape = {kInputs, kOutputs}, .bytes = bytes});
  FieldHash hash;
  hash.field(before);
  GemmScratch gemm;
  for (const int rows : {3, kRows}) {
    RowsBuffer x_memory, out_memory;
    const Rows x = x_memory.shaped(rows, kInputs), out = out_memory.shaped(rows, kOutputs);
    for (int row = 0; row < rows; ++row) {
      for (int col = 0; col < x.cols; ++col) x.at(row, col) = stream.small();
    }
    multiply(pool, kernels, gemm, x, std::array{Product{&matrix, out}});
    for (int row = 0; row < rows; ++row) {
      for (int col = 0; col < out.cols; ++col) {
        hash.field(std::bit_cast<std::uint32_t>(out.at(row, col)));
      }
    }
  }
  return hash.id();
}

bool takes_further_steps(const ModelParams& params) {
  return params.features != ModelFeatures{} || params.window > 0 || params.query_scale > 0 ||
         params.rope_magnitude != 1 || params.rotated_dim() != params.head_dim;
}

}  // namespace

std::string numerics_id(ThreadPool& pool, const KernelTable& kernels, std::string_view dtype,
                        const FurtherNumerics& further) {
  Id hash = self_test(pool, kernels);
  if (further.steps) hash = further_self_test(pool, kernels, hash);
  for (const TensorType type : further.products) {
    hash = product_self_test(pool, kernels, type, hash);
  }
  return fmt::format("cpu-{}-{}-{}", kKernelVersion, dtype, hex(std::span(hash).first(8)));
}

std::string numerics_id(ThreadPool& pool, const KernelTable& kernels, const Model& model) {
  FurtherNumerics further{takes_further_steps(model.params()), model.matrix_types()};
  std::erase_if(further.products, [](TensorType type) {  // in every self-test
    return type == TensorType::f32 || type == TensorType::f16 || type == TensorType::q8_0 ||
           type == TensorType::q4_0;
  });
  return numerics_id(pool, kernels, model.quantisation(), further);
}

}  // namespace pecia::kernels
