#include "tests/unit/reference/reference_definition.hpp"

#include <cmath>
#include <cstring>

namespace pecia::kernels::testing {
namespace {

class Keys {
 public:
  explicit Keys(const ModelFile& file)
      : file_(file), name_(file.find_text("general.architecture").value().value()) {}
  const std::string& architecture() const { return name_; }
  double number(const std::string& key, double fallback) const {
    const std::string full = name_ + "." + key;
    return file_.find(full) == nullptr ? fallback : file_.find_number(full).value().value();
  }
  int whole(const std::string& key, double fallback) const {
    return static_cast<int>(number(key, fallback));
  }

 private:
  const ModelFile& file_;
  std::string name_;
};

std::vector<double> floats_of(const Tensor& tensor) {
  std::vector<double> values;
  for (std::size_t i = 0; i < tensor.cols(); ++i) {
    float value;
    std::memcpy(&value, tensor.bytes.data() + i * sizeof value, sizeof value);
    values.push_back(value);
  }
  return values;
}

void read_rotation(const ModelFile& file, const Keys& keys, Definition& out) {
  if (out.is_gpt2()) return;
  out.rotated = keys.whole("rope.dimension_count", out.head_dim);
  out.base = keys.number("rope.freq_base", 10'000);
  out.local_base = out.is_gemma() ? 10'000 : out.base;
  out.linear_scale = keys.number("rope.scaling.factor", 1);
  out.magnitude = keys.number("rope.scaling.attn_factor", 1);
  const double context = keys.number("context_length", 0);
  const bool is_long = context > keys.number("rope.scaling.original_context_length", context);
  const Tensor* longrope =
      file.tensor(is_long ? "rope_factors_long.weight" : "rope_factors_short.weight");
  if (longrope != nullptr) out.divisors = floats_of(*longrope);
  if (const Tensor* llama3 = file.tensor("rope_freqs.weight")) out.divisors = floats_of(*llama3);
}

}  // namespace

Definition read_definition(const ModelFile& file) {
  const Keys keys(file);
  Definition out;
  out.architecture = keys.architecture();
  out.layers = keys.whole("block_count", 0);
  out.width = keys.whole("embedding_length", 0);
  out.heads = keys.whole("attention.head_count", 0);
  out.kv_heads = keys.whole("attention.head_count_kv", out.heads);
  out.head_dim = keys.whole("attention.key_length", double(out.width) / out.heads);
  out.ffn_width = keys.whole("feed_forward_length", 0);
  out.epsilon = keys.number(
      out.is_gpt2() ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", 0);
  const bool is_gemma_27b = out.is_gemma() && out.layers == 62;
  out.query_divisor = std::sqrt(is_gemma_27b ? double(out.width) / out.heads : out.head_dim);
  out.window = keys.whole("attention.sliding_window", 0);
  out.period = out.is_gemma() ? keys.whole("attention.sliding_window_pattern", 6) : 0;
  read_rotation(file, keys, out);
  return out;
}

}  // namespace pecia::kernels::testing
