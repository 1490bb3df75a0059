// The backward pass of each operation of training against central differences of the double
// reference, and the bits of each on every instruction set and number of threads.

#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/training/attention_gradient.hpp"
#include "kernels/training/cross_entropy.hpp"
#include "kernels/training/embedding.hpp"
#include "kernels/training/feed_forward_gate.hpp"
#include "kernels/training/norm_gradient.hpp"
#include "kernels/training/products.hpp"
#include "kernels/training/rotation.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/random_tensor.hpp"
#include "tests/unit/training/double_reference.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr double kTolerance = 1e-4;

struct Batch {
  RowsBuffer memory;
  Rows rows;
  Batch(int count, int cols, std::uint64_t seed) : rows(memory.shaped(count, cols)) {
    for (int row = 0; row < count; ++row) {
      for (int col = 0; col < rows.blocks() * 32; ++col) {
        const auto index = static_cast<std::uint64_t>(row) * 1'000'003 + col;
        rows.block(col / 32, row)[col % 32] = col < cols ? random_unit(seed, index) : 0.0f;
      }
    }
  }
  static Batch zeros(int count, int cols) {
    Batch batch(count, cols, 0);
    std::fill_n(batch.rows.data, batch.rows.floats(), 0.0f);
    return batch;
  }
};

double inner(const Matrix& a, const Matrix& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) total += a.values[i] * b.values[i];
  return total;
}

// Compares `gradient` with slopes of f at x: along single elements, spread over x, and along two
// random directions that touch them all.
void check_gradient(const std::function<double(const Matrix&)>& f, const Matrix& x,
                    const Matrix& gradient) {
  REQUIRE(gradient.values.size() == x.values.size());
  const Function flat = [&](const std::vector<double>& values) {
    Matrix moved(x.rows, x.cols);
    moved.values = values;
    return f(moved);
  };
  double largest = 0;
  for (const double g : gradient.values) largest = std::max(largest, std::abs(g));
  const std::size_t step = std::max<std::size_t>(1, x.values.size() / 23);
  for (std::size_t i = 0; i < x.values.size(); i += step) {
    std::vector<double> direction(x.values.size());
    direction[i] = 1;
    INFO("element " << i);
    CHECK(std::abs(slope_along(flat, x.values, direction) - gradient.values[i]) <=
          kTolerance * largest);
  }
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    std::vector<double> direction(x.values.size());
    double expected = 0;
    double norm = 0;
    for (std::size_t i = 0; i < direction.size(); ++i) {
      direction[i] = random_unit(900 + seed, i);
      expected += direction[i] * gradient.values[i];
      norm += gradient.values[i] * gradient.values[i];
    }
    CHECK(std::abs(slope_along(flat, x.values, direction) - expected) <=
          kTolerance * std::sqrt(norm));
  }
}

struct Machine {
  ThreadPool pool{2};
  const KernelTable& kernels = *runnable_kernel_tables().tables[0];
};

const std::vector<RowRange> kUnits = {{0, 150}, {150, 41}};
constexpr int kRows = 191;

TEST_CASE("the gradients of a matrix product follow central differences") {
  Machine machine;
  const Batch x(kRows, 64, 1), w(50, 64, 2), dy(kRows, 50, 3), dx(kRows, 64, 4);
  const Batch dw = Batch::zeros(50, 64);
  const RowsProduct to_x{{{dy.rows, w.rows}}, dx.rows};
  const ColumnsProduct to_w{dy.rows, x.rows, dw.rows};
  multiply(machine.pool, machine.kernels, kUnits, {&to_x, 1}, {&to_w, 1});
  const Matrix upstream = matrix_of(dy.rows);
  const Matrix mx = matrix_of(x.rows);
  const Matrix mw = matrix_of(w.rows);
  check_gradient([&](const Matrix& v) { return inner(upstream, reference_product(v, mw)); }, mx,
                 matrix_of(dx.rows));
  check_gradient([&](const Matrix& v) { return inner(upstream, reference_product(mx, v)); }, mw,
                 matrix_of(dw.rows));
}

