// The strict half of the reader. Every check stands before the use of what it checks: a count
// before the allocation, a length before the view, a product before the multiplication.

#include <algorithm>
#include <cstring>
#include <optional>

#include "kernels/weights/gguf_format.hpp"
#include "kernels/weights/model_content.hpp"

namespace pecia::kernels {
namespace {

// Smallest entries the format allows: they bound a count by the bytes that are left.
constexpr std::uint64_t kMetadataBytesMin = 8 + 1 + 4 + 1;  // key "k", type, one byte
constexpr std::uint64_t kTensorInfoBytesMin = 8 + 1 + 4 + 8 + 4 + 8;
constexpr std::uint64_t kTextBytesMin = 8;

// Functions answer false once `error_` is set; nobody goes on after that.
class Parser {
 public:
  Parser(ModelContent& content, const ModelFile::Limits& limits)
      : content_(content), limits_(limits) {}

  Status parse() {
    const bool ok = parse_header() && parse_metadata() && parse_tensor_infos() && place_tensors();
    if (!ok) return *error_;
    return {};
  }

 private:
  // -- primitives ---------------------------------------------------------------------------------

  template <class... Args>
  [[nodiscard]] bool refuse(fmt::format_string<Args...> text, Args&&... args) {
    error_ = fail(ErrorKind::refuse, "{}: {}", content_.path,
                  fmt::format(text, std::forward<Args>(args)...));
    return false;
  }

  std::uint64_t left() const { return content_.bytes.size() - position_; }

  [[nodiscard]] bool take(std::uint64_t count, std::string_view what,
                          std::span<const std::byte>& bytes) {
    if (count > left()) {
      return refuse("{} at byte {} needs {} bytes, the file has {} more", what, position_, count,
                    left());
    }
    bytes = content_.bytes.subspan(position_, count);
    position_ += count;
    return true;
  }

  template <class T>
  [[nodiscard]] bool take_number(T& number, std::string_view what) {
    std::span<const std::byte> bytes;
    if (!take(sizeof number, what, bytes)) return false;
    std::memcpy(&number, bytes.data(), sizeof number);
    return true;
  }

  [[nodiscard]] bool take_text(std::string_view& text, std::string_view what,
                               std::uint64_t bytes_max) {
    std::uint64_t length = 0;
    if (!take_number(length, what)) return false;
    if (length > bytes_max) {
      return refuse("{} at byte {} has {} bytes, at most {} are allowed", what, position_, length,
                    bytes_max);
    }
    std::span<const std::byte> bytes;
    if (!take(length, what, bytes)) return false;
    text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    return true;
  }

  [[nodiscard]] bool take_name(std::string_view& name, std::string_view what,
                               std::uint64_t bytes_max) {
    if (!take_text(name, what, bytes_max)) return false;
    return !name.empty() || refuse("{} before byte {} is empty", what, position_);
  }

  // A count of things of at least `bytes_min` each, checked before anything is allocated for them.
  [[nodiscard]] bool check_count(std::uint64_t count, std::uint64_t count_max,
                                 std::uint64_t bytes_min, std::string_view what) {
    if (count > count_max) return refuse("{}: {}, at most {} are allowed", what, count, count_max);
    if (count > left() / bytes_min) {
      return refuse("{}: {} do not fit into the {} bytes left", what, count, left());
    }
    return true;
  }

  // -- header -------------------------------------------------------------------------------------

  bool parse_header() {
    std::uint32_t magic = 0;
    if (!take_number(magic, "magic number")) return false;
    if (magic != kGgufMagic) return refuse("is no GGUF file: it does not begin with 'GGUF'");
    if (!take_number(content_.version, "version")) return false;
    if (content_.version < kGgufVersionMin || content_.version > kGgufVersion) {
      const bool swapped = content_.version != 0 && (content_.version & 0xFFFF) == 0;
      return refuse("GGUF version {}{}, this reader knows {} and {}", content_.version,
                    swapped ? " (a big-endian file)" : "", kGgufVersionMin, kGgufVersion);
    }
    return take_number(tensor_count_, "tensor count") &&
           take_number(metadata_count_, "metadata count") &&
           check_count(tensor_count_, limits_.tensors_max, kTensorInfoBytesMin, "tensor count") &&
           check_count(metadata_count_, limits_.metadata_max, kMetadataBytesMin, "metadata count");
  }

  // -- metadata -----------------------------------------------------------------------------------

