#pragma once
// Whole-batch operations between the matrix products: they cut the batch into pieces for the pool
// and call the kernel table. Shapes in comments; all bits follow NUMERICS section 1.

#include <span>
#include <vector>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::kernels {

// y = x / rms(x) * weight, row by row; x and y have the same shape (rows, width). Padding columns
// of y are written as zero.
void rms_norm(ThreadPool& pool, const KernelTable& kernels, const Rows& x, const Rows& y,
              std::span<const float> weight, float epsilon);
// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, row by row; y as for rms_norm.
void layer_norm(ThreadPool& pool, const KernelTable& kernels, const Rows& x, const Rows& y,
                std::span<const float> weight, std::span<const float> bias, float epsilon);
void add(ThreadPool& pool, const KernelTable& kernels, const Rows& x, const Rows& y);  // x += y
// Adds bias (x.blocks() * 32 numbers, zero behind x.cols) to every row of x.
void add_bias(ThreadPool& pool, const KernelTable& kernels, const Rows& x,
              std::span<const float> bias);
// out = silu(gate) * up, all of one shape; out may be gate or up.
void swiglu(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
            const Rows& out);
// As swiglu, with gelu(x) = x / 2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) in place of silu.
void geglu(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
           const Rows& out);
void gelu(ThreadPool& pool, const KernelTable& kernels, const Rows& x);  // in place

// cos and sin of position * frequency, computed in double by our own code, rounded once to f32.
// Pairs are (i, i + dims/2) of the `dims` first elements of a head; with dims = 0 nothing turns.
// Both are multiplied by `magnitude` before they are rounded. A table is a function of the
// parameters and the position only.
// REQUIRES a finite base >= 1, scale and divisors > 0 and no angle above kRopeAngleMax, as
// read_model_params ensures for the trained context.
class RopeTable {
 public:
  RopeTable(int dims, double base, double linear_scale, std::span<const float> divisors,
            double magnitude = 1);
  // Makes positions [0, count) available; not thread safe, call before a parallel section.
  void extend(int count);
  const float* cosines(int position) const { return cos_.data() + std::size_t(position) * half_; }
  const float* sines(int position) const { return sin_.data() + std::size_t(position) * half_; }
  int half() const { return half_; }

 private:
  int half_;
  double magnitude_;
  int count_ = 0;
  std::vector<double> frequency_;  // (half)
  std::vector<float> cos_, sin_;   // (count, half)
};

}  // namespace pecia::kernels
