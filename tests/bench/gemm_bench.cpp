// Speed of the matrix products alone, all of a tinyllama-1.1b shape, weights from DRAM.
//   gemm_bench [q8_0|q4_0|f16|f32] [threads] [rows...]
// Prints tok/s, GB/s of packed weights beside the read bandwidth measured in the same call, Gop/s.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "kernels/base/philox.hpp"
#include "kernels/cpu/gemm.hpp"

namespace {

using namespace pecia::kernels;

struct Shape {
  int outputs, inputs;
};

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Random codes with scales near 2^-6, as the file format has them.
std::vector<std::byte> random_tensor(TensorType type, Shape shape, std::uint64_t seed) {
  const TensorTypeTraits& traits = *traits_of(type);
  const std::size_t blocks =
      static_cast<std::size_t>(shape.outputs) * shape.inputs / traits.block_elements;
  std::vector<std::byte> bytes(blocks * traits.block_bytes);
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    const std::uint64_t bits = philox64(seed, i, 0);
    std::memcpy(&bytes[i], &bits, 8);
  }
  for (std::size_t b = 0; b < blocks; ++b) {
    const auto scale = static_cast<std::uint16_t>(0x2400 + b % 97);
    std::memcpy(&bytes[b * traits.block_bytes], &scale, 2);
    if (traits.block_bytes == 4) {
      const float value = 0.01f * static_cast<float>(b % 13) - 0.06f;
      std::memcpy(&bytes[b * 4], &value, 4);
    }
  }
  return bytes;
}

PackedMatrix random_matrix(ThreadPool& pool, TensorType type, Shape shape, std::uint64_t seed) {
  const std::vector<std::byte> bytes = random_tensor(type, shape, seed);
  Tensor tensor;
  tensor.name = "random";
  tensor.type = type;
  tensor.shape = {static_cast<std::uint64_t>(shape.inputs),
                  static_cast<std::uint64_t>(shape.outputs)};
  tensor.bytes = bytes;
  return PackedMatrix::pack(pool, tensor);
}

double read_gb_s(ThreadPool& pool) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  constexpr std::size_t kPieces = 512;
  AlignedBuffer buffer(kPiece * kPieces);
  std::memset(buffer.data(), 1, buffer.bytes());
  std::vector<double> runs;
  std::vector<std::uint64_t> sums(kPieces);
  for (int run = 0; run < 7; ++run) {
    const double seconds = seconds_of([&] {
      pool.run(kPieces, [&](std::int64_t piece, int) {
        const auto* words = reinterpret_cast<const std::uint64_t*>(buffer.data() + kPiece * piece);
        std::uint64_t sum[8] = {};
        for (std::size_t i = 0; i < kPiece / 8; i += 8) {
          for (std::size_t lane = 0; lane < 8; ++lane) sum[lane] += words[i + lane];
        }
        for (const std::uint64_t lane : sum) sums[piece] += lane;
      });
    });
    runs.push_back(static_cast<double>(kPiece * kPieces) / seconds / 1e9);
  }
  return median(runs);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string format = argc > 1 ? argv[1] : "q8_0";
  ThreadPool pool(argc > 2 ? std::atoi(argv[2]) : 2);
  const TensorType type = format == "q4_0"  ? TensorType::q4_0
                          : format == "f16" ? TensorType::f16
                          : format == "f32" ? TensorType::f32
                                            : TensorType::q8_0;
  const char* const forced = std::getenv("PECIA_CPU");
  const auto isa = choose_isa(forced == nullptr ? "" : forced);
  if (!isa.ok()) return fmt::print(stderr, "{}\n", isa.error().message), 2;
  const KernelTable& kernels = kernel_table(*isa);

  const int layers = std::getenv("LAYERS") ? std::atoi(std::getenv("LAYERS")) : 22;
  std::vector<PackedMatrix> matrices;
  for (int layer = 0; layer < layers; ++layer) {
    const auto seed = static_cast<std::uint64_t>(layer) * 4;
    matrices.push_back(random_matrix(pool, type, {2560, 2048}, seed));
    matrices.push_back(random_matrix(pool, type, {2048, 2048}, seed + 1));
    matrices.push_back(random_matrix(pool, type, {11264, 2048}, seed + 2));
    matrices.push_back(random_matrix(pool, type, {2048, 5632}, seed + 3));
  }
  double bytes = 0, weights = 0;
  for (const PackedMatrix& matrix : matrices) {
    bytes += static_cast<double>(matrix.bytes());
    weights += static_cast<double>(matrix.outputs()) * matrix.inputs();
  }

  const double bandwidth = read_gb_s(pool);
  fmt::print("{} {} {} threads, {} layers, read {:.1f} GB/s\n", kernels.name, format,
             pool.threads(), layers, bandwidth);
  GemmScratch scratch;
  if (const char* chunk = std::getenv("CHUNK")) scratch.tuning.chunk_blocks = std::atoi(chunk);
  if (const char* l2 = std::getenv("L2"))
    scratch.tuning.packed_bytes_max = std::strtoul(l2, nullptr, 10) * 1024;
  if (const char* pp = std::getenv("PP")) scratch.tuning.panels_per_piece = std::atoi(pp);
  if (std::getenv("NOPF")) scratch.tuning.prefetch = false;
  RowsBuffer in, out;
  for (int a = 3; a < std::max(argc, 4); ++a) {
    const int rows = argc > 3 ? std::atoi(argv[a]) : 1;
    std::vector<double> runs;
    for (int run = 0; run < (rows > 64 ? 3 : 7); ++run) {
      runs.push_back(seconds_of([&] {
        for (const PackedMatrix& matrix : matrices) {
          const Rows x = in.shaped(rows, matrix.inputs());
          if (run == 0) {
            for (std::size_t i = 0; i < x.floats(); ++i) {
              x.data[i] = static_cast<float>(i * 2654435761u % 1000) * 0.002f - 1.0f;
            }
          }
          const Product product{&matrix, out.shaped(rows, matrix.outputs())};
          multiply(pool, kernels, scratch, x, {&product, 1});
        }
      }));
    }
    const double s = median(runs);
    fmt::print("rows {:4}: {:8.1f} ms  {:7.1f} tok/s  {:6.2f} GB/s ({:3.0f}%)  {:6.1f} Gop/s\n",
               rows, s * 1e3, rows / s, bytes / s / 1e9, bytes / s / 1e7 / bandwidth,
               2 * weights * rows / s / 1e9);
  }
}
