#pragma once
// Which instruction set the kernels use. All give the same bits; they differ in speed alone.

#include <string_view>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

enum class Isa { portable, avx2, avx512 };

// The best this CPU has. avx512 needs F, BW, DQ and VL; VNNI is used inside it where present.
Isa best_isa();
bool has_isa(Isa isa);
// PECIA_CPU: empty means best_isa(); an unknown name or one this CPU lacks is an Error.
Expected<Isa> choose_isa(std::string_view name);
std::string_view name_of(Isa isa);

// Whether prefetches by software speed up one forward stream of weights. Those of AMD take the
// places of its own prefetchers: Zen 4 reads 5 to 25% less with them, in the same run.
bool gains_by_stream_prefetch();

}  // namespace pecia::kernels
