#include "kernels/engine/forward.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace pecia::kernels {
namespace {

Rows keep_rows(const Rows& from, std::span<const int> kept, RowsBuffer& buffer) {
  const Rows to = buffer.shaped(static_cast<int>(kept.size()), from.cols);
  for (int block = 0; block < from.blocks(); ++block) {
    for (int row = 0; row < to.rows; ++row) {
      std::memcpy(to.block(block, row), from.block(block, kept[row]), sizeof(float) * Rows::kBlock);
    }
  }
  return to;
}

}  // namespace

void read_row(const Rows& rows, int row, std::span<float> out) {
  assert(out.size() == static_cast<std::size_t>(rows.cols));
  for (int block = 0; !out.empty(); ++block) {
    const std::size_t count = std::min<std::size_t>(out.size(), Rows::kBlock);
    std::memcpy(out.data(), rows.block(block, row), count * sizeof(float));
    out = out.subspan(count);
  }
}

void write_row(std::span<const float> values, const Rows& rows, int row) {
  assert(values.size() == static_cast<std::size_t>(rows.cols));
  for (int block = 0; !values.empty(); ++block) {
    const std::size_t count = std::min<std::size_t>(values.size(), Rows::kBlock);
    float* to = rows.block(block, row);
    std::memcpy(to, values.data(), count * sizeof(float));
    std::fill(to + count, to + Rows::kBlock, 0.0f);
    values = values.subspan(count);
  }
}

void ForwardBatch::clear() {
  tokens.clear();
  hidden = {};
  spans.clear();
  head_rows.clear();
}

Forward::Forward(const Model& model, ThreadPool& pool, const KernelTable& kernels)
    : model_(model),
      pool_(pool),
      kernels_(kernels),
      shape_{model.params().heads, model.params().kv_heads, model.params().head_dim},
      rope_(model.params().head_dim, model.params().rope_base, model.params().rope_linear_scale,
            model.params().rope_frequency_divisor),
      row_scratch_(static_cast<std::size_t>(pool.threads())) {
  for (AlignedBuffer& row : row_scratch_) row.reserve(sizeof(float) * model.params().width);
}

Rows Forward::run(ForwardBatch& batch) {
  for (const AttentionSpan& span : batch.spans) rope_.extend(span.first_position + span.rows);
  Rows x = model_.has_embedding() ? embed(batch) : load_hidden(batch);
  const LayerRange range = model_.range();
  for (int index = range.first; index < range.last; ++index) {
    const Layer& layer = model_.layer(index);
    Rows attended = attention(layer, batch, x);
    if (index + 1 == model_.params().layers) {
      if (batch.head_rows.empty()) return logits_.shaped(0, model_.params().vocabulary);
      x = keep_rows(x, batch.head_rows, kept_x_);
      attended = keep_rows(attended, batch.head_rows, kept_attended_);
    }
    add_product(layer.o, attended, x);
    feed_forward(layer, x);
    for (AttentionSpan& span : batch.spans) {
      for (std::uint16_t*& page : span.pages) page += shape_.layer_page_halves();
    }
  }
  return model_.has_head() ? head(x) : x;
}

Rows Forward::embed(const ForwardBatch& batch) {
  const Rows x = x_.shaped(batch.rows(), model_.params().width);
  pool_.run(x.rows, [&](std::int64_t row, int member) {
    float* values = reinterpret_cast<float*>(row_scratch_[member].data());
    dequantise_row(model_.embedding(), static_cast<std::uint64_t>(batch.tokens[row]), values);
    write_row({values, static_cast<std::size_t>(x.cols)}, x, static_cast<int>(row));
  });
  return x;
}

Rows Forward::load_hidden(const ForwardBatch& batch) {
  const Rows x = x_.shaped(batch.rows(), model_.params().width);
  for (int row = 0; row < x.rows; ++row) {
    const auto width = static_cast<std::size_t>(x.cols);
    write_row(batch.hidden.subspan(row * width, width), x, row);
  }
  return x;
}

Rows Forward::attention(const Layer& layer, const ForwardBatch& batch, const Rows& x) {
  const Rows norm = norm_.shaped(x.rows, x.cols);
  rms_norm(pool_, kernels_, x, norm, layer.attention_norm, model_.params().norm_epsilon);
  const Rows q = q_.shaped(x.rows, layer.q.outputs());
  const Rows k = k_.shaped(x.rows, layer.k.outputs());
  const Rows v = v_.shaped(x.rows, layer.v.outputs());
  const std::array products = {Product{&layer.q, q}, Product{&layer.k, k}, Product{&layer.v, v}};
  multiply(pool_, kernels_, gemm_, norm, products);
  const Rows attended = attended_.shaped(x.rows, layer.q.outputs());
  attend(pool_, kernels_, attention_, shape_, rope_, batch.spans, q, k, v, attended);
  return attended;
}

void Forward::feed_forward(const Layer& layer, const Rows& x) {
  const Rows norm = norm_.shaped(x.rows, x.cols);
  rms_norm(pool_, kernels_, x, norm, layer.ffn_norm, model_.params().norm_epsilon);
  const Rows gate = gate_.shaped(x.rows, layer.gate.outputs());
  const Rows up = up_.shaped(x.rows, layer.up.outputs());
  const std::array products = {Product{&layer.gate, gate}, Product{&layer.up, up}};
  multiply(pool_, kernels_, gemm_, norm, products);
  swiglu(pool_, kernels_, gate, up, gate);
  add_product(layer.down, gate, x);
}

void Forward::add_product(const PackedMatrix& weights, const Rows& input, const Rows& x) {
  const Rows product = product_.shaped(x.rows, x.cols);
  multiply(pool_, kernels_, gemm_, input, std::array{Product{&weights, product}});
  add(pool_, kernels_, x, product);
}

Rows Forward::head(const Rows& x) {
  const Rows norm = norm_.shaped(x.rows, x.cols);
  rms_norm(pool_, kernels_, x, norm, model_.output_norm(), model_.params().norm_epsilon);
  const Rows logits = logits_.shaped(x.rows, model_.params().vocabulary);
  multiply(pool_, kernels_, gemm_, norm, std::array{Product{&model_.head(), logits}});
  return logits;
}

}  // namespace pecia::kernels
