#pragma once
// A forward pass as plainly as it can be written: double precision, one position after the other,
// one loop per sum, in the file's own row order, each architecture by its own definition. It shares
// no arithmetic with the kernels; only the GGUF reader and the f16 conversion are the project's.
// Slow on purpose.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/weights/model_file.hpp"
#include "tests/unit/reference/reference_definition.hpp"

namespace pecia::kernels::testing {

// K or V of one layer, position and kv head, `dimension` in the file's order.
enum class KvPart { key, value };
using StoredKv = std::function<double(KvPart, int layer, int position, int kv_head, int dimension)>;

struct ReferenceRules {
  bool quantise_activations = true;  // where the weights are quantised (NUMERICS section 1)
  bool round_kv = true;              // K and V pass through f16
  std::optional<StoredKv> stored;    // take K and V from here instead
};

class ReferenceModel {
 public:
  explicit ReferenceModel(const ModelFile& file);

  struct Position {
    std::vector<double> logits;  // (vocabulary)
    // Least distance of any activation from a rounding tie of the int8 quantiser, in code units.
    // An f32 engine may round one closer than about 1e-4 the other way.
    double nearest_tie = 0.5;
  };
  std::vector<Position> evaluate(std::span<const int> tokens, const ReferenceRules& rules) const;

 private:
  using Vector = std::vector<double>;
  struct Matrix {
    std::vector<Vector> rows;
    Vector bias;  // empty: none
    bool quantised = false;
  };
  struct Norm {
    Vector weight, bias;
  };
  struct Layer {
    Norm attention_norm, ffn_norm, attention_post_norm, ffn_post_norm;
    Vector q_norm, k_norm;
    Matrix q, k, v, o, gate, up, down;
  };
  struct Cache {  // (position, kv_heads * head_dim)
    std::vector<Vector> keys, values;
  };

  Layer layer(int index) const;
  // Rows [first, first + count) of a tensor and its bias; all where count is 0.
  Matrix matrix(const std::string& name, int first = 0, int count = 0) const;
  Vector vector(const std::string& name) const;  // empty where there is none
  Norm norm(const std::string& name) const;
  Vector product(const Matrix& weights, const Vector& x, const ReferenceRules& rules) const;
  Vector rms_normed(const Vector& x, const Vector& weight) const;
  Vector normalised(const Vector& x, const Norm& norm) const;
  void norm_heads(Vector& heads, const Vector& weight) const;
  void rotate(Vector& heads, int layer, int position) const;
  Vector attended(int layer, const Vector& q, const Cache& cache) const;
  Vector embedded(int token, int position) const;
  void attention_block(int layer, int position, Vector& x, Cache& cache,
                       const ReferenceRules& rules) const;
  void ffn_block(int layer, Vector& x, const ReferenceRules& rules) const;
  double activated(double x) const;

  const ModelFile& file_;
  mutable double nearest_tie_ = 0.5;
  Definition is_;
  Matrix embedding_, positions_, head_;
  Norm output_norm_;
  std::vector<Layer> layers_;
};

}  // namespace pecia::kernels::testing
