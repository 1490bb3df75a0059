#include "kernels/cpu/packed_matrix.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/cpu/random_tensor.hpp"

namespace pecia::kernels {
namespace {

constexpr TensorType kFormats[] = {TensorType::q8_0, TensorType::q4_0, TensorType::f16,
                                   TensorType::f32};

// Bytes [offset, offset + size) of the tensor's row lie at `packed`, every one XOR `flip`.
bool same_bytes(const testing::OwnedTensor& tensor, std::uint64_t row, std::size_t offset,
                std::size_t size, const std::uint8_t* packed, unsigned flip = 0) {
  const std::byte* const source = &tensor.bytes[row * tensor.tensor.row_bytes() + offset];
  for (std::size_t i = 0; i < size; ++i) {
    if ((std::to_integer<unsigned>(source[i]) ^ flip) != packed[i]) return false;
  }
  return true;
}

// One lane of a panel holds row `row`, byte for byte where packed_layout.hpp says.
bool lane_holds(const PackedMatrix& packed, const std::uint8_t* panel, int lane,
                const testing::OwnedTensor& tensor, std::uint64_t row) {
  const bool q8 = packed.type() == TensorType::q8_0;
  if (!q8 && packed.type() != TensorType::q4_0) {
    const std::size_t size = packed.type() == TensorType::f16 ? 2 : 4;
    for (int k = 0; k < packed.inputs(); ++k) {
      const auto* element = panel + (static_cast<std::size_t>(k) * kPanelRows + lane) * size;
      if (!same_bytes(tensor, row, k * size, size, element)) return false;
    }
    return true;
  }
  const int quads = q8 ? 8 : 4;
  for (int block = 0; block < packed.inputs() / 32; ++block) {
    const auto* record = panel + std::size_t(block) * (q8 ? kQ8RecordBytes : kQ4RecordBytes);
    const std::size_t offset = std::size_t(block) * (2 + quads * 4);
    if (!same_bytes(tensor, row, offset, 2, record + lane * 2)) return false;
    for (int quad = 0; quad < quads; ++quad) {
      const auto* codes = record + kScaleLine + quad * kQuadLine + lane * 4;
      if (!same_bytes(tensor, row, offset + 2 + quad * 4, 4, codes, q8 ? 0x80 : 0)) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("every row of a tensor lies in its lane, byte for byte, in every format") {
  ThreadPool pool(2);
  for (const TensorType type : kFormats) {
    for (const auto& [outputs, inputs] : {std::pair{70, 96}, {32, 32}, {5, 352}}) {
      const testing::OwnedTensor tensor = testing::random_tensor(type, outputs, inputs, 3);
      const PackedMatrix packed = PackedMatrix::pack(pool, tensor.tensor);
      for (int row = 0; row < outputs; ++row) {
        INFO(traits_of(type)->name << " " << outputs << " x " << inputs << " row " << row);
        REQUIRE(lane_holds(packed, packed.panel(row / kPanelRows), row % kPanelRows, tensor,
                           static_cast<std::uint64_t>(row)));
      }
    }
  }
}

TEST_CASE("float rows of any length are packed to their last element") {
  ThreadPool pool(1);
  for (const TensorType type : {TensorType::f16, TensorType::f32}) {
    for (const int inputs : {1, 3, 7, 9, 21}) {
      const testing::OwnedTensor tensor = testing::random_tensor(type, 33, inputs, 3);
      const PackedMatrix packed = PackedMatrix::pack(pool, tensor.tensor);
      for (int row = 0; row < 33; ++row) {
        INFO(traits_of(type)->name << " " << inputs << " row " << row);
        REQUIRE(lane_holds(packed, packed.panel(row / 32), row % 32, tensor,
                           static_cast<std::uint64_t>(row)));
      }
    }
  }
}

TEST_CASE("rows behind the last one multiply to zero in every format") {
  ThreadPool pool(1);
  for (const TensorType type : kFormats) {
    const testing::OwnedTensor tensor = testing::random_tensor(type, 31, 64, 3);
    const PackedMatrix packed = PackedMatrix::pack(pool, tensor.tensor);
    const bool quantised = type == TensorType::q8_0 || type == TensorType::q4_0;
    const std::size_t size = quantised || type == TensorType::f16 ? 2 : 4;  // a scale or an element
    INFO(traits_of(type)->name);
    CHECK(std::all_of(packed.panel(0) + 31 * size, packed.panel(0) + 32 * size,
                      [](std::uint8_t byte) { return byte == 0; }));
  }
}

TEST_CASE("rows that come permuted through a reader are packed as those read in place") {
  ThreadPool pool(2);
  const auto reversed_in_64 = [](std::uint64_t row) { return row / 64 * 64 + 63 - row % 64; };
  for (const TensorType type : kFormats) {
    const testing::OwnedTensor tensor = testing::random_tensor(type, 128, 64, 9);
    std::vector<std::vector<std::byte>> staging(2);
    const auto fetch = [&](std::span<const std::byte> part, int member) {
      staging[member].assign(part.begin(), part.end());
      return static_cast<const std::byte*>(staging[member].data());
    };
    const PackedMatrix in_place = PackedMatrix::pack(pool, tensor.tensor, {reversed_in_64, {}});
    const PackedMatrix fetched = PackedMatrix::pack(pool, tensor.tensor, {reversed_in_64, fetch});
    INFO(traits_of(type)->name);
    REQUIRE(std::memcmp(in_place.panel(0), fetched.panel(0), in_place.bytes()) == 0);
    REQUIRE(lane_holds(fetched, fetched.panel(0), 0, tensor, 63));
  }
}

}  // namespace pecia::kernels
