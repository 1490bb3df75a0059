#pragma once
// Writes GGUF v3: first everything that stands before the tensor data, then the data as a stream,
// tensor after tensor, so that a file larger than memory can be made. The file appears complete,
// by rename (AtomicFile).
// Thread rule: one thread.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/atomic_file.hpp"
#include "kernels/weights/gguf_format.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {

// Metadata and the list of tensors, in memory. The adders keep the order of their calls.
// REQUIRES of the caller: no key and no tensor name twice, lengths within the format's limits.
class GgufHeader {
 public:
  void add_text(std::string_view key, std::string_view value);
  void add_u32(std::string_view key, std::uint32_t value);
  void add_f32(std::string_view key, float value);
  void add_bool(std::string_view key, bool value);
  void add_texts(std::string_view key, std::span<const std::string> values);
  void add_floats(std::string_view key, std::span<const float> values);
  void add_ints(std::string_view key, std::span<const std::int32_t> values);
  void add_bytes(std::string_view key, std::span<const std::byte> values);
  void add_record(std::span<const std::byte> record);  // as ModelFile::record() gives it
  // REQUIRES tensor_bytes(type, shape): a known type and rows of whole blocks.
  void add_tensor(std::string_view name, TensorType type, std::span<const std::uint64_t> shape);

  std::span<const std::uint64_t> tensor_sizes() const { return sizes_; }  // bytes, without padding
  std::uint64_t data_bytes() const { return data_bytes_; }                // with padding
  std::vector<std::byte> bytes() const;  // up to the tensor data, padding included

 private:
  template <class T>
  void add_array(std::string_view key, GgufValueType type, std::span<const T> values);
  void begin_metadata(std::string_view key, GgufValueType type);

  std::vector<std::byte> metadata_;
  std::vector<std::byte> tensors_;
  std::uint64_t metadata_count_ = 0;
  std::vector<std::uint64_t> sizes_;
  std::uint64_t data_bytes_ = 0;
};

// Called now and then while a file is written: tensor bytes so far, and in all. False stops the
// writing: it ends with an Error (kind retry) and no file appears.
using WriteProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

class GgufWriter {
 public:
  static Expected<GgufWriter> create(const std::string& path, const GgufHeader& header,
                                     WriteProgress progress = {});

  // The next bytes of the tensor data; REQUIRES: of one tensor only, in the header's order.
  Status write(std::span<const std::byte> bytes);
  // REQUIRES every tensor written whole. The file stands under its name afterwards.
  Status finish();

 private:
  GgufWriter(AtomicFile file, const GgufHeader& header, WriteProgress progress);
  Status end_tensor();

  AtomicFile file_;
  std::vector<std::uint64_t> sizes_;  // of each tensor, bytes
  std::uint64_t data_bytes_;
  WriteProgress progress_;
  std::size_t tensor_ = 0;     // the one being written
  std::uint64_t written_ = 0;  // of that tensor
  std::uint64_t done_ = 0;     // of all tensor data, padding included
};

}  // namespace pecia::kernels
