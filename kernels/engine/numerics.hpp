#pragma once
// The numerics id: PROTOCOL "kernel version + dtype + backend + self-test hash". Two engines with
// the same id give the same bits for the same model. On the CPU it is the same for every
// instruction set and thread count, which the self-test shows anew in every process.

#include <string>
#include <string_view>
#include <vector>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/engine/model.hpp"

namespace pecia::kernels {

// Raised with any change of the bits that a kernel gives.
inline constexpr int kKernelVersion = 1;

// What the self-test runs beside a plain llama in F32, F16, Q8_0 and Q4_0.
struct FurtherNumerics {
  bool steps = false;                  // norms, biases, activations and windows of other models
  std::vector<TensorType> products{};  // of these formats, ascending
};

// "cpu-1-Q8_0-<16 hex digits>"; `dtype` as Model::quantisation(). Takes well under 10 ms.
std::string numerics_id(ThreadPool& pool, const KernelTable& kernels, std::string_view dtype,
                        const FurtherNumerics& further = {});
// The id under which this model's results may be compared.
std::string numerics_id(ThreadPool& pool, const KernelTable& kernels, const Model& model);

}  // namespace pecia::kernels
