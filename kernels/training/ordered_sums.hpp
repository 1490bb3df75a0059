#pragma once
// Sums of many floats in one fixed order: chunks of 4,096 elements by sixteen lanes and a tree,
// chunk sums added in double, in order. The number of threads changes nothing.

#include <span>
#include <vector>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::kernels {

double ordered_sum(const KernelTable& kernels, std::span<const float> x);
double ordered_square_sum(ThreadPool& pool, const KernelTable& kernels, std::span<const float> x);

}  // namespace pecia::kernels