  bool parse_metadata() {
    content_.metadata.reserve(metadata_count_);
    content_.records.reserve(metadata_count_);
    for (std::uint64_t i = 0; i < metadata_count_; ++i) {
      const std::uint64_t begin = position_;
      std::string_view key;
      GgufValue value;
      if (!take_name(key, "metadata key", kGgufKeyBytesMax)) return false;
      if (!take_value(value, fmt::format("metadata '{}'", quoted(key)))) return false;
      content_.metadata.emplace_back(key, std::move(value));
      content_.records.push_back(content_.bytes.subspan(begin, position_ - begin));
    }
    return check_names(content_.metadata, content_.metadata_by_name, "metadata",
                       [](const auto& entry) { return entry.first; });
  }

  bool take_value(GgufValue& value, std::string_view what) {
    std::uint32_t type = 0;
    if (!take_number(type, what)) return false;
    switch (GgufValueType{type}) {
      case GgufValueType::u8:
        return take_as<std::uint8_t, std::uint64_t>(value, what);
      case GgufValueType::u16:
        return take_as<std::uint16_t, std::uint64_t>(value, what);
      case GgufValueType::u32:
        return take_as<std::uint32_t, std::uint64_t>(value, what);
      case GgufValueType::u64:
        return take_as<std::uint64_t, std::uint64_t>(value, what);
      case GgufValueType::i8:
        return take_as<std::int8_t, std::int64_t>(value, what);
      case GgufValueType::i16:
        return take_as<std::int16_t, std::int64_t>(value, what);
      case GgufValueType::i32:
        return take_as<std::int32_t, std::int64_t>(value, what);
      case GgufValueType::i64:
        return take_as<std::int64_t, std::int64_t>(value, what);
      case GgufValueType::f32:
        return take_as<float, double>(value, what);
      case GgufValueType::f64:
        return take_as<double, double>(value, what);
      case GgufValueType::boolean:
        return take_bool(value, what);
      case GgufValueType::text:
        return take_text(value.emplace<std::string_view>(), what, limits_.string_bytes_max);
      case GgufValueType::array:
        return take_array(value.emplace<GgufArray>(), what);
    }
    return refuse("{}: value type {} is unknown, the format defines 0 to 12", what, type);
  }

  template <class Stored, class Wide>
  bool take_as(GgufValue& value, std::string_view what) {
    Stored number{};
    if (!take_number(number, what)) return false;
    value = static_cast<Wide>(number);
    return true;
  }

  bool take_bool(GgufValue& value, std::string_view what) {
    std::uint8_t byte = 0;
    if (!take_number(byte, what)) return false;
    if (byte > 1) return refuse("{}: {} is no bool, 0 or 1 is", what, byte);
    value = byte == 1;
    return true;
  }

  bool take_array(GgufArray& array, std::string_view what) {
    if (!take_number(array.element_type, what) || !take_number(array.count, what)) return false;
    const GgufValueType type{array.element_type};
    const bool is_text = type == GgufValueType::text;
    const std::uint64_t element_bytes = is_text ? kTextBytesMin : value_bytes(type);
    if (element_bytes == 0) {
      const std::string_view name = name_of(type);
      return refuse("{}: arrays of {} (type {}) are not supported", what,
                    name.empty() ? "an unknown type" : name, array.element_type);
    }
    if (!check_count(array.count, limits_.array_elements_max, element_bytes, what)) return false;
    if (!is_text) return take(array.count * element_bytes, what, array.raw);
    array.texts.resize(array.count);
    for (std::string_view& text : array.texts) {
      if (!take_text(text, what, limits_.string_bytes_max)) return false;
    }
    return true;
  }

  // -- tensors ------------------------------------------------------------------------------------

  bool parse_tensor_infos() {
    content_.tensors.resize(tensor_count_);
    offsets_.resize(tensor_count_);
    for (std::uint64_t i = 0; i < tensor_count_; ++i) {
      if (!take_tensor_info(content_.tensors[i], offsets_[i])) return false;
    }
    return check_names(content_.tensors, content_.tensors_by_name, "tensor",
                       [](const Tensor& tensor) { return tensor.name; });
  }

  bool take_tensor_info(Tensor& tensor, std::uint64_t& offset) {
    if (!take_name(tensor.name, "tensor name", kGgufTensorNameBytesMax)) return false;
    const std::string what = fmt::format("tensor '{}'", quoted(tensor.name));
    std::uint32_t dimensions = 0;
    if (!take_number(dimensions, what)) return false;
    if (dimensions == 0 || dimensions > kGgufDimensionsMax) {
      return refuse("{}: {} dimensions, 1 to {} are allowed", what, dimensions, kGgufDimensionsMax);
    }
    tensor.shape.resize(dimensions);
    for (std::uint64_t& entries : tensor.shape) {
      if (!take_number(entries, what)) return false;
      if (entries == 0) return refuse("{}: a dimension is 0", what);
    }
    std::uint32_t type = 0;
    if (!take_number(type, what) || !take_number(offset, what)) return false;
    tensor.type = TensorType{type};
    return traits_of(tensor.type) != nullptr ||
           refuse("{}: tensor type {} is unknown to this reader", what, type);
  }

