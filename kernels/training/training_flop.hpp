#pragma once
// What a pass costs, so that speed can be told against the machine's peak.

#include "kernels/training/row_range.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

// Multiplications and additions of the products of a forward and a backward pass: 6 a weight of a
// matrix and row; for attention 2 products forward and 5 back, each 2 a channel and visible key.
double training_flop(const ModelParams& shape, const PassRows& rows);

}  // namespace pecia::kernels
