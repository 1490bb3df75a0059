// Float matrix-product tiles, written once over Vec. Include after one vec_*.hpp, in one file a
// translation unit. A call is one chunk of at most 128 k: each output is one fma chain from +0,
// k ascending, then added to the total in `out` (copied, for the first chunk).

namespace pecia::kernels {
namespace {

struct F32Weights {
  using Element = float;
  static inline Vec load16(const Element* p) { return load(p); }
};
struct F16Weights {
  using Element = std::uint16_t;
  static inline Vec load16(const Element* p) { return load_half(p); }
};
struct Bf16Weights {
  using Element = std::uint16_t;
  static inline Vec load16(const Element* p) { return load_bfloat(p); }
};

// Outputs [first, first + 16 * kCols) of the panel's 32.
template <class Weights, int kRows, int kCols>
[[gnu::noinline]] static void float_columns(const TileArgs& args, int first) {
  const auto* w = reinterpret_cast<const typename Weights::Element*>(args.weights) + first;
  const auto* x = reinterpret_cast<const float*>(args.packed);
  Vec chain[kRows][kCols];
#pragma GCC unroll 8
  for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 2
    for (int c = 0; c < kCols; ++c) chain[m][c] = zero();
  }
  for (int k = 0; k < args.depth; ++k, w += 32, x += kRows) {
    Vec columns[kCols];
#pragma GCC unroll 2
    for (int c = 0; c < kCols; ++c) columns[c] = Weights::load16(w + c * kLanes);
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) {
      const Vec value = set1(x[m]);
#pragma GCC unroll 2
      for (int c = 0; c < kCols; ++c) chain[m][c] = fma(value, columns[c], chain[m][c]);
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 2
    for (int c = 0; c < kCols; ++c) {
      float* const out = args.out + m * 32 + first + c * kLanes;
      store(out, args.first ? chain[m][c] : add(load(out), chain[m][c]));
    }
  }
}

template <class Weights, int kRows>
void float_tile_of(const TileArgs& args) {
  for (int first = 0; first < 32; first += kVecTileCols * kLanes) {
    float_columns<Weights, kRows, kVecTileCols>(args, first);
  }
}

template <class Weights>
void float_tile_any(const TileArgs& args) {
  using Tile = void (*)(const TileArgs&);
  constexpr Tile kTiles[kTileRows] = {float_tile_of<Weights, 1>, float_tile_of<Weights, 2>,
                                      float_tile_of<Weights, 3>, float_tile_of<Weights, 4>,
                                      float_tile_of<Weights, 5>, float_tile_of<Weights, 6>};
  kTiles[args.rows - 1](args);
}

}  // namespace
}  // namespace pecia::kernels
