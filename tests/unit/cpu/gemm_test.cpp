// The matrix product: against the contract written out plainly, and equal bits however it is cut.

#include "kernels/cpu/gemm.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "kernels/cpu/isa/tables.hpp"
#include "kernels/weights/half.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/plain_weights.hpp"
#include "tests/unit/cpu/random_tensor.hpp"
#include "tests/unit/cpu/spoiled_float_mode.hpp"
#include "tests/unit/cpu/vnni_emulator.hpp"

namespace {

using namespace pecia::kernels;
using pecia::kernels::testing::fill_random;
using pecia::kernels::testing::OwnedTensor;
using pecia::kernels::testing::plain_value;
using pecia::kernels::testing::plain_weight;
using pecia::kernels::testing::poison;
using pecia::kernels::testing::random_tensor;

constexpr TensorType kQuantised[] = {TensorType::q8_0, TensorType::q4_0, TensorType::q4_1,
                                     TensorType::q5_0, TensorType::q5_1, TensorType::q4_k,
                                     TensorType::q5_k, TensorType::q6_k};
constexpr TensorType kTypes[] = {TensorType::q8_0, TensorType::q4_0, TensorType::q4_1,
                                 TensorType::q5_0, TensorType::q5_1, TensorType::q4_k,
                                 TensorType::q5_k, TensorType::q6_k, TensorType::bf16,
                                 TensorType::f16,  TensorType::f32};

bool quantised(TensorType type) {
  return std::find(std::begin(kQuantised), std::end(kQuantised), type) != std::end(kQuantised);
}

bool has_min(TensorType type) {
  return type == TensorType::q4_1 || type == TensorType::q5_1 || type == TensorType::q4_k ||
         type == TensorType::q5_k;
}

// No multiple of a chunk of K, but of the format's block.
int odd_inputs(TensorType type) {
  return traits_of(type)->block_elements == 256 ? 768 : quantised(type) ? 352 : 172;
}

struct QuantisedBlock {
  float d;
  int codes[32];
};

QuantisedBlock quantise_plainly(const Rows& x, int row, int block) {
  QuantisedBlock out{};
  const float* const in = x.block(block, row);
  float amax = 0;
  for (int k = 0; k < 32; ++k) amax = std::max(amax, std::fabs(in[k]));
  if (amax < 0x1p-80f) return out;
  out.d = amax / 127;
  const float inverse = 127 / amax;
  for (int k = 0; k < 32; ++k) out.codes[k] = static_cast<int>(std::nearbyint(in[k] * inverse));
  return out;
}

// NUMERICS section 1, word for word.
float quantised_plainly(const OwnedTensor& w, const Rows& x, int row, int output) {
  const TensorType type = w.tensor.type;
  const std::byte* const weights = &w.bytes[output * w.tensor.row_bytes()];
  const int part_size = type == TensorType::q6_k ? 16 : 32;
  float acc = 0;
  for (int b = 0; b < x.blocks(); ++b) {
    const QuantisedBlock q = quantise_plainly(x, row, b);
    int asum = 0;
    for (int part = 0; part < 32; part += part_size) {
      int isum = 0;
      for (int k = part; k < part + part_size; ++k) {
        isum += plain_weight(type, weights, b * 32 + k).code * q.codes[k];
        asum += q.codes[k];
      }
      const auto dw = static_cast<float>(plain_weight(type, weights, b * 32 + part).scale);
      acc = std::fma(static_cast<float>(isum), dw * q.d, acc);
    }
    if (!has_min(type)) continue;
    const auto min = static_cast<float>(plain_weight(type, weights, b * 32).min);
    acc = std::fma(min, q.d * static_cast<float>(asum), acc);
  }
  return acc;
}

float product_plainly(const OwnedTensor& w, const Rows& x, int row, int output) {
  if (quantised(w.tensor.type)) return quantised_plainly(w, x, row, output);
  const std::byte* const weights = &w.bytes[output * w.tensor.row_bytes()];
  float total = 0;
  for (int begin = 0; begin < x.cols; begin += 128) {
    float s = 0;
    for (int k = begin; k < std::min(x.cols, begin + 128); ++k) {
      const auto weight = static_cast<float>(plain_value(w.tensor.type, weights, k));
      s = std::fma(x.at(row, k), weight, s);
    }
    total = begin == 0 ? s : total + s;
  }
  return total;
}

struct Setup {
  ThreadPool pool{1};
  OwnedTensor weights;
  PackedMatrix packed;
  RowsBuffer in_memory;
  Rows x;

