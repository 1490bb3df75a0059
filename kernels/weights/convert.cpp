#include "kernels/weights/convert.hpp"

#include <algorithm>

#include "kernels/weights/file_type.hpp"
#include "kernels/weights/model_content.hpp"
#include "kernels/weights/quantise.hpp"

namespace pecia::kernels {
namespace {

constexpr std::uint64_t kChunkBytes = 4 << 20;  // of the target, a write

// What the copy may not say of the new file.
bool describes_format(std::string_view key) {
  return key == kGgufAlignmentKey || key == kFileTypeKey || key == kQuantisationVersionKey;
}

Status check_source(const ModelFile& source, TensorType target) {
  if (!can_quantise(target)) {
    return fail(ErrorKind::refuse,
                "{}: the target of a conversion is F32, F16, BF16, Q8_0 or Q4_0, not {}",
                source.path(), traits_of(target)->name);
  }
  for (const Tensor& tensor : source.tensors()) {
    if (can_dequantise(tensor.type)) continue;
    return fail(ErrorKind::refuse, "{}: tensor '{}' is {}, which is not supported; {} are",
                source.path(), quoted(tensor.name), traits_of(tensor.type)->name,
                dequantised_types());
  }
  return {};
}

GgufHeader header_for(const ModelFile& source, TensorType target) {
  GgufHeader header;
  for (std::size_t i = 0; i < source.metadata().size(); ++i) {
    if (!describes_format(source.metadata()[i].first)) header.add_record(source.record(i));
  }
  add_file_type(header, target);
  for (const Tensor& tensor : source.tensors()) {
    header.add_tensor(tensor.name, weight_type_for(tensor.shape, target), tensor.shape);
  }
  return header;
}

// Rows of one tensor, some at a time, through f32.
Status convert_rows(const ModelFile& source, const Tensor& tensor, TensorType type,
                    GgufWriter& writer) {
  const std::uint64_t row_bytes_out = *tensor_bytes(type, std::span(tensor.shape).first(1));
  const std::uint64_t chunk_rows = std::max<std::uint64_t>(kChunkBytes / row_bytes_out, 1);
  std::vector<float> values(tensor.cols());
  std::vector<std::byte> chunk;
  for (std::uint64_t first = 0; first < tensor.rows(); first += chunk_rows) {
    const std::uint64_t rows = std::min(chunk_rows, tensor.rows() - first);
    chunk.resize(rows * row_bytes_out);
    for (std::uint64_t i = 0; i < rows; ++i) {
      const std::uint64_t row = first + i;
      dequantise_row(tensor.type, tensor.row(row), values);
      if (quantise_row(type, values, std::span(chunk).subspan(i * row_bytes_out, row_bytes_out))) {
        continue;
      }
      return fail(ErrorKind::refuse,
                  "{}: tensor '{}' row {} holds a weight that is not finite or too large for {}",
                  source.path(), quoted(tensor.name), row, traits_of(type)->name);
    }
    if (Status status = writer.write(chunk); !status) return status;
  }
  return {};
}

Status copy_bytes(const Tensor& tensor, GgufWriter& writer) {
  for (std::uint64_t row = 0; tensor.halved_rows > 0 && row < tensor.rows(); ++row) {
    if (Status status = writer.write(tensor.row(row)); !status) return status;
  }
  if (tensor.halved_rows > 0) return {};
  for (auto left = tensor.bytes; !left.empty();) {
    const std::size_t size = std::min<std::size_t>(left.size(), kChunkBytes);
    if (Status status = writer.write(left.first(size)); !status) return status;
    left = left.subspan(size);
  }
  return {};
}

}  // namespace

Expected<ConvertReport> convert_gguf(const ModelFile& source, TensorType target,
                                     const std::string& path, const WriteProgress& progress) {
  if (Status status = check_source(source, target); !status) return status.error();
  const GgufHeader header = header_for(source, target);
  auto writer = GgufWriter::create(path, header, progress);
  if (!writer) return writer.error();
  ConvertReport report{source.tensors().size(),
                       source.file_bytes(),
                       header.bytes().size() + header.data_bytes(),
                       {}};
  for (const Tensor& tensor : source.tensors()) {
    const TensorType type = weight_type_for(tensor.shape, target);
    const Status status = type == tensor.type ? copy_bytes(tensor, *writer)
                                              : convert_rows(source, tensor, type, *writer);
    if (!status) return status.error();
    if (tensor.shape.size() > 1 && type != target) report.fallbacks.emplace_back(tensor.name);
    source.drop_pages(tensor.bytes);
  }
  if (Status status = writer->finish(); !status) return status.error();
  return report;
}

}  // namespace pecia::kernels
