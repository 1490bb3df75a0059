#pragma once
// The tables that the per-instruction-set files define.

#include "kernels/cpu/kernel_table.hpp"

namespace pecia::kernels {

extern const KernelTable kPortableTable;
#if defined(__x86_64__)
extern const KernelTable kAvx2Table;
extern const KernelTable kAvx512BwTable;
extern const KernelTable kAvx512VnniTable;
#endif

}  // namespace pecia::kernels