  Setup(TensorType type, int rows, int outputs, int inputs)
      : weights(random_tensor(type, outputs, inputs, 7)),
        packed(PackedMatrix::pack(pool, weights.tensor)),
        x(in_memory.shaped(rows, inputs)) {
    fill_random(x, 11);
  }
};

struct Result {
  RowsBuffer memory;
  Rows out;
};

Result multiplied(const KernelTable& kernels, int threads, const PackedMatrix& packed,
                  const Rows& x, const GemmTuning& tuning = {}) {
  Result result;
  result.out = result.memory.shaped(x.rows, packed.outputs());
  std::memset(result.out.data, 0xFF, result.out.floats() * sizeof(float));
  ThreadPool pool(threads);
  GemmScratch scratch;
  scratch.tuning = tuning;
  scratch.packed_i8.reserve(packed_i8_block_bytes(x.rows) * x.blocks());
  scratch.packed_f32.reserve(x.floats() * sizeof(float));
  poison(scratch.packed_i8);
  poison(scratch.packed_f32);
  const Product product{&packed, result.out};
  multiply(pool, kernels, scratch, x, {&product, 1});
  return result;
}

bool same_bits(const Rows& a, int row_a, const Rows& b, int row_b) {
  for (int block = 0; block < a.blocks(); ++block) {
    if (std::memcmp(a.block(block, row_a), b.block(block, row_b), 32 * sizeof(float)) != 0) {
      return false;
    }
  }
  return true;
}

bool same_bits(const Rows& a, const Rows& b) {
  for (int row = 0; row < a.rows; ++row) {
    if (!same_bits(a, row, b, row)) return false;
  }
  return true;
}

Rows rows_of(RowsBuffer& memory, const Rows& x, int first, int count) {
  const Rows part = memory.shaped(count, x.cols);
  for (int b = 0; b < x.blocks(); ++b) {
    std::memcpy(part.block(b, 0), x.block(b, first), sizeof(float) * 32 * count);
  }
  return part;
}

}  // namespace

TEST_CASE(
    "a product equals the contract written out plainly, in every format and instruction set") {
  for (const TensorType type : kTypes) {
    const Setup s(type, 25, 40, odd_inputs(type));  // the last chunk is short
    const KernelTableList list = runnable_kernel_tables();
    for (int t = 0; t < list.count; ++t) {
      INFO(list.tables[t]->name << " " << traits_of(type)->name);
      const Result result = multiplied(*list.tables[t], 1, s.packed, s.x);
      for (int row = 0; row < s.x.rows; ++row) {
        for (int output = 0; output < 40; ++output) {
          REQUIRE(result.out.at(row, output) == product_plainly(s.weights, s.x, row, output));
        }
        for (int output = 40; output < 64; ++output) {
          REQUIRE(result.out.block(1, row)[output - 32] == 0.0f);
        }
      }
    }
  }
}

TEST_CASE("a row's product does not depend on its batch, its place in it or the thread count") {
  for (const TensorType type : kTypes) {
    const Setup s(type, 65, 96, 512);
    const KernelTable& kernels = kernel_table(best_isa());
    const Result whole = multiplied(kernels, 1, s.packed, s.x);
    for (const int rows : {1, 2, 3, 5, 6, 7, 16, 17, 64}) {
      RowsBuffer memory;
      const Rows part = rows_of(memory, s.x, 65 - rows, rows);
      const Result result = multiplied(kernels, 2, s.packed, part);
      for (int row = 0; row < rows; ++row) {
        REQUIRE(same_bits(result.out, row, whole.out, 65 - rows + row));
      }
    }
  }
}

TEST_CASE("tiles, cuts of K, piece sizes and prefetch change no bit") {
  for (const TensorType type : kTypes) {
    const Setup s(type, 50, 160, 1024);
    const KernelTable& kernels = kernel_table(best_isa());
    const Result expected = multiplied(kernels, 1, s.packed, s.x);
    for (std::uint64_t draw = 0; draw < 12; ++draw) {
      GemmTuning tuning;
      tuning.chunk_blocks = 1 + static_cast<int>(philox64(1, draw, 0) % 33);
      tuning.packed_bytes_max = 4'000 + philox64(1, draw, 1) % 100'000;
      tuning.prefetch = philox64(1, draw, 3) % 2 == 0;
      tuning.stream_ahead = philox64(1, draw, 4) % 2 == 0;
      REQUIRE(same_bits(expected.out, multiplied(kernels, 2, s.packed, s.x, tuning).out));
    }
  }
}

