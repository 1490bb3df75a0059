#include "kernels/cpu/kernel_table.hpp"

#include <cassert>

#include "kernels/cpu/isa/tables.hpp"

namespace pecia::kernels {
namespace {

bool has_vnni() {
#if defined(__x86_64__)
  return has_isa(Isa::avx512) && __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}

}  // namespace

const KernelTable& kernel_table(Isa isa) {
  assert(has_isa(isa));
#if defined(__x86_64__)
  if (isa == Isa::avx512) return has_vnni() ? kAvx512VnniTable : kAvx512BwTable;
  if (isa == Isa::avx2) return kAvx2Table;
#endif
  return kPortableTable;
}

KernelTableList runnable_kernel_tables() {
  KernelTableList list{};
#if defined(__x86_64__)
  if (has_vnni()) list.tables[list.count++] = &kAvx512VnniTable;
  if (has_isa(Isa::avx512)) list.tables[list.count++] = &kAvx512BwTable;
  if (has_isa(Isa::avx2)) list.tables[list.count++] = &kAvx2Table;
#endif
  list.tables[list.count++] = &kPortableTable;
  return list;
}

}  // namespace pecia::kernels
