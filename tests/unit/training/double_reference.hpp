#pragma once
// The forward pass of training in plain double, written from the formulas and sharing nothing with
// the kernels but the layout of the parameters; and central differences through it.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kernels/cpu/rows.hpp"
#include "kernels/training/model_pass.hpp"
#include "kernels/training/parameters.hpp"

namespace pecia::kernels::testing {

struct Matrix {  // row-major
  int rows = 0;
  int cols = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(int r, int c) : rows(r), cols(c), values(static_cast<std::size_t>(r) * c) {}
  double& at(int row, int col) { return values[static_cast<std::size_t>(row) * cols + col]; }
  double at(int row, int col) const { return values[static_cast<std::size_t>(row) * cols + col]; }
};

Matrix matrix_of(const Rows& rows);

Matrix reference_product(const Matrix& x, const Matrix& w);  // x w^T
Matrix reference_norm(const Matrix& x, const std::vector<double>& weight, double epsilon);
// Positions count from the start of each sequence; heads of head_dim columns.
Matrix reference_rotation(const Matrix& x, std::span<const RowRange> sequences, int head_dim,
                          double base, double scale);
Matrix reference_attention(const Matrix& q, const Matrix& k, const Matrix& v,
                           std::span<const RowRange> sequences, const AttentionShape& shape);
Matrix reference_swiglu(const Matrix& gate, const Matrix& up);
double reference_loss(const Matrix& logits, std::span<const TokenId> targets,
                      std::span<const float> weights);
// `parameters` laid out by `table`.
Matrix reference_logits(const ModelParams& shape, const ParameterTable& table,
                        const std::vector<double>& parameters, const PassInput& input);
double reference_model_loss(const ModelParams& shape, const ParameterTable& table,
                            const std::vector<double>& parameters, const PassInput& input);

// (f(x + h v) - f(x - h v)) / 2h.
using Function = std::function<double(const std::vector<double>&)>;
double slope_along(const Function& f, const std::vector<double>& x, const std::vector<double>& v);

}  // namespace pecia::kernels::testing