// Codes and factors at their limits; scales and minimums the largest, the least denormal, negative
// and zero.
void set_extremes(Setup& s) {
  const TensorType type = s.weights.tensor.type;
  const std::size_t block_bytes = traits_of(type)->block_bytes;
  const std::size_t row_bytes = s.weights.tensor.row_bytes();
  constexpr std::uint16_t kHalves[] = {0x7BFF, 0x0001, 0xFBFF, 0x8000};
  for (std::size_t at = 0; at < s.weights.bytes.size(); at += block_bytes) {
    std::byte* const block = &s.weights.bytes[at];
    std::memset(block, type == TensorType::q8_0 ? 0x80 : 0xFF, block_bytes);
    if (type == TensorType::q4_0) std::memset(block, 0x0F, block_bytes);
    for (int i = 0; i < 16 && type == TensorType::q6_k; ++i) {  // factors of -128 and 127
      block[192 + i] = i % 3 == 0 ? std::byte{0x80} : std::byte{0x7F};
    }
    std::size_t which = at / row_bytes;
    for (const std::size_t place : pecia::kernels::testing::half_places(type)) {
      std::memcpy(block + place, &kHalves[which % 4], 2);
      which = which / 4;
    }
  }
  s.packed = PackedMatrix::pack(s.pool, s.weights.tensor);
}

TEST_CASE("extreme codes, ties, tiny and denormal blocks and f16 denormal scales stay exact") {
  for (const TensorType type : kQuantised) {
    Setup s(type, 6, 32, 256);
    set_extremes(s);
    for (int k = 0; k < 256; ++k) {
      s.x.at(0, k) = 127;  // every code at its limit
      s.x.at(1, k) = k % 2 ? -127.0f : 127.0f;
      s.x.at(2, k) = k == 5 ? 127.0f : static_cast<float>(k % 9) + 0.5f;  // ties
      s.x.at(3, k) = k < 32 ? 0x1.fp-81f : 0x1p-80f;                      // below and at the cut
      s.x.at(4, k) = k < 32 ? 0x1p-149f : -0.0f;                          // denormal, negative zero
      s.x.at(5, k) = k == 40 ? 0x1p60f : -1.0f;
    }
    const KernelTableList list = runnable_kernel_tables();
    for (int t = 0; t < list.count; ++t) {
      INFO(list.tables[t]->name << " " << traits_of(type)->name);
      const Result result = multiplied(*list.tables[t], 1, s.packed, s.x);
      for (int row = 0; row < 6; ++row) {
        for (int output = 0; output < 32; ++output) {
          REQUIRE(result.out.at(row, output) == product_plainly(s.weights, s.x, row, output));
        }
      }
    }
  }
}

// The probe of NUMERICS section 6: +2^30 at `plus`, -2^30 at `minus`, 1 at k, all weights 1. The
// one is swallowed unless it is added after the pair has cancelled: later in the chain of the same
// chunk of 128, or as a chunk of its own beside a chunk whose sum is 0.
bool survives(int plus, int minus, int k) {
  const auto chunk = [](int index) { return index / 128; };
  if (chunk(k) > chunk(minus)) return true;
  return chunk(plus) == chunk(minus) && (chunk(k) != chunk(minus) || k > minus);
}

void set_probe(const Rows& x, int row, int plus, int minus, int k) {
  for (int col = 0; col < x.cols; ++col) x.at(row, col) = 0;
  x.at(row, k) = 1;
  x.at(row, plus) = 0x1p30f;
  x.at(row, minus) = -0x1p30f;
}

PackedMatrix ones(TensorType type, int outputs, int inputs) {
  ThreadPool pool(1);
  OwnedTensor tensor = random_tensor(type, outputs, inputs, 1);
  const std::size_t bytes = type == TensorType::f32 ? 4 : 2;
  const std::uint32_t one = type == TensorType::f16    ? float_to_half(1)
                            : type == TensorType::bf16 ? 0x3F80
                                                       : 0x3F800000;
  for (std::size_t i = 0; i < tensor.bytes.size(); i += bytes) {
    std::memcpy(&tensor.bytes[i], &one, bytes);
  }
  return PackedMatrix::pack(pool, tensor.tensor);
}

