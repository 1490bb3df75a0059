#pragma once
// Weights ready to compute with: a layer range of a model, packed for the CPU.
// Thread rule: immutable after load(); share freely between engines.

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/cpu/packed_matrix.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

struct LayerRange {  // [first, last)
  int first = 0;
  int last = 0;
};

struct Norm {
  std::vector<float> weight, bias;  // (width); bias only where features.norm is layer
};

// A matrix product and what is added to it.
struct Linear {
  PackedMatrix weights;     // (outputs, inputs)
  std::vector<float> bias;  // (outputs, zeros up to whole blocks of 32) or empty
};

// What the model's features leave out is empty. Fused tensors are cut apart when they are packed.
struct Layer {
  Norm attention_norm, ffn_norm;
  Norm attention_post_norm, ffn_post_norm;  // of what is added to the residual row
  std::vector<float> q_norm, k_norm;        // (head_dim)
  Linear q, k, v;   // (heads * head_dim, width), (kv_heads * head_dim, width) twice
  Linear o;         // (width, heads * head_dim)
  Linear gate, up;  // (ffn_width, width)
  Linear down;      // (width, ffn_width)
};

class Model {
 public:
  // Packs the layers of `range` (all where absent), the embedding where range starts at 0 and the
  // head where it ends at the last layer. The pool is used during the call only.
  // `context_max`: as read_model_params() has it.
  static Expected<std::shared_ptr<const Model>> load(const ModelFile& file, ThreadPool& pool,
                                                     std::optional<LayerRange> range = {},
                                                     int context_max = 0);

  const ModelParams& params() const { return params_; }
  LayerRange range() const { return range_; }
  bool has_embedding() const { return range_.first == 0; }
  bool has_head() const { return range_.last == params_.layers; }
  const Layer& layer(int index) const { return layers_[index - range_.first]; }
  const Tensor& embedding() const { return *embedding_; }  // (vocabulary, width), still in the map
  const Tensor& positions() const { return *positions_; }  // (context, width), where learned
  const Linear& head() const { return head_; }
  const Norm& output_norm() const { return output_norm_; }

  // PROTOCOL "model": H(architecture numbers, tokenizer, per tensor name, type, shape, checksum).
  // Reads the whole file once; computed at the first call.
  const Id& id() const;
  // Packed bytes of all matrices one generated token touches (the embedding row left out).
  std::size_t matrix_bytes() const;
  // Weights in those matrices, padding left out.
  std::uint64_t matrix_weights() const;
  // Formats of all matrices of the file, whatever range is loaded, ascending.
  std::vector<TensorType> matrix_types() const;
  // The type most weights of the file's matrices have, whatever range is loaded: "Q8_0".
  std::string quantisation() const;

 private:
  Model() = default;
  template <class Visit>
  void for_each_matrix(Visit visit) const;

  std::optional<ModelFile> file_;
  ModelParams params_;
  LayerRange range_;
  std::vector<Layer> layers_;
  const Tensor* embedding_ = nullptr;
  const Tensor* positions_ = nullptr;
  Norm output_norm_;
  Linear head_;
  mutable std::once_flag id_once_;
  mutable Id id_{};
};

}  // namespace pecia::kernels