  bool place_tensors() {
    std::uint64_t alignment = kGgufAlignment;
    if (!read_alignment(alignment)) return false;
    if (content_.tensors.empty()) return true;
    const std::uint64_t data_begin = align_up(position_, alignment);
    if (data_begin > content_.bytes.size()) {
      return refuse("ends at byte {}, before the tensor data at {}", content_.bytes.size(),
                    data_begin);
    }
    const auto data = content_.bytes.subspan(data_begin);
    for (std::size_t i = 0; i < content_.tensors.size(); ++i) {
      if (!place_tensor(content_.tensors[i], offsets_[i], alignment, data)) return false;
    }
    return check_overlaps();
  }

  bool read_alignment(std::uint64_t& alignment) {
    for (const auto& [key, value] : content_.metadata) {
      if (key != kGgufAlignmentKey) continue;
      const auto* number = std::get_if<std::uint64_t>(&value);
      if (number == nullptr || !std::has_single_bit(*number) || *number < kGgufAlignmentMin ||
          *number > kGgufAlignmentMax) {
        return refuse("metadata '{}' must be a power of two from {} to {}", kGgufAlignmentKey,
                      kGgufAlignmentMin, kGgufAlignmentMax);
      }
      alignment = *number;
    }
    return true;
  }

  bool place_tensor(Tensor& tensor, std::uint64_t offset, std::uint64_t alignment,
                    std::span<const std::byte> data) {
    const std::string what = fmt::format("tensor '{}'", quoted(tensor.name));
    const TensorTypeTraits& traits = *traits_of(tensor.type);
    if (tensor.cols() % traits.block_elements != 0) {
      return refuse("{}: rows of {} elements are no whole number of {} blocks of {}", what,
                    tensor.cols(), traits.name, traits.block_elements);
    }
    const std::optional<std::uint64_t> bytes = tensor_bytes(tensor.type, tensor.shape);
    if (!bytes) return refuse("{}: shape {} is too large", what, fmt::join(tensor.shape, " x "));
    if (offset % alignment != 0) {
      return refuse("{}: offset {} is no multiple of {}", what, offset, alignment);
    }
    if (offset > data.size() || *bytes > data.size() - offset) {
      return refuse("{}: {} bytes at offset {} reach beyond the {} bytes of tensor data", what,
                    *bytes, offset, data.size());
    }
    tensor.bytes = data.subspan(offset, *bytes);
    return true;
  }

  bool check_overlaps() {
    std::vector<const Tensor*> by_place;
    by_place.reserve(content_.tensors.size());
    for (const Tensor& tensor : content_.tensors) by_place.push_back(&tensor);
    const auto begins_before = [](const Tensor* a, const Tensor* b) {
      return a->bytes.data() < b->bytes.data();
    };
    const auto overlap = [](const Tensor* a, const Tensor* b) {
      return a->bytes.data() + a->bytes.size() > b->bytes.data();
    };
    std::sort(by_place.begin(), by_place.end(), begins_before);
    const auto found = std::adjacent_find(by_place.begin(), by_place.end(), overlap);
    if (found == by_place.end()) return true;
    return refuse("tensors '{}' and '{}' overlap", quoted(found[0]->name), quoted(found[1]->name));
  }

  // -- names --------------------------------------------------------------------------------------

  template <class Entries, class Name>
  bool check_names(const Entries& entries, std::vector<std::uint32_t>& order, std::string_view what,
                   Name name) {
    const std::optional<std::uint32_t> twin = index_by_name(entries, order, name);
    return !twin || refuse("{} '{}' stands there twice", what, quoted(name(entries[*twin])));
  }

  ModelContent& content_;
  const ModelFile::Limits& limits_;
  std::uint64_t position_ = 0;  // of the next byte; never beyond content_.bytes
  std::uint64_t tensor_count_ = 0;
  std::uint64_t metadata_count_ = 0;
  std::vector<std::uint64_t> offsets_;  // of each tensor in the tensor data
  std::optional<Error> error_;
};

}  // namespace

Status parse_gguf(ModelContent& content, const ModelFile::Limits& limits) {
  return Parser(content, limits).parse();
}

}  // namespace pecia::kernels
