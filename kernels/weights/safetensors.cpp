#include "kernels/weights/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "kernels/weights/json_text.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are read in place");

constexpr std::string_view kNotesKey = "__metadata__";  // texts for people, no tensor
constexpr int kHeaderDepthMax = 4;                      // header, tensor, list, and one to spare
constexpr std::uint64_t kValuesPerTensorMax = 32;       // with its keys; texts of the notes beside

struct Dtype {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<Dtype, 15> kDtypes{{{"F64", 8},
                                         {"F32", 4},
                                         {"F16", 2},
                                         {"BF16", 2},
                                         {"I64", 8},
                                         {"I32", 4},
                                         {"I16", 2},
                                         {"I8", 1},
                                         {"U64", 8},
                                         {"U32", 4},
                                         {"U16", 2},
                                         {"U8", 1},
                                         {"BOOL", 1},
                                         {"F8_E4M3", 1},
                                         {"F8_E5M2", 1}}};

// The product of `bytes` and a shape; nullopt beyond 64 bits.
std::optional<std::uint64_t> size_of(std::uint64_t bytes, std::span<const std::uint64_t> shape) {
  for (const std::uint64_t entries : shape) {
    if (entries != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / entries) return {};
    bytes *= entries;
  }
  return bytes;
}

class Reader {
 public:
  Reader(std::span<const std::byte> file, const std::string& name, const SafetensorsLimits& limits)
      : file_(file), name_(name), limits_(limits) {}

  Expected<std::vector<StoredTensor>> read() {
    const auto header = read_header();
    if (!header) return header.error();
    for (const auto& [tensor, facts] : header->items()) {
      if (tensor == kNotesKey) continue;
      if (const Status read = read_tensor(tensor, facts); !read) return read.error();
    }
    std::ranges::sort(places_, {}, [](const Place& place) {
      return std::pair(place.begin, place.end);  // what has no bytes stands before its neighbour
    });
    if (const Status tiled = check_tiling(); !tiled) return tiled.error();
    std::vector<StoredTensor> tensors;
    for (Place& place : places_) tensors.push_back(std::move(place.tensor));
    return tensors;
  }

 private:
  struct Place {
    std::uint64_t begin = 0, end = 0;  // of the data
    StoredTensor tensor;
  };

  template <class... Args>
  Error refuse(fmt::format_string<Args...> text, Args&&... args) const {
    return fail(ErrorKind::refuse, "{}: {}", name_, fmt::format(text, std::forward<Args>(args)...));
  }

  Expected<Json> read_header() {
    std::uint64_t length = 0;
    if (file_.size() < sizeof length) {
      return refuse("{} bytes, too few for the length of a safetensors header", file_.size());
    }
    std::memcpy(&length, file_.data(), sizeof length);
    const std::uint64_t left = file_.size() - sizeof length;
    if (length > limits_.header_bytes_max || length > left) {
      return refuse("a header of {} bytes, expected at most {} (is it a safetensors file?)", length,
                    std::min(limits_.header_bytes_max, left));
    }
    data_ = file_.subspan(sizeof length + length);
    const std::string_view text(reinterpret_cast<const char*>(file_.data()) + sizeof length,
                                length);
    if (!text.starts_with('{')) return refuse("the header does not begin with '{{'");
    auto header = parse_json(
        text, fmt::format("{}: header", name_),
        {limits_.header_bytes_max, limits_.tensors_max * kValuesPerTensorMax, kHeaderDepthMax});
    if (header && header->size() > limits_.tensors_max + 1) {
      return refuse("{} tensors, at most {} are allowed", header->size(), limits_.tensors_max);
    }
    return header;
  }

  // A list of whole numbers; sizes beyond `count_max` are refused before they are copied.
  Expected<std::vector<std::uint64_t>> read_numbers(JsonFields& fields, const char* key,
                                                    std::uint64_t count_max) const {
    std::vector<std::uint64_t> numbers;
    const Json* list = fields.list(key);
    if (!fields.ok()) return fields.error();
    const bool usable = list != nullptr && list->size() <= count_max &&
                        std::ranges::all_of(*list, [](const Json& entry) {
                          return whole_number(entry).has_value();
                        });
    if (!usable) {
      return fail(ErrorKind::refuse, "{}: '{}' must be a list of at most {} whole numbers",
                  fields.name(), key, count_max);
    }
    for (const Json& entry : *list) numbers.push_back(*whole_number(entry));
    return numbers;
  }

  Status read_tensor(const std::string& name, const Json& facts) {
    const std::string what = fmt::format("{}: tensor '{}'", name_, quoted(name));
    if (name.empty() || name.size() > limits_.name_bytes_max) {
      return fail(ErrorKind::refuse, "{}: a name of {} bytes, expected 1 to {}", what, name.size(),
                  limits_.name_bytes_max);
    }
    JsonFields fields(facts, what);
    const auto dtype = fields.text("dtype");
    if (!fields.ok()) return fields.error();
    const auto shape = read_numbers(fields, "shape", limits_.dimensions_max);
    if (!shape) return shape.error();
    const auto offsets = read_numbers(fields, "data_offsets", 2);
    if (!offsets) return offsets.error();
    const auto known = std::ranges::find(kDtypes, dtype.value_or(""), &Dtype::name);
    if (known == kDtypes.end()) {
      return fail(ErrorKind::refuse, "{}: dtype '{}' is unknown to this reader", what,
                  quoted(dtype.value_or("")));
    }
    if (offsets->size() != 2 || (*offsets)[0] > (*offsets)[1] || (*offsets)[1] > data_.size()) {
      return fail(ErrorKind::refuse, "{}: data from {} does not lie inside the {} bytes of data",
                  what, fmt::join(*offsets, " to "), data_.size());
    }
    const std::uint64_t bytes = (*offsets)[1] - (*offsets)[0];
    if (size_of(known->bytes, *shape) != bytes) {
      return fail(ErrorKind::refuse, "{}: {} bytes of data are not {} times {}", what, bytes,
                  known->name, fmt::join(*shape, " x "));
    }
    places_.push_back({(*offsets)[0],
                       (*offsets)[1],
                       {name, *dtype, *shape, data_.subspan((*offsets)[0], bytes)}});
    return {};
  }

  Status check_tiling() const {
    std::uint64_t end = 0;
    for (const Place& place : places_) {
      if (place.begin != end) {
        return refuse("tensor '{}' begins at {} of the data, the one before it ends at {}",
                      quoted(place.tensor.name), place.begin, end);
      }
      end = place.end;
    }
    if (end == data_.size()) return {};
    return refuse("{} bytes of data, its tensors hold {}", data_.size(), end);
  }

  std::span<const std::byte> file_;
  std::span<const std::byte> data_;
  const std::string& name_;
  const SafetensorsLimits& limits_;
  std::vector<Place> places_;
};

}  // namespace

Expected<std::vector<StoredTensor>> read_safetensors(std::span<const std::byte> file,
                                                     const std::string& name,
                                                     const SafetensorsLimits& limits) {
  return Reader(file, name, limits).read();
}

}  // namespace pecia::kernels
