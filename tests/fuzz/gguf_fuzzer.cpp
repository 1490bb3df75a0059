// Any bytes as a GGUF file: parsed, every look-up made, the model's numbers read.
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/weights/model_file.hpp"
#include "kernels/weights/model_params.hpp"

namespace {

using pecia::kernels::ModelFile;

// Touches both ends of everything the reader says is there.
std::size_t touch(std::span<const std::byte> bytes) {
  return bytes.empty() ? 0 : std::to_integer<std::size_t>(bytes.front() ^ bytes.back());
}

std::size_t look_up(const ModelFile& file, std::string_view key) {
  return file.find_unsigned(key).ok() + file.find_number(key).ok() + file.find_bool(key).ok() +
         file.find_text(key).ok() + file.find_texts(key).ok() + file.find_floats(key).ok() +
         file.find_ints(key).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = ModelFile::parse(std::as_bytes(std::span(data, size)), "fuzz");
  if (!file) return 0;
  volatile std::size_t sink = 0;
  for (std::size_t i = 0; i < file->metadata().size(); ++i) {
    sink = sink + look_up(*file, file->metadata()[i].first) + touch(file->record(i));
  }
  for (const auto& tensor : file->tensors()) {
    sink = sink + touch(tensor.bytes) + tensor.row_bytes() + (file->tensor(tensor.name) == &tensor);
  }
  sink = sink + read_model_params(*file).ok();
  return 0;
}
