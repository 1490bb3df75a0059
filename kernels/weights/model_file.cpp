#include "kernels/weights/model_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/weights/gguf_format.hpp"
#include "kernels/weights/gguf_split.hpp"
#include "kernels/weights/hf_folder.hpp"
#include "kernels/weights/model_content.hpp"

namespace pecia::kernels {
namespace {

// "array of f32", as an error names the type that is there.
std::string describe(const GgufValue& value) {
  if (const auto* array = std::get_if<GgufArray>(&value)) {
    return fmt::format("an array of {}", name_of(GgufValueType{array->element_type}));
  }
  constexpr std::string_view kNames[] = {"a whole number", "a whole number", "a fraction", "a bool",
                                         "a text"};
  return std::string(kNames[value.index()]);
}

// Reads element by element: arrays may lie unaligned.
template <class Stored>
Stored element(const GgufArray& array, std::uint64_t index) {
  Stored number{};
  std::memcpy(&number, array.raw.data() + index * sizeof number, sizeof number);
  return number;
}

// Whole-number element `index` as i64; nullopt where it is a u64 beyond that.
std::optional<std::int64_t> whole_element(const GgufArray& array, std::uint64_t index) {
  switch (GgufValueType{array.element_type}) {
    case GgufValueType::u8:
      return element<std::uint8_t>(array, index);
    case GgufValueType::i8:
      return element<std::int8_t>(array, index);
    case GgufValueType::u16:
      return element<std::uint16_t>(array, index);
    case GgufValueType::i16:
      return element<std::int16_t>(array, index);
    case GgufValueType::u32:
      return element<std::uint32_t>(array, index);
    case GgufValueType::i32:
      return element<std::int32_t>(array, index);
    case GgufValueType::i64:
      return element<std::int64_t>(array, index);
    default:
      break;
  }
  const auto number = element<std::uint64_t>(array, index);
  if (number > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

bool is_whole(GgufValueType type) {
  return type != GgufValueType::f32 && type != GgufValueType::f64 &&
         type != GgufValueType::boolean && type != GgufValueType::text;
}

Error wrong_type(const ModelFile& file, std::string_view key, std::string_view expected) {
  return fail(ErrorKind::refuse, "{}: metadata '{}' is {}, expected {}", file.path(), quoted(key),
              describe(*file.find(key)), expected);
}

// The value under `key` as it is stored, where it has type T.
template <class T>
Expected<std::optional<T>> find_as(const ModelFile& file, std::string_view key,
                                   std::string_view expected) {
  const GgufValue* value = file.find(key);
  if (value == nullptr) return std::optional<T>{};
  if (const T* stored = std::get_if<T>(value)) return std::optional<T>{*stored};
  return wrong_type(file, key, expected);
}

}  // namespace

std::uint64_t Tensor::rows() const {
  std::uint64_t rows = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) rows *= shape[i];
  return rows;
}

// -- opening --------------------------------------------------------------------------------------

Expected<std::shared_ptr<ModelContent>> read_gguf(const std::string& path) {
  auto map = MappedFile::open(path);
  if (!map) return map.error();
  auto content = std::make_shared<ModelContent>();
  content->path = path;
  content->maps.push_back(std::move(map).value());
  content->bytes = content->maps[0].bytes();
  content->file_bytes = content->bytes.size();
  if (Status parsed = parse_gguf(*content, ModelFile::Limits{}); !parsed) return parsed.error();
  return content;
}

Expected<ModelFile> ModelFile::open(const std::string& path, Use use) {
  if (is_folder(path)) {
    auto folder = read_hf_folder(path, use == Use::facts);
    if (!folder) return folder.error();
    return ModelFile(std::move(folder).value());
  }
  auto content = read_gguf(path);
  if (!content) return content.error();
  auto whole = join_parts(std::move(content).value());
  if (!whole) return whole.error();
  return ModelFile(std::move(whole).value());
}

Expected<ModelFile> ModelFile::parse(std::span<const std::byte> bytes, std::string name,
                                     Limits limits) {
  auto content = std::make_shared<ModelContent>();
  content->path = std::move(name);
  content->bytes = bytes;
  content->file_bytes = bytes.size();
  if (Status parsed = parse_gguf(*content, limits); !parsed) return parsed.error();
  return ModelFile(std::move(content));
}

// -- what is there --------------------------------------------------------------------------------

const std::string& ModelFile::path() const { return content_->path; }
std::uint32_t ModelFile::version() const { return content_->version; }
std::uint64_t ModelFile::file_bytes() const { return content_->file_bytes; }

std::string ModelFile::format() const {
  const std::string parts =
      content_->parts > 1 ? fmt::format(" in {} parts", content_->parts) : std::string();
  if (content_->version == 0) return "Hugging Face folder" + parts;
  return fmt::format("GGUF version {}{}", content_->version, parts);
}

std::span<const Tensor> ModelFile::tensors() const { return content_->tensors; }

std::span<const std::pair<std::string_view, GgufValue>> ModelFile::metadata() const {
  return content_->metadata;
}

std::span<const std::byte> ModelFile::record(std::size_t index) const {
  return content_->records[index];
}

const GgufValue* ModelFile::find(std::string_view key) const {
  const auto index = index_of(key, content_->metadata, content_->metadata_by_name,
                              [](const auto& entry) { return entry.first; });
  return index ? &content_->metadata[*index].second : nullptr;
}

const Tensor* ModelFile::tensor(std::string_view name) const {
  const auto index = index_of(name, content_->tensors, content_->tensors_by_name,
                              [](const Tensor& tensor) { return tensor.name; });
  return index ? &content_->tensors[*index] : nullptr;
}

// -- typed look-ups -------------------------------------------------------------------------------

Expected<std::optional<std::uint64_t>> ModelFile::find_unsigned(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::optional<std::uint64_t>{};
  if (const auto* number = std::get_if<std::uint64_t>(value)) return std::optional{*number};
  if (const auto* number = std::get_if<std::int64_t>(value)) {
    if (*number >= 0) return std::optional{static_cast<std::uint64_t>(*number)};
    return fail(ErrorKind::refuse, "{}: metadata '{}' is {}, expected 0 or more", path(),
                quoted(key), *number);
  }
  return wrong_type(*this, key, "a whole number");
}

Expected<std::optional<double>> ModelFile::find_number(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::optional<double>{};
  if (const auto* number = std::get_if<double>(value)) return std::optional{*number};
  if (const auto* number = std::get_if<std::uint64_t>(value)) {
    return std::optional{static_cast<double>(*number)};
  }
  if (const auto* number = std::get_if<std::int64_t>(value)) {
    return std::optional{static_cast<double>(*number)};
  }
  return wrong_type(*this, key, "a number");
}

Expected<std::optional<bool>> ModelFile::find_bool(std::string_view key) const {
  return find_as<bool>(*this, key, "a bool");
}

Expected<std::optional<std::string_view>> ModelFile::find_text(std::string_view key) const {
  return find_as<std::string_view>(*this, key, "a text");
}

Expected<std::optional<std::span<const std::string_view>>> ModelFile::find_texts(
    std::string_view key) const {
  using Texts = std::span<const std::string_view>;
  const GgufValue* value = find(key);
  if (value == nullptr) return std::optional<Texts>{};
  const auto* array = std::get_if<GgufArray>(value);
  if (array == nullptr || GgufValueType{array->element_type} != GgufValueType::text) {
    return wrong_type(*this, key, "an array of text");
  }
  return std::optional<Texts>{array->texts};
}

Expected<std::optional<std::vector<float>>> ModelFile::find_floats(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::optional<std::vector<float>>{};
  const auto* array = std::get_if<GgufArray>(value);
  if (array == nullptr || GgufValueType{array->element_type} != GgufValueType::f32) {
    return wrong_type(*this, key, "an array of f32");
  }
  std::vector<float> numbers(array->count);
  if (!numbers.empty()) std::memcpy(numbers.data(), array->raw.data(), array->raw.size());
  return std::optional{std::move(numbers)};
}

Expected<std::optional<std::vector<std::int32_t>>> ModelFile::find_ints(
    std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::optional<std::vector<std::int32_t>>{};
  const auto* array = std::get_if<GgufArray>(value);
  if (array == nullptr || !is_whole(GgufValueType{array->element_type})) {
    return wrong_type(*this, key, "an array of whole numbers");
  }
  std::vector<std::int32_t> numbers(array->count);
  for (std::uint64_t i = 0; i < array->count; ++i) {
    const std::optional<std::int64_t> number = whole_element(*array, i);
    if (!number || *number < std::numeric_limits<std::int32_t>::min() ||
        *number > std::numeric_limits<std::int32_t>::max()) {
      return fail(ErrorKind::refuse, "{}: metadata '{}': element {} does not fit 32 bits", path(),
                  quoted(key), i);
    }
    numbers[i] = static_cast<std::int32_t>(*number);
  }
  return std::optional{std::move(numbers)};
}

bool ModelFile::read(std::span<const std::byte> bytes, std::byte* out) const {
  return std::ranges::any_of(content_->maps,
                             [&](const MappedFile& map) { return map.read(bytes, out); });
}

void ModelFile::drop_pages(std::span<const std::byte> bytes) const {
  for (const MappedFile& map : content_->maps) map.drop_pages(bytes);
}

}  // namespace pecia::kernels
