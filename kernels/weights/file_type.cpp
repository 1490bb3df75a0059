#include "kernels/weights/file_type.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "kernels/weights/model_tensors.hpp"

namespace pecia::kernels {
namespace {

constexpr std::uint32_t kQuantisationVersion = 2;  // ggml's block layouts since May 2023

struct KnownRecipe {
  std::string_view name;
  std::uint32_t number;
  WeightRecipe recipe;
};
constexpr std::array<KnownRecipe, 13> kKnown{{
    {"F32", 0, TensorType::f32},
    {"F16", 1, TensorType::f16},
    {"BF16", 32, TensorType::bf16},
    {"Q8_0", 7, TensorType::q8_0},
    {"Q4_0", 2, TensorType::q4_0},
    {"Q4_1", 3, TensorType::q4_1},
    {"Q5_0", 8, TensorType::q5_0},
    {"Q5_1", 9, TensorType::q5_1},
    {"Q4_K", 14, TensorType::q4_k},
    {"Q5_K", 16, TensorType::q5_k},
    {"Q6_K", 18, TensorType::q6_k},
    {"Q4_K_M", 15, {TensorType::q4_k, TensorType::q6_k}},
    {"Q5_K_M", 17, {TensorType::q5_k, TensorType::q6_k}},
}};

const KnownRecipe* known(const WeightRecipe& recipe) {
  for (const KnownRecipe& entry : kKnown) {
    if (entry.recipe == recipe) return &entry;
  }
  return nullptr;
}

TensorType fallback_of(TensorType type) {
  switch (type) {
    case TensorType::q4_k:
      return TensorType::q5_0;
    case TensorType::q5_k:
      return TensorType::q5_1;
    case TensorType::q6_k:
      return TensorType::q8_0;
    default:
      return TensorType::f16;
  }
}

// The layer of "blk.7.ffn_down.weight", where `part` is "ffn_down"; -1 for another name.
int layer_of(std::string_view name, std::string_view part) {
  constexpr std::string_view kPrefix = "blk.", kSuffix = ".weight";
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return -1;
  name = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  int layer = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
  if (error != std::errc()) return -1;
  const std::string_view rest(end, name.data() + name.size());
  return rest.starts_with('.') && rest.substr(1) == part ? layer : -1;
}

bool is_better_layer(int layer, int layers) {
  const int eighth = layers / 8;
  return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
}

}  // namespace

std::string_view name_of(const WeightRecipe& recipe) {
  const KnownRecipe* const entry = known(recipe);
  return entry == nullptr ? std::string_view{} : entry->name;
}

std::optional<WeightRecipe> recipe_named(std::string_view name) {
  for (const KnownRecipe& entry : kKnown) {
    if (entry.name.size() != name.size()) continue;
    if (::strncasecmp(entry.name.data(), name.data(), name.size()) == 0) return entry.recipe;
  }
  return std::nullopt;
}

std::vector<WeightRecipe> known_recipes() {
  std::vector<WeightRecipe> recipes;
  std::ranges::transform(kKnown, std::back_inserter(recipes), &KnownRecipe::recipe);
  return recipes;
}

void add_file_type(GgufHeader& header, const WeightRecipe& recipe) {
  if (const KnownRecipe* entry = known(recipe)) header.add_u32(kFileTypeKey, entry->number);
  if (traits_of(recipe.most)->block_elements > 1) {
    header.add_u32(kQuantisationVersionKey, kQuantisationVersion);
  }
}

TensorType weight_type_for(std::span<const std::uint64_t> shape, TensorType target) {
  if (shape.size() == 1) return TensorType::f32;
  const auto divides = [&](TensorType type) {
    return shape[0] % traits_of(type)->block_elements == 0;
  };
  if (divides(target)) return target;
  return divides(fallback_of(target)) ? fallback_of(target) : TensorType::f16;
}

TensorType weight_type_for(std::string_view name, std::span<const std::uint64_t> shape,
                           const WeightRecipe& recipe, int layers, bool tied) {
  bool better = name == kHeadTensor || (tied && name == kEmbeddingTensor);
  for (const std::string_view part : {"attn_v", "ffn_down"}) {
    const int layer = layer_of(name, part);
    better = better || (layer >= 0 && is_better_layer(layer, layers));
  }
  return weight_type_for(shape, better ? recipe.better : recipe.most);
}

}  // namespace pecia::kernels
