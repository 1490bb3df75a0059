#pragma once
// The numerics id: PROTOCOL "kernel version + dtype + backend + self-test hash". Two engines with
// the same id give the same bits for the same model. On the CPU it is the same for every
// instruction set and thread count, which the self-test shows anew in every process.

#include <string>
#include <string_view>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/engine/model.hpp"

namespace pecia::kernels {

// Raised with any change of the bits that a kernel gives.
inline constexpr int kKernelVersion = 1;

// "cpu-1-Q8_0-<16 hex digits>"; `dtype` as Model::quantisation(). Takes well under 10 ms.
// `further_steps`: the self-test also runs what a plain llama does not.
std::string numerics_id(ThreadPool& pool, const KernelTable& kernels, std::string_view dtype,
                        bool further_steps = false);
// The id under which this model's results may be compared.
std::string numerics_id(ThreadPool& pool, const KernelTable& kernels, const Model& model);

}  // namespace pecia::kernels
