#include "kernels/weights/gguf_format.hpp"

#include <array>
#include <limits>

#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {
namespace {

struct ValueTraits {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array<ValueTraits, 13> kValueTraits{{
    {"u8", 1},
    {"i8", 1},
    {"u16", 2},
    {"i16", 2},
    {"u32", 4},
    {"i32", 4},
    {"f32", 4},
    {"bool", 1},
    {"text", 0},
    {"array", 0},
    {"u64", 8},
    {"i64", 8},
    {"f64", 8},
}};

struct TypeEntry {
  TensorType type;
  TensorTypeTraits traits;
};

constexpr std::array<TypeEntry, 35> kTensorTypes{{
    {TensorType::f32, {"F32", 1, 4}},
    {TensorType::f16, {"F16", 1, 2}},
    {TensorType::q4_0, {"Q4_0", 32, 18}},
    {TensorType::q4_1, {"Q4_1", 32, 20}},
    {TensorType::q5_0, {"Q5_0", 32, 22}},
    {TensorType::q5_1, {"Q5_1", 32, 24}},
    {TensorType::q8_0, {"Q8_0", 32, 34}},
    {TensorType::q8_1, {"Q8_1", 32, 36}},
    {TensorType::q2_k, {"Q2_K", 256, 84}},
    {TensorType::q3_k, {"Q3_K", 256, 110}},
    {TensorType::q4_k, {"Q4_K", 256, 144}},
    {TensorType::q5_k, {"Q5_K", 256, 176}},
    {TensorType::q6_k, {"Q6_K", 256, 210}},
    {TensorType::q8_k, {"Q8_K", 256, 292}},
    {TensorType::iq2_xxs, {"IQ2_XXS", 256, 66}},
    {TensorType::iq2_xs, {"IQ2_XS", 256, 74}},
    {TensorType::iq3_xxs, {"IQ3_XXS", 256, 98}},
    {TensorType::iq1_s, {"IQ1_S", 256, 50}},
    {TensorType::iq4_nl, {"IQ4_NL", 32, 18}},
    {TensorType::iq3_s, {"IQ3_S", 256, 110}},
    {TensorType::iq2_s, {"IQ2_S", 256, 82}},
    {TensorType::iq4_xs, {"IQ4_XS", 256, 136}},
    {TensorType::i8, {"I8", 1, 1}},
    {TensorType::i16, {"I16", 1, 2}},
    {TensorType::i32, {"I32", 1, 4}},
    {TensorType::i64, {"I64", 1, 8}},
    {TensorType::f64, {"F64", 1, 8}},
    {TensorType::iq1_m, {"IQ1_M", 256, 56}},
    {TensorType::bf16, {"BF16", 1, 2}},
    {TensorType::tq1_0, {"TQ1_0", 256, 54}},
    {TensorType::tq2_0, {"TQ2_0", 256, 66}},
    {TensorType::mxfp4, {"MXFP4", 32, 17}},
    {TensorType::nvfp4, {"NVFP4", 64, 36}},
    {TensorType::q1_0, {"Q1_0", 128, 18}},
    {TensorType::q2_0, {"Q2_0", 64, 18}},
}};

}  // namespace

std::string_view name_of(GgufValueType type) {
  const auto number = static_cast<std::uint32_t>(type);
  return number < kValueTraits.size() ? kValueTraits[number].name : std::string_view{};
}

std::uint64_t value_bytes(GgufValueType type) {
  const auto number = static_cast<std::uint32_t>(type);
  return number < kValueTraits.size() ? kValueTraits[number].bytes : 0;
}

const TensorTypeTraits* traits_of(TensorType type) {
  for (const TypeEntry& entry : kTensorTypes) {
    if (entry.type == type) return &entry.traits;
  }
  return nullptr;
}

std::optional<std::uint64_t> tensor_bytes(TensorType type, std::span<const std::uint64_t> shape) {
  const TensorTypeTraits* traits = traits_of(type);
  if (traits == nullptr || shape.empty() || shape[0] % traits->block_elements != 0) return {};
  std::uint64_t bytes = traits->block_bytes;
  const auto multiply = [&bytes](std::uint64_t factor) {
    if (factor != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / factor) return false;
    bytes *= factor;
    return true;
  };
  if (!multiply(shape[0] / traits->block_elements)) return {};
  for (const std::uint64_t entries : shape.subspan(1)) {
    if (!multiply(entries)) return {};
  }
  return bytes;
}

}  // namespace pecia::kernels
