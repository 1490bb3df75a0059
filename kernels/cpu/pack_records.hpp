#pragma once
// Blocks of the quantised file formats into the records of packed_layout.hpp, exactly.

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/packed_layout.hpp"
#include "kernels/cpu/panel_rows.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {

// nullptr for the float formats and those without a kernel.
const PackedLayout* record_layout(TensorType type);

// All `cols` of a panel, one unit after the other. REQUIRES record_layout(type).
void pack_records(TensorType type, const PanelRows& panel, std::size_t cols, std::uint8_t* out);

}  // namespace pecia::kernels