TEST_CASE("terms of one product follow each other, and weight gradients add to what is there") {
  Machine machine;
  const Batch a(9, 160, 1), b(160, 32, 2), c(9, 32, 3), d(32, 32, 4), out(9, 32, 5);
  const RowsProduct both{{{a.rows, b.rows}, {c.rows, d.rows}}, out.rows};
  multiply(machine.pool, machine.kernels, {}, {&both, 1}, {});
  Matrix expected(9, 32);
  for (int t = 0; t < 9; ++t) {
    for (int n = 0; n < 32; ++n) {
      for (int k = 0; k < 160; ++k) expected.at(t, n) += a.rows.at(t, k) * double(b.rows.at(k, n));
      for (int k = 0; k < 32; ++k) expected.at(t, n) += c.rows.at(t, k) * double(d.rows.at(k, n));
      CHECK(out.rows.at(t, n) == Approx(expected.at(t, n)).epsilon(1e-5).margin(1e-5));
    }
  }
  const Batch once = Batch::zeros(32, 32), twice = Batch::zeros(32, 32);
  const std::vector<RowRange> units = {{0, 9}};
  const ColumnsProduct one{out.rows, c.rows, once.rows}, two{out.rows, c.rows, twice.rows};
  multiply(machine.pool, machine.kernels, units, {}, {&one, 1});
  for (int i = 0; i < 2; ++i) multiply(machine.pool, machine.kernels, units, {}, {&two, 1});
  CHECK(twice.rows.at(3, 5) == 2 * once.rows.at(3, 5));
}

TEST_CASE("the gradients of RMSNorm follow central differences") {
  Machine machine;
  const Batch x(kRows, 96, 1), w(1, 96, 2), dy(kRows, 96, 3);
  const Batch dx = Batch::zeros(kRows, 96), dw = Batch::zeros(1, 96);
  std::vector<float> scratch;
  rms_norm_backward(machine.pool, machine.kernels, kUnits, x.rows, w.rows, 1e-3f, dy.rows, dx.rows,
                    dw.rows, scratch);
  const Matrix upstream = matrix_of(dy.rows);
  const Matrix mx = matrix_of(x.rows);
  const Matrix mw = matrix_of(w.rows);
  const auto loss = [&](const Matrix& vx, const Matrix& vw) {
    return inner(upstream, reference_norm(vx, vw.values, 1e-3f));
  };
  check_gradient([&](const Matrix& v) { return loss(v, mw); }, mx, matrix_of(dx.rows));
  check_gradient([&](const Matrix& v) { return loss(mx, v); }, mw, matrix_of(dw.rows));
}

