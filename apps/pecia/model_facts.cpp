#include "apps/pecia/model_facts.hpp"

#include <filesystem>
#include <map>
#include <string_view>

#include "apps/pecia/parse_number.hpp"
#include "kernels/text/chat_template.hpp"
#include "kernels/weights/file_type.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kPagePositions = 32;  // of kv_page_bytes()

std::string text_of(const ModelFile& file, std::string_view key) {
  const auto text = file.find_text(key);
  return text && *text ? std::string(**text) : std::string();
}

// The type that most bytes have.
std::string main_type(const ModelFile& file) {
  std::map<TensorType, std::uint64_t> bytes;
  for (const Tensor& tensor : file.tensors()) bytes[tensor.type] += tensor.bytes.size();
  TensorType most = TensorType::f32;
  std::uint64_t best = 0;
  for (const auto& [type, sum] : bytes) {
    if (sum > best) most = type, best = sum;
  }
  return best == 0 ? "vocabulary" : std::string(traits_of(most)->name);
}

std::string format_of(const ModelFile& file, bool is_folder) {
  const auto number = file.find_unsigned(kFileTypeKey);
  std::optional<std::string> named;
  if (number && *number && !file.tensors().empty()) named = file_type_name(**number);
  return named.value_or(main_type(file)) + (is_folder ? " safetensors" : "");
}

}  // namespace

std::optional<std::string> file_type_name(std::uint64_t number) {
  static const std::map<std::uint64_t, std::string> kNames = {
      {0, "F32"},      {1, "F16"},      {2, "Q4_0"},    {3, "Q4_1"},    {7, "Q8_0"},
      {8, "Q5_0"},     {9, "Q5_1"},     {10, "Q2_K"},   {11, "Q3_K_S"}, {12, "Q3_K_M"},
      {13, "Q3_K_L"},  {14, "Q4_K_S"},  {15, "Q4_K_M"}, {16, "Q5_K_S"}, {17, "Q5_K_M"},
      {18, "Q6_K"},    {19, "IQ2_XXS"}, {20, "IQ2_XS"}, {21, "Q2_K_S"}, {22, "IQ3_XS"},
      {23, "IQ3_XXS"}, {25, "IQ4_NL"},  {26, "IQ3_S"},  {27, "IQ3_M"},  {30, "IQ4_XS"},
      {32, "BF16"}};
  const auto found = kNames.find(number);
  if (found == kNames.end()) return std::nullopt;
  return found->second;
}

ModelFacts facts_of_model(const std::string& path) {
  ModelFacts facts;
  const auto file = ModelFile::open(path, ModelFile::Use::facts);
  if (!file) {
    facts.problem = file.error().message;
    return facts;
  }
  for (const Tensor& tensor : file->tensors()) facts.bytes += tensor.bytes.size();
  std::error_code ignored;
  facts.architecture = text_of(*file, "general.architecture");
  facts.format = format_of(*file, std::filesystem::is_directory(path, ignored));
  const std::string chat = text_of(*file, "tokenizer.chat_template");
  facts.has_chat = !chat.empty() && knows_chat_template(chat);
  const auto params = read_model_params(*file);
  if (!params) {
    facts.problem = params.error().message;
    return facts;
  }
  facts.context = params->context;
  const auto pages =
      static_cast<std::uint64_t>((params->context + kPagePositions - 1) / kPagePositions);
  facts.kv_bytes = pages * kv_page_bytes(*params, params->layers);
  return facts;
}

std::optional<std::uint64_t> available_memory_bytes(const std::string& meminfo) {
  constexpr std::string_view kKey = "MemAvailable:";
  std::string_view text = meminfo;
  const std::size_t at = text.find(kKey);
  if (at == text.npos) return std::nullopt;
  text.remove_prefix(at + kKey.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::uint64_t kilobytes = 0;
  if (!parse_number(text.substr(0, text.find(' ')), kilobytes)) return std::nullopt;
  return kilobytes * 1024;
}

}  // namespace pecia::apps
