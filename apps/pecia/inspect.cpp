// pecia inspect: what a model holds.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/pecia/command.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "kernels/weights/gguf_format.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/model_params.hpp"
#include "pecia/session.hpp"

namespace pecia::apps {

using namespace kernels;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint64_t kArrayElementsShown = 8;
constexpr std::size_t kTextBytesShown = 160;

struct InspectOptions {
  std::string model;
  bool tensors = false;
  bool json = false;
};

template <class Number>
Json number_at(std::span<const std::byte> raw, std::uint64_t index) {
  Number number;
  std::memcpy(&number, raw.data() + index * sizeof number, sizeof number);
  return number;
}

Json element(const GgufArray& array, std::uint64_t index) {
  switch (static_cast<GgufValueType>(array.element_type)) {
    case GgufValueType::u8:
      return number_at<std::uint8_t>(array.raw, index);
    case GgufValueType::i8:
      return number_at<std::int8_t>(array.raw, index);
    case GgufValueType::u16:
      return number_at<std::uint16_t>(array.raw, index);
    case GgufValueType::i16:
      return number_at<std::int16_t>(array.raw, index);
    case GgufValueType::u32:
      return number_at<std::uint32_t>(array.raw, index);
    case GgufValueType::i32:
      return number_at<std::int32_t>(array.raw, index);
    case GgufValueType::f32:
      return number_at<float>(array.raw, index);
    case GgufValueType::boolean:
      return number_at<std::uint8_t>(array.raw, index) != 0;
    case GgufValueType::u64:
      return number_at<std::uint64_t>(array.raw, index);
    case GgufValueType::i64:
      return number_at<std::int64_t>(array.raw, index);
    case GgufValueType::f64:
      return number_at<double>(array.raw, index);
    case GgufValueType::text:
      return std::string(array.texts[index]);
    case GgufValueType::array:
      break;  // the reader refuses arrays of arrays
  }
  return nullptr;
}

// Numbers and texts as they are; a long array by its count and first elements.
Json to_json(const GgufValue& value) {
  const auto* array = std::get_if<GgufArray>(&value);
  if (array == nullptr) {
    return std::visit(
        [](const auto& plain) -> Json {
          using Plain = std::decay_t<decltype(plain)>;
          if constexpr (std::is_same_v<Plain, GgufArray>)
            return nullptr;
          else if constexpr (std::is_same_v<Plain, std::string_view>)
            return std::string(plain);
          else
            return plain;
        },
        value);
  }
  Json elements = Json::array();
  const std::uint64_t shown = std::min(array->count, kArrayElementsShown);
  for (std::uint64_t i = 0; i < shown; ++i) elements.push_back(element(*array, i));
  if (shown == array->count) return elements;
  return {{"count", array->count}, {"first", std::move(elements)}};
}

std::string_view name_of(FeedForward kind) {
  switch (kind) {
    case FeedForward::swiglu:
      return "swiglu";
    case FeedForward::geglu:
      return "geglu";
    case FeedForward::gelu:
      return "gelu";
  }
  return "unknown";
}

// What sets the model apart from a plain llama, one word each.
Json features_of(const ModelParams& params) {
  const ModelFeatures& features = params.features;
  Json words = Json::array();
  words.push_back(features.norm == NormKind::rms ? "rms_norm" : "layer_norm");
  words.push_back(name_of(features.feed_forward));
  words.push_back(features.positions == Positions::rotary ? "rotary" : "learned_positions");
  const std::pair<bool, const char*> flags[] = {
      {features.fused_qkv, "fused_qkv"},   {features.fused_gate, "fused_gate"},
      {features.qkv_bias, "qkv_bias"},     {features.output_bias, "output_bias"},
      {features.ffn_bias, "ffn_bias"},     {features.head_norms, "head_norms"},
      {features.post_norms, "post_norms"}, {features.scaled_embedding, "scaled_embedding"}};
  for (const auto& [has, word] : flags) {
    if (has) words.push_back(word);
  }
  return words;
}

void add_rotation(const ModelParams& params, Json& object) {
  object["rope_base"] = params.rope_base;
  if (params.rotated_dim() != params.head_dim) object["rotated_dim"] = params.rotated_dim();
  if (params.rope_linear_scale != 1) object["rope_linear_scale"] = params.rope_linear_scale;
  if (params.rope_magnitude != 1) object["rope_magnitude"] = params.rope_magnitude;
  if (!params.rope_frequency_divisor.empty()) {
    object["rope_frequency_divisor"] = params.rope_frequency_divisor;
  }
}

Json to_json(const ModelParams& params) {
  Json object = {{"architecture", params.architecture},
                 {"features", features_of(params)},
                 {"layers", params.layers},
                 {"width", params.width},
                 {"heads", params.heads},
                 {"kv_heads", params.kv_heads},
                 {"head_dim", params.head_dim},
                 {"ffn_width", params.ffn_width},
                 {"vocabulary", params.vocabulary},
                 {"context", params.context},
                 {"norm_epsilon", params.norm_epsilon}};
  if (params.features.positions == Positions::rotary) add_rotation(params, object);
  if (params.query_scale > 0) object["query_scale"] = params.query_scale;
  if (params.window > 0) {
    object["window"] = params.window;
    object["window_pattern"] = params.window_pattern;
    if (params.local_rope_base > 0) object["local_rope_base"] = params.local_rope_base;
  }
  object["tied_embeddings"] = params.tied_embeddings;
  object["kv_page_bytes"] = kv_page_bytes(params, params.layers);
  return object;
}

std::string type_name(TensorType type) {
  const TensorTypeTraits* traits = traits_of(type);
  return traits != nullptr ? std::string(traits->name)
                           : fmt::format("type {}", static_cast<std::uint32_t>(type));
}

Json types_of(const ModelFile& file) {
  struct Sum {
    std::uint64_t tensors = 0, elements = 0, bytes = 0;
  };
  std::map<std::string, Sum> sums;
  for (const Tensor& tensor : file.tensors()) {
    Sum& sum = sums[type_name(tensor.type)];
    ++sum.tensors;
    sum.elements += tensor.cols() * tensor.rows();
    sum.bytes += tensor.bytes.size();
  }
  Json types = Json::array();
  for (const auto& [name, sum] : sums) {
    types.push_back({{"type", name},
                     {"tensors", sum.tensors},
                     {"elements", sum.elements},
                     {"bytes", sum.bytes}});
  }
  return types;
}

Json tensor_list(const ModelFile& file) {
  Json list = Json::array();
  for (const Tensor& tensor : file.tensors()) {
    list.push_back({{"name", tensor.name},
                    {"type", type_name(tensor.type)},
                    {"shape", tensor.shape},
                    {"bytes", tensor.bytes.size()}});
  }
  return list;
}

// All facts once; the text below is another face of them.
Json facts_of(const ModelFile& file, bool with_tensors) {
  Json facts = {{"file", file.path()},
                {"format", file.format()},
                {"gguf_version", file.version()},
                {"bytes", file.file_bytes()},
                {"tensors", file.tensors().size()}};
  const auto params = read_model_params(file);
  facts["params"] = params ? to_json(*params) : Json(nullptr);
  if (!params) facts["params_missing"] = params.error().message;
  facts["types"] = types_of(file);
  Json::object_t metadata;  // appended to: keys differ, and looking each up first is quadratic
  for (const auto& [key, value] : file.metadata()) metadata.emplace_back(key, to_json(value));
  facts["metadata"] = std::move(metadata);
  if (with_tensors) facts["tensor_list"] = tensor_list(file);
  return facts;
}

std::string shown(const Json& value) {
  const std::string text = value.is_string()
                               ? value.get<std::string>()
                               : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return printable(text, kTextBytesShown);
}

std::string pairs(const Json& object) {
  std::string text;
  for (const auto& [key, value] : object.items()) {
    text += fmt::format("  {:<40} {}\n", printable(key), shown(value));
  }
  return text;
}

std::string to_text(const Json& facts) {
  std::string text =
      fmt::format("{}: {}, {} bytes, {} tensors\n", printable(facts["file"].get<std::string>()),
                  shown(facts["format"]), shown(facts["bytes"]), shown(facts["tensors"]));
  text += "\nmodel\n";
  text += facts["params"].is_null()
              ? fmt::format("  not one to compute with: {}\n", shown(facts["params_missing"]))
              : pairs(facts["params"]);
  text += "\ntensor types\n";
  for (const Json& type : facts["types"]) {
    text += fmt::format("  {:<8}{:>6} tensors{:>16} elements{:>16} bytes\n", shown(type["type"]),
                        shown(type["tensors"]), shown(type["elements"]), shown(type["bytes"]));
  }
  text += "\nmetadata\n" + pairs(facts["metadata"]);
  if (!facts.contains("tensor_list")) return text;
  text += "\ntensors\n";
  for (const Json& tensor : facts["tensor_list"]) {
    text += fmt::format("  {:<40} {:<8} {:<24} {:>12} bytes\n", shown(tensor["name"]),
                        shown(tensor["type"]), shown(tensor["shape"]), shown(tensor["bytes"]));
  }
  return text;
}

Expected<int> execute(const InspectOptions& options, Output& out) {
  const auto file = ModelFile::open(options.model, ModelFile::Use::facts);
  if (!file) return file.error();
  const Json facts = facts_of(*file, options.tensors);
  const Status told = options.json ? out.write_json(facts) : out.write(to_text(facts));
  if (!told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_inspect(CLI::App& root) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* parser = root.add_subcommand("inspect", "what a model holds");
  add_model_flag(*parser, options->model);
  parser->add_flag("--tensors", options->tensors, "list every tensor");
  add_json_flag(*parser, options->json);
  parser->footer(
      "Works for any GGUF file, with or without tensors, of any architecture, and for Hugging "
      "Face\n"
      "folders, whose metadata is shown as that of the GGUF file they convert to.\n"
      "\n"
      "Examples:\n"
      "  pecia inspect -m model.gguf\n"
      "  pecia inspect -m model.gguf --tensors --json | jq '.tensor_list[].name'");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
