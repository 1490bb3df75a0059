// Speed of the matrix products alone, all of a tinyllama-1.1b shape, weights from DRAM.
//   gemm_bench [FORMAT] [-r ROWS]... [-t N] [--cpu NAME] [--layers N] [knobs of GemmTuning]
// Prints tok/s, GB/s of packed weights beside the read bandwidth measured in the same call, Gop/s.

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "kernels/cpu/gemm.hpp"
#include "tests/bench/bench_support.hpp"
#include "tests/unit/cpu/random_tensor.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::bench;

struct Options {
  std::string format = "q8_0";
  std::vector<int> rows{1};
  int layers = 22;
  MachineOptions machine;
  GemmTuning tuning;
};

const std::map<std::string, TensorType> kFormats = {
    {"q8_0", TensorType::q8_0}, {"q4_0", TensorType::q4_0}, {"q4_1", TensorType::q4_1},
    {"q5_0", TensorType::q5_0}, {"q5_1", TensorType::q5_1}, {"q4_k", TensorType::q4_k},
    {"q5_k", TensorType::q5_k}, {"q6_k", TensorType::q6_k}, {"bf16", TensorType::bf16},
    {"f16", TensorType::f16},   {"f32", TensorType::f32}};

double read_gb_s(ThreadPool& pool) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  constexpr std::size_t kPieces = 512;
  AlignedBuffer buffer(kPiece * kPieces);
  std::memset(buffer.data(), 1, buffer.bytes());
  std::vector<std::uint64_t> sums(kPieces);
  const double seconds = median_seconds(kRuns, [&] {
    pool.run(kPieces, [&](std::int64_t piece, int) {
      const auto* words = reinterpret_cast<const std::uint64_t*>(buffer.data() + kPiece * piece);
      std::uint64_t sum[8] = {};
      for (std::size_t i = 0; i < kPiece / 8; i += 8) {
        for (std::size_t lane = 0; lane < 8; ++lane) sum[lane] += words[i + lane];
      }
      for (const std::uint64_t lane : sum) sums[piece] += lane;
    });
  });
  return static_cast<double>(kPiece * kPieces) / seconds / 1e9;
}

// Attention (q, k and v as one), its output, gate and up as one, down: of every layer.
std::vector<PackedMatrix> random_model(ThreadPool& pool, TensorType type, int layers) {
  constexpr int kShapes[][2] = {{2560, 2048}, {2048, 2048}, {11264, 2048}, {2048, 5632}};
  std::vector<PackedMatrix> matrices;
  for (int layer = 0; layer < layers; ++layer) {
    for (const auto& [outputs, inputs] : kShapes) {
      const std::uint64_t seed = matrices.size();
      matrices.push_back(
          PackedMatrix::pack(pool, testing::random_tensor(type, outputs, inputs, seed).tensor));
    }
  }
  return matrices;
}

struct Size {
  double bytes = 0;
  double weights = 0;
};

Size size_of(const std::vector<PackedMatrix>& matrices) {
  Size size;
  for (const PackedMatrix& matrix : matrices) {
    size.bytes += static_cast<double>(matrix.bytes());
    size.weights += static_cast<double>(matrix.outputs()) * matrix.inputs();
  }
  return size;
}

double seconds_of_rows(ThreadPool& pool, const KernelTable& kernels, const GemmTuning& tuning,
                       const std::vector<PackedMatrix>& matrices, int rows) {
  GemmScratch scratch;
  scratch.tuning = tuning;
  std::map<int, RowsBuffer> inputs;
  for (const PackedMatrix& matrix : matrices) {
    RowsBuffer& input = inputs[matrix.inputs()];
    testing::fill_random(input.shaped(rows, matrix.inputs()), 1);
  }
  RowsBuffer out;
  return median_seconds(kRuns, [&] {
    for (const PackedMatrix& matrix : matrices) {
      const Rows x = inputs[matrix.inputs()].shaped(rows, matrix.inputs());
      const Product product{&matrix, out.shaped(rows, matrix.outputs())};
      multiply(pool, kernels, scratch, x, {&product, 1});
    }
  });
}

void run(const Options& options, const KernelTable& kernels) {
  ThreadPool pool(options.machine.threads);
  const std::vector<PackedMatrix> matrices =
      random_model(pool, kFormats.at(options.format), options.layers);
  const Size size = size_of(matrices);
  const double bandwidth = read_gb_s(pool);
  fmt::print("{} {} {} threads, {} layers, read {:.1f} GB/s\n", kernels.name, options.format,
             pool.threads(), options.layers, bandwidth);
  for (const int rows : options.rows) {
    const double s = seconds_of_rows(pool, kernels, options.tuning, matrices, rows);
    fmt::print("rows {:4}: {:8.1f} ms  {:7.1f} tok/s  {:6.2f} GB/s ({:3.0f}%)  {:6.1f} Gop/s\n",
               rows, s * 1e3, rows / s, size.bytes / s / 1e9, size.bytes / s / 1e7 / bandwidth,
               2 * size.weights * rows / s / 1e9);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Speed of the matrix products alone");
  app.add_option("format", options.format, "q8_0, q4_k, bf16, f32, ...")
      ->check(CLI::IsMember(kFormats));
  app.add_option("-r,--rows", options.rows, "rows of a batch; several give several lines")
      ->check(CLI::Range(1, 4096));
  app.add_option("--layers", options.layers, "of 44 million weights each")
      ->check(CLI::Range(1, 1000));
  options.machine.add_to(app);
  app.add_option("--chunk-blocks", options.tuning.chunk_blocks)->check(CLI::Range(1, 1 << 20));
  app.add_option("--packed-bytes", options.tuning.packed_bytes_max)->check(CLI::PositiveNumber);
  app.add_flag("!--no-prefetch", options.tuning.prefetch);
  app.add_flag("--stream-ahead,!--no-stream-ahead", options.tuning.stream_ahead,
               "prefetch for few rows; by default where the CPU gains by it");
  CLI11_PARSE(app, argc, argv);
  const auto isa = choose_isa(options.machine.isa);
  if (!isa) return fmt::print(stderr, "{}\n", isa.error().message), 2;
  run(options, kernel_table(*isa));
  return 0;
}
