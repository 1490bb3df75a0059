#include "kernels/weights/gguf_writer.hpp"

#include <cassert>
#include <cstring>
#include <utility>

namespace pecia::kernels {
namespace {

template <class T>
void append(std::vector<std::byte>& bytes, T number) {
  const auto raw = std::as_bytes(std::span(&number, 1));
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

void append_text(std::vector<std::byte>& bytes, std::string_view text) {
  append(bytes, std::uint64_t{text.size()});
  const auto raw = std::as_bytes(std::span(text));
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

}  // namespace

// -- header ---------------------------------------------------------------------------------------

void GgufHeader::begin_metadata(std::string_view key, GgufValueType type) {
  assert(!key.empty() && key.size() <= kGgufKeyBytesMax);
  append_text(metadata_, key);
  append(metadata_, type);
  ++metadata_count_;
}

void GgufHeader::add_text(std::string_view key, std::string_view value) {
  begin_metadata(key, GgufValueType::text);
  append_text(metadata_, value);
}

void GgufHeader::add_u32(std::string_view key, std::uint32_t value) {
  begin_metadata(key, GgufValueType::u32);
  append(metadata_, value);
}

void GgufHeader::add_f32(std::string_view key, float value) {
  begin_metadata(key, GgufValueType::f32);
  append(metadata_, value);
}

void GgufHeader::add_bool(std::string_view key, bool value) {
  begin_metadata(key, GgufValueType::boolean);
  append(metadata_, std::uint8_t{value});
}

template <class T>
void GgufHeader::add_array(std::string_view key, GgufValueType type, std::span<const T> values) {
  begin_metadata(key, GgufValueType::array);
  append(metadata_, type);
  append(metadata_, std::uint64_t{values.size()});
  if constexpr (std::is_same_v<T, std::string>) {
    for (const std::string& value : values) append_text(metadata_, value);
  } else {
    const auto raw = std::as_bytes(values);
    metadata_.insert(metadata_.end(), raw.begin(), raw.end());
  }
}

void GgufHeader::add_texts(std::string_view key, std::span<const std::string> values) {
  add_array(key, GgufValueType::text, values);
}

void GgufHeader::add_floats(std::string_view key, std::span<const float> values) {
  add_array(key, GgufValueType::f32, values);
}

void GgufHeader::add_ints(std::string_view key, std::span<const std::int32_t> values) {
  add_array(key, GgufValueType::i32, values);
}

void GgufHeader::add_bytes(std::string_view key, std::span<const std::byte> values) {
  add_array(key, GgufValueType::u8, values);
}

void GgufHeader::add_record(std::span<const std::byte> record) {
  metadata_.insert(metadata_.end(), record.begin(), record.end());
  ++metadata_count_;
}

void GgufHeader::add_tensor(std::string_view name, TensorType type,
                            std::span<const std::uint64_t> shape) {
  const std::optional<std::uint64_t> size = tensor_bytes(type, shape);
  assert(size && !name.empty() && name.size() <= kGgufTensorNameBytesMax);
  append_text(tensors_, name);
  append(tensors_, static_cast<std::uint32_t>(shape.size()));
  for (const std::uint64_t entries : shape) append(tensors_, entries);
  append(tensors_, type);
  append(tensors_, data_bytes_);  // the offset: behind all tensors so far
  sizes_.push_back(*size);
  data_bytes_ += align_up(*size, kGgufAlignment);
}

std::vector<std::byte> GgufHeader::bytes() const {
  std::vector<std::byte> bytes;
  append(bytes, kGgufMagic);
  append(bytes, kGgufVersion);
  append(bytes, std::uint64_t{sizes_.size()});
  append(bytes, metadata_count_);
  assert(bytes.size() == kGgufHeaderBytes);
  bytes.insert(bytes.end(), metadata_.begin(), metadata_.end());
  bytes.insert(bytes.end(), tensors_.begin(), tensors_.end());
  bytes.resize(align_up(bytes.size(), kGgufAlignment));
  return bytes;
}

// -- file -----------------------------------------------------------------------------------------

Expected<GgufWriter> GgufWriter::create(const std::string& path, const GgufHeader& header,
                                        WriteProgress progress) {
  auto file = AtomicFile::create(path);
  if (!file) return file.error();
  if (Status written = file->write(header.bytes()); !written) return written.error();
  return GgufWriter(std::move(file).value(), header, std::move(progress));
}

GgufWriter::GgufWriter(AtomicFile file, const GgufHeader& header, WriteProgress progress)
    : file_(std::move(file)),
      sizes_(header.tensor_sizes().begin(), header.tensor_sizes().end()),
      data_bytes_(header.data_bytes()),
      progress_(std::move(progress)) {}

Status GgufWriter::write(std::span<const std::byte> bytes) {
  assert(tensor_ < sizes_.size() && bytes.size() <= sizes_[tensor_] - written_);
  if (Status status = file_.write(bytes); !status) return status;
  written_ += bytes.size();
  done_ += bytes.size();
  if (written_ == sizes_[tensor_]) {
    if (Status status = end_tensor(); !status) return status;
  }
  if (!progress_ || progress_(done_, data_bytes_)) return {};
  return fail(ErrorKind::retry, "stopped at {} of {} tensor bytes", done_, data_bytes_);
}

Status GgufWriter::end_tensor() {
  constexpr std::byte kPadding[kGgufAlignment] = {};
  const std::uint64_t padding = align_up(written_, kGgufAlignment) - written_;
  done_ += padding;
  written_ = 0;
  ++tensor_;
  return file_.write(std::span(kPadding).first(padding));
}

Status GgufWriter::finish() {
  assert(tensor_ == sizes_.size() && done_ == data_bytes_);
  return file_.commit();
}

}  // namespace pecia::kernels
