#include "kernels/cpu/packed_matrix.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/cpu/pack_records.hpp"
#include "kernels/weights/half.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/plain_weights.hpp"
#include "tests/unit/cpu/random_tensor.hpp"

namespace pecia::kernels {
namespace {

constexpr TensorType kFormats[] = {TensorType::q8_0, TensorType::q4_0, TensorType::q4_1,
                                   TensorType::q5_0, TensorType::q5_1, TensorType::q4_k,
                                   TensorType::q5_k, TensorType::q6_k, TensorType::bf16,
                                   TensorType::f16,  TensorType::f32};

// Bytes [offset, offset + size) of the tensor's row lie at `packed`.
bool same_bytes(const testing::OwnedTensor& tensor, std::uint64_t row, std::size_t offset,
                std::size_t size, const std::uint8_t* packed) {
  return std::memcmp(&tensor.bytes[row * tensor.tensor.row_bytes() + offset], packed, size) == 0;
}

float half_in(const std::uint8_t* line, int lane) {
  std::uint16_t half;
  std::memcpy(&half, line + lane * 2, sizeof half);
  return half_to_float(half);
}

// Element k of one lane, put together from where packed_layout.hpp says its parts lie.
testing::PlainWeight packed_weight(const PackedLayout& layout, const std::uint8_t* panel, int lane,
                                   int k) {
  const int block = k / 32, in_block = k % 32, quad = in_block / 4, place = lane * 4 + k % 4;
  const std::uint8_t* const head = panel + block / layout.records_together() * layout.unit_bytes();
  const std::uint8_t* const record =
      head + layout.head_bytes() + block % layout.records_together() * layout.record_bytes();
  const auto scale_in = [&](int line) {
    if (!layout.grouped) return half_in(record + line * 64, lane);
    const auto factor = static_cast<std::int8_t>(record[line * 32 + lane]);
    return half_in(head + (line == layout.parts ? 64 : 0), lane) * static_cast<float>(factor);
  };
  const std::uint8_t* const codes = record + layout.scale_bytes();
  int code = layout.low_bits == 8 ? codes[quad * 128 + place]
                                  : codes[quad % 4 * 128 + place] >> (quad < 4 ? 0 : 4) & 15;
  for (int bit = 0; bit < layout.high_bits; ++bit) {
    const int at = quad * layout.high_bits + bit;
    code |= (codes[layout.code_bytes() + at / 8 * 128 + place] >> at % 8 & 1) << (4 + bit);
  }
  return {scale_in(in_block * layout.parts / 32), code - layout.offset,
          layout.has_min ? scale_in(layout.parts) : 0};
}

// One lane of a panel holds row `row`, weight for weight.
bool lane_holds(const PackedMatrix& packed, const std::uint8_t* panel, int lane,
                const testing::OwnedTensor& tensor, std::uint64_t row) {
  const PackedLayout* const layout = record_layout(packed.type());
  for (int k = 0; k < packed.inputs(); ++k) {
    if (layout != nullptr) {
      const std::byte* const bytes = &tensor.bytes[row * tensor.tensor.row_bytes()];
      const testing::PlainWeight expected = testing::plain_weight(packed.type(), bytes, k);
      const testing::PlainWeight found = packed_weight(*layout, panel, lane, k);
      if (found.scale != expected.scale || found.code != expected.code ||
          found.min != expected.min) {
        return false;
      }
    } else {
      const std::size_t size = packed.type() == TensorType::f32 ? 4 : 2;
      const auto* element = panel + (static_cast<std::size_t>(k) * kPanelRows + lane) * size;
      if (!same_bytes(tensor, row, k * size, size, element)) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("every row of a tensor lies in its lane, weight for weight, in every format") {
  ThreadPool pool(2);
  for (const TensorType type : kFormats) {
    for (const auto& [outputs, inputs] : {std::pair{70, 96}, {32, 32}, {5, 352}}) {
      const int blocks_of = traits_of(type)->block_elements == 256 ? 8 : 1;
      const testing::OwnedTensor tensor =
          testing::random_tensor(type, outputs, inputs * blocks_of, 3);
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
  for (const TensorType type : {TensorType::bf16, TensorType::f16, TensorType::f32}) {
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

TEST_CASE("packed weights take hardly more memory than the file's") {
  ThreadPool pool(1);
  for (const TensorType type : kFormats) {
    const testing::OwnedTensor tensor = testing::random_tensor(type, 64, 512, 3);
    INFO(traits_of(type)->name);
    CHECK(PackedMatrix::pack(pool, tensor.tensor).bytes() * 100 <= tensor.bytes.size() * 103);
  }
}

TEST_CASE("rows behind the last one multiply to zero in every format") {
  ThreadPool pool(1);
  for (const TensorType type : kFormats) {
    const testing::OwnedTensor tensor = testing::random_tensor(type, 31, 256, 3);
    const PackedMatrix packed = PackedMatrix::pack(pool, tensor.tensor);
    const std::size_t size = type == TensorType::f32 ? 4 : 2;  // a scale or an element
    INFO(traits_of(type)->name);
    CHECK(std::all_of(packed.panel(0) + 31 * size, packed.panel(0) + 32 * size,
                      [](std::uint8_t byte) { return byte == 0; }));
  }
}

TEST_CASE("rows that come permuted through a reader are packed as those read in place") {
  ThreadPool pool(2);
  const auto reversed_in_64 = [](std::uint64_t row) { return row / 64 * 64 + 63 - row % 64; };
  for (const TensorType type : kFormats) {
    const testing::OwnedTensor tensor = testing::random_tensor(type, 128, 256, 9);
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