TEST_CASE("the gradient of a rotation is the rotation back") {
  Machine machine;
  const std::vector<RowRange> sequences = {{0, 50}, {50, 141}};
  for (const int head_dim : {32, 64, 96}) {
    const Batch x(kRows, 2 * head_dim, 1), dy(kRows, 2 * head_dim, 2);
    RopeTable rope(head_dim, 10'000, 1, {});
    rope.extend(kRows);
    const Matrix mx = matrix_of(x.rows);
    const Matrix upstream = matrix_of(dy.rows);
    const auto turned = [&](const Matrix& v) {
      return reference_rotation(v, sequences, head_dim, 10'000, 0.25);
    };
    rotate(machine.pool, machine.kernels, rope, sequences, x.rows, 0.25f, Direction::forward);
    const Matrix expected = turned(mx);
    for (int row = 0; row < kRows; row += 19) {
      for (int col = 0; col < 2 * head_dim; ++col) {
        CHECK(x.rows.at(row, col) == Approx(expected.at(row, col)).epsilon(1e-4).margin(1e-6));
      }
    }
    rotate(machine.pool, machine.kernels, rope, sequences, dy.rows, 0.25f, Direction::inverse);
    check_gradient([&](const Matrix& v) { return inner(upstream, turned(v)); }, mx,
                   matrix_of(dy.rows));
  }
}

TEST_CASE("the gradients of SwiGLU follow central differences") {
  Machine machine;
  const Batch gate(20, 64, 1), up(20, 64, 2), dy(20, 64, 3), out(20, 64, 4);
  const Matrix mg = matrix_of(gate.rows);
  const Matrix mu = matrix_of(up.rows);
  const Matrix upstream = matrix_of(dy.rows);
  swiglu(machine.pool, machine.kernels, gate.rows, up.rows, out.rows);
  CHECK(out.rows.at(7, 9) == Approx(reference_swiglu(mg, mu).at(7, 9)).epsilon(1e-6));
  swiglu_backward(machine.pool, machine.kernels, gate.rows, up.rows, dy.rows);
  check_gradient([&](const Matrix& v) { return inner(upstream, reference_swiglu(v, mu)); }, mg,
                 matrix_of(gate.rows));
  check_gradient([&](const Matrix& v) { return inner(upstream, reference_swiglu(mg, v)); }, mu,
                 matrix_of(up.rows));
}

TEST_CASE("the gradients of causal attention follow central differences") {
  Machine machine;
  const std::vector<RowRange> sequences = {{0, 70}, {70, 33}, {103, 1}};
  for (const AttentionShape shape : {AttentionShape{4, 2, 32}, AttentionShape{2, 2, 64}}) {
    const int rows = 104;
    const int query = shape.heads * shape.head_dim;
    const int key = shape.kv_heads * shape.head_dim;
    const Batch q(rows, query, 1), k(rows, key, 2), v(rows, key, 3), dy(rows, query, 4);
    const Batch out(rows, query, 5), dq(rows, query, 6), dk(rows, key, 7), dv(rows, key, 8);
    CausalAttention attention(machine.pool, machine.kernels, shape);
    SoftmaxSums sums;
    const AttentionRows in{q.rows, k.rows, v.rows};
    attention.forward(sequences, in, out.rows, sums);
    attention.backward(sequences, in, out.rows, sums, dy.rows, {dq.rows, dk.rows, dv.rows});
    const Matrix mq = matrix_of(q.rows), mk = matrix_of(k.rows), mv = matrix_of(v.rows);
    const Matrix upstream = matrix_of(dy.rows);
    const Matrix expected = reference_attention(mq, mk, mv, sequences, shape);
    for (int row = 0; row < rows; ++row) {
      CHECK(out.rows.at(row, 40) == Approx(expected.at(row, 40)).epsilon(1e-5).margin(1e-6));
    }
    const auto loss = [&](const Matrix& a, const Matrix& b, const Matrix& c) {
      return inner(upstream, reference_attention(a, b, c, sequences, shape));
    };
    check_gradient([&](const Matrix& m) { return loss(m, mk, mv); }, mq, matrix_of(dq.rows));
    check_gradient([&](const Matrix& m) { return loss(mq, m, mv); }, mk, matrix_of(dk.rows));
    check_gradient([&](const Matrix& m) { return loss(mq, mk, m); }, mv, matrix_of(dv.rows));
  }
}

std::vector<TokenId> some_tokens(int count, int vocabulary) {
  std::vector<TokenId> tokens(count);
  for (int i = 0; i < count; ++i) tokens[i] = static_cast<TokenId>(i * 7 % vocabulary);
  return tokens;
}

TEST_CASE("the gradient of cross-entropy with loss weights follows central differences") {
  Machine machine;
  const int rows = 40;
  for (const int vocabulary : {50, 64}) {
    const Batch logits(rows, vocabulary, 1);
    const Matrix ml = matrix_of(logits.rows);
    const std::vector<TokenId> targets = some_tokens(rows, vocabulary);
    std::vector<float> weights(rows, 1.0f);
    weights[3] = 0, weights[4] = 2.5f;
    std::vector<float> losses(rows);
    cross_entropy(machine.pool, machine.kernels, logits.rows, targets, weights, losses);
    double total = 0;
    for (const float loss : losses) total += loss;
    CHECK(total == Approx(reference_loss(ml, targets, weights)).epsilon(1e-6));
    CHECK(losses[3] == 0);
    for (int col = vocabulary; col < logits.rows.blocks() * 32; ++col) {
      CHECK(logits.rows.block(col / 32, 5)[col % 32] == 0);
    }
    check_gradient([&](const Matrix& v) { return reference_loss(v, targets, weights); }, ml,
                   matrix_of(logits.rows));
  }
}

TEST_CASE("the gradient of the embedding adds up the positions of a token") {
  Machine machine;
  const std::vector<TokenId> tokens = {3, 1, 3, 0, 3};
  const Batch dx(5, 64, 1), table(6, 64, 2), x(5, 64, 3);
  const Batch gradient = Batch::zeros(6, 64);
  embed(machine.pool, tokens, table.rows, x.rows);
  CHECK(matrix_of(x.rows).at(2, 40) == table.rows.at(3, 40));
  embed_backward(machine.pool, machine.kernels, tokens, dx.rows, gradient.rows);
  for (int col = 0; col < 64; ++col) {
    CHECK(gradient.rows.at(3, col) ==
          (dx.rows.at(0, col) + dx.rows.at(2, col)) + dx.rows.at(4, col));
    CHECK(gradient.rows.at(2, col) == 0);
  }
}

}  // namespace
