#pragma once
// A model, whatever it lies in, as metadata by GGUF's keys and tensors by GGUF's names; and the
// strict, bounded reader of GGUF v2/v3 files (format: ggml-org/ggml docs/gguf.md).
// The file is mapped, never copied: names and strings are views into the map, tensors are spans of
// it. Every count, length, offset and shape is checked against the file's size before it is used,
// so any byte string either parses or yields one Error (kind refuse) naming file, place and reason.
// A tensor type this reader does not know is refused, since its size, and so the file's layout,
// cannot be checked; a known type without a kernel opens (what computes with it refuses).
// A file cut short by another process while it is mapped is the one thing that cannot be caught.
// Thread rule: immutable after open(); share freely. Views live as long as any copy of the
// ModelFile.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

// Numbers as in the file format; those without a kernel yet are named so that errors can name them.
enum class TensorType : std::uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q8_1 = 9,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  q8_k = 15,
  iq2_xxs = 16,
  iq2_xs = 17,
  iq3_xxs = 18,
  iq1_s = 19,
  iq4_nl = 20,
  iq3_s = 21,
  iq2_s = 22,
  iq4_xs = 23,
  i8 = 24,
  i16 = 25,
  i32 = 26,
  i64 = 27,
  f64 = 28,
  iq1_m = 29,
  bf16 = 30,
  tq1_0 = 34,
  tq2_0 = 35,
  mxfp4 = 39,
  nvfp4 = 40,
  q1_0 = 41,
  q2_0 = 42,
};

struct TensorTypeTraits {
  std::string_view name;         // "Q8_0"
  std::uint32_t block_elements;  // elements of one block along a row
  std::uint32_t block_bytes;     // bytes of one block in the file
};
// nullptr for a number the format does not define (or one this reader does not know).
const TensorTypeTraits* traits_of(TensorType type);
// Bytes of a tensor in the file; nullopt where the type is not known, the row is no whole number
// of blocks, or the product exceeds 64 bits.
std::optional<std::uint64_t> tensor_bytes(TensorType type, std::span<const std::uint64_t> shape);

struct Tensor {
  std::string_view name;
  TensorType type = TensorType::f32;
  std::vector<std::uint64_t> shape;  // shape[0] = elements of a row (fastest), 1 to 4 entries
  std::span<const std::byte> bytes;  // whole tensor, row after row
  // Above 0: of every so many rows (a head), the first half holds the first elements of the pairs
  // that turn together, and the other half the second ones. GGUF puts the two of a pair next to
  // each other, and stored_row() and row() count rows as GGUF does.
  std::uint32_t halved_rows = 0;

  std::uint64_t cols() const { return shape[0]; }
  std::uint64_t rows() const;  // product of the other entries
  std::uint64_t row_bytes() const { return bytes.size() / rows(); }
  // Where GGUF's row `row` lies among the rows of `bytes`.
  std::uint64_t stored_row(std::uint64_t row) const {
    if (halved_rows == 0) return row;
    const std::uint64_t in_head = row % halved_rows;
    return row - in_head + in_head / 2 + (in_head % 2 == 0 ? 0 : halved_rows / 2);
  }
  std::span<const std::byte> row(std::uint64_t row) const {
    return bytes.subspan(stored_row(row) * row_bytes(), row_bytes());
  }
};

// A metadata array keeps its elements as they lie in the file (strings as views).
struct GgufArray {
  std::uint32_t element_type = 0;  // GGUF value type number
  std::uint64_t count = 0;
  std::span<const std::byte> raw;  // numbers, little endian, maybe unaligned; empty for strings
  std::vector<std::string_view> texts;  // strings only
};
using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, GgufArray>;

struct ModelContent;

class ModelFile {
 public:
  struct Limits {  // of one file; refusing beyond them keeps foreign bytes from allocating
    std::uint64_t tensors_max = 65'536;
    std::uint64_t metadata_max = 65'536;
    std::uint64_t array_elements_max = 16'777'216;
    std::uint64_t string_bytes_max = 16'777'216;
  };

  // What whoever opens a model wants of it. `facts`: all but weights; bytes of tensors have their
  // size but maybe not GGUF's order, so that opening copies none of them.
  enum class Use { weights, facts };

  // A GGUF file, any part of a split model (gguf_split.hpp), or a Hugging Face folder
  // (hf_folder.hpp), which then reads as the GGUF file that it converts to.
  static Expected<ModelFile> open(const std::string& path, Use use = Use::weights);
  // Parses bytes owned by the caller, who keeps them alive; `name` stands in errors.
  static Expected<ModelFile> parse(std::span<const std::byte> bytes, std::string name,
                                   Limits limits);
  static Expected<ModelFile> parse(std::span<const std::byte> bytes, std::string name) {
    return parse(bytes, std::move(name), Limits{});
  }

  // What another reader put together.
  static ModelFile of(std::shared_ptr<const ModelContent> content) {
    return ModelFile(std::move(content));
  }

  const std::string& path() const;
  std::uint32_t version() const;     // of the GGUF format; 0 where the model lies in another
  std::uint64_t file_bytes() const;  // of all parts
  std::string format() const;        // "GGUF version 3 in 2 parts"
  std::span<const std::pair<std::string_view, GgufValue>> metadata() const;  // file order
  std::span<const Tensor> tensors() const;                                   // file order
  // metadata()[index] as it lies in the file, key, type and value, to be copied as it is.
  std::span<const std::byte> record(std::size_t index) const;

  // nullptr where there is none.
  const GgufValue* find(std::string_view key) const;
  const Tensor* tensor(std::string_view name) const;

  // Typed look-ups: nullopt where the key is absent; an Error where it has another type or range.
  Expected<std::optional<std::uint64_t>> find_unsigned(std::string_view key) const;
  Expected<std::optional<double>> find_number(std::string_view key) const;
  Expected<std::optional<bool>> find_bool(std::string_view key) const;
  Expected<std::optional<std::string_view>> find_text(std::string_view key) const;
  Expected<std::optional<std::span<const std::string_view>>> find_texts(std::string_view key) const;
  Expected<std::optional<std::vector<float>>> find_floats(std::string_view key) const;
  Expected<std::optional<std::vector<std::int32_t>>> find_ints(std::string_view key) const;

  // Copies bytes of a tensor to `out` past the memory map: cheaper where they are read once. False
  // where they do not come from a file, or it cannot be read any more; the map remains.
  bool read(std::span<const std::byte> bytes, std::byte* out) const;
  // Tells the kernel that these bytes were packed and need not stay resident.
  void drop_pages(std::span<const std::byte> bytes) const;

 private:
  explicit ModelFile(std::shared_ptr<const ModelContent> content) : content_(std::move(content)) {}
  std::shared_ptr<const ModelContent> content_;
};

}  // namespace pecia::kernels
