#pragma once
// Which format every matrix of a file has, and how the file says so: the numbers of llama.cpp's
// `llama_ftype`, shared by everything that writes a model.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/weights/gguf_writer.hpp"

namespace pecia::kernels {

inline constexpr std::string_view kFileTypeKey = "general.file_type";
inline constexpr std::string_view kQuantisationVersionKey = "general.quantization_version";

// One format for all matrices, or a mix as llama.cpp makes it (src/llama-quant.cpp): the head, and
// attn_v and ffn_down of the first and last eighth of the layers and of every third between, have a
// better one. Q4_K_M is Q4_K with Q6_K, Q5_K_M is Q5_K with Q6_K. (llama.cpp treats fused q, k and
// v and learned positions apart; here they are as most.)
struct WeightRecipe {
  TensorType most = TensorType::q8_0;
  TensorType better = TensorType::q8_0;

  constexpr WeightRecipe() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a format is the recipe of a file of one format
  constexpr WeightRecipe(TensorType type) : most(type), better(type) {}
  constexpr WeightRecipe(TensorType most_of_all, TensorType better_of_some)
      : most(most_of_all), better(better_of_some) {}
  bool operator==(const WeightRecipe&) const = default;
};

// The formats that can be written and the two mixes: "Q8_0", "Q4_K_M"; in any case for
// recipe_named().
std::string_view name_of(const WeightRecipe& recipe);
std::optional<WeightRecipe> recipe_named(std::string_view name);
std::vector<WeightRecipe> known_recipes();

// Sets both keys. REQUIRES one of known_recipes().
void add_file_type(GgufHeader& header, const WeightRecipe& recipe);

// The type a tensor gets where the model's matrices are `target`: vectors are F32, matrices whose
// rows are no whole number of the target's blocks Q5_0 for Q4_K, Q5_1 for Q5_K, Q8_0 for Q6_K, and
// where that does not divide either, F16.
TensorType weight_type_for(std::span<const std::uint64_t> shape, TensorType target);

// The same for a tensor of a model of `layers` layers. `tied`: the embedding is the head too.
TensorType weight_type_for(std::string_view name, std::span<const std::uint64_t> shape,
                           const WeightRecipe& recipe, int layers, bool tied);

}  // namespace pecia::kernels
