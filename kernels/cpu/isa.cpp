#include "kernels/cpu/isa.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace pecia::kernels {
namespace {

#if defined(__x86_64__)
// Not every compiler's __builtin_cpu_supports() knows it by name.
bool has_f16c() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}
#endif

}  // namespace

bool has_isa(Isa isa) {
#if defined(__x86_64__)
  switch (isa) {
    case Isa::portable:
      return true;
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
    case Isa::avx512:
      return has_isa(Isa::avx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
  }
  return false;
#else
  return isa == Isa::portable;
#endif
}

Isa best_isa() {
  if (has_isa(Isa::avx512)) return Isa::avx512;
  if (has_isa(Isa::avx2)) return Isa::avx2;
  return Isa::portable;
}

std::string_view name_of(Isa isa) {
  switch (isa) {
    case Isa::portable:
      return "portable";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
  }
  return "unknown";
}

bool gains_by_stream_prefetch() {
#if defined(__x86_64__)
  return __builtin_cpu_is("amd") == 0;
#else
  return true;
#endif
}

Expected<Isa> choose_isa(std::string_view name) {
  if (name.empty()) return best_isa();
  for (const Isa isa : {Isa::avx512, Isa::avx2, Isa::portable}) {
    if (name != name_of(isa)) continue;
    if (has_isa(isa)) return isa;
    return fail(ErrorKind::refuse, "PECIA_CPU={}: this CPU lacks it; it has {}", name,
                name_of(best_isa()));
  }
  return fail(ErrorKind::refuse, "PECIA_CPU={}: unknown; use avx512, avx2 or portable", name);
}

}  // namespace pecia::kernels