TEST_CASE("a cancellation probe reads the declared order of summation on every instruction set") {
  constexpr int kInputs = 400;  // three chunks of 128 and a short one
  constexpr int kPairs[][2] = {{10, 20}, {10, 140}, {140, 150}, {140, 390}};
  const KernelTableList list = runnable_kernel_tables();
  for (const TensorType type : {TensorType::f32, TensorType::f16, TensorType::bf16}) {
    const PackedMatrix weights = ones(type, 32, kInputs);
    for (int t = 0; t < list.count; ++t) {
      for (const auto& [plus, minus] : kPairs) {
        INFO(list.tables[t]->name << " " << traits_of(type)->name << ", " << plus << " " << minus);
        RowsBuffer many_memory, one_memory;
        const Rows many = many_memory.shaped(512, kInputs), one = one_memory.shaped(1, kInputs);
        for (int row = 0; row < many.rows; ++row) {
          set_probe(many, row, plus, minus, row % kInputs);
        }
        const Result whole = multiplied(*list.tables[t], 1, weights, many);
        for (int k = 0; k < kInputs; ++k) {
          if (k == plus || k == minus) continue;
          set_probe(one, 0, plus, minus, k);
          const float expected = survives(plus, minus, k) ? 1.0f : 0.0f;
          REQUIRE(multiplied(*list.tables[t], 1, weights, one).out.at(0, 3) == expected);
          REQUIRE(whole.out.at(k, 3) == expected);
        }
      }
    }
  }
}

TEST_CASE("a NaN or an infinity among the activations reaches every output of its row alone") {
  for (const TensorType type : kTypes) {
    const Setup s(type, 4, 32, 256);
    s.x.at(1, 33) = std::nanf("");
    s.x.at(2, 3) = INFINITY;
    const KernelTableList list = runnable_kernel_tables();
    for (int t = 0; t < list.count; ++t) {
      const Result result = multiplied(*list.tables[t], 1, s.packed, s.x);
      for (int output = 0; output < 32; ++output) {
        REQUIRE(std::isfinite(result.out.at(0, output)));
        REQUIRE(std::isnan(result.out.at(1, output)));
        REQUIRE(!std::isfinite(result.out.at(2, output)));
        REQUIRE(std::isfinite(result.out.at(3, output)));
      }
    }
  }
}

#if defined(__SSE2__)
TEST_CASE("a product for a caller who flushes denormals and rounds to zero has the same bits") {
  for (const TensorType type : kTypes) {
    const Setup s(type, 7, 40, odd_inputs(type));
    for (int col = 0; col < s.x.cols; ++col) s.x.at(0, col) *= 0x1p-100f;  // products below 2^-126
    const KernelTableList list = runnable_kernel_tables();
    for (int t = 0; t < list.count; ++t) {
      INFO(list.tables[t]->name << " " << traits_of(type)->name);
      const Result expected = multiplied(*list.tables[t], 2, s.packed, s.x);
      const pecia::kernels::testing::SpoiledFloatMode mode;
      REQUIRE(same_bits(multiplied(*list.tables[t], 2, s.packed, s.x).out, expected.out));
      REQUIRE(mode.still_spoiled());
    }
  }
}
#endif

#if defined(__x86_64__)
TEST_CASE("the VNNI tiles give the bits of the others, emulated where this CPU lacks VNNI") {
  if (!has_isa(Isa::avx512)) PECIA_SKIP("this CPU has no AVX-512");
  const bool native = __builtin_cpu_supports("avx512vnni");
  for (const TensorType type : kQuantised) {
    for (const int rows : {1, 2, 3, 4, 5, 6, 8, 24}) {
      const Setup s(type, rows, 32, 256);
      const Result expected = multiplied(kernel_table(Isa::portable), 1, s.packed, s.x);
      const pecia::kernels::testing::VnniEmulator emulator;
      const long before = emulator.emulated();
      const Result result = multiplied(kAvx512VnniTable, 1, s.packed, s.x);
      REQUIRE(same_bits(expected.out, result.out));
      if (!native) REQUIRE(emulator.emulated() - before == rows * 2 * 8 * 8);
    }
  }
}
#endif
