// Any bytes as a safetensors file: read, and both ends of every tensor touched.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "kernels/weights/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pecia::kernels;
  const auto tensors = read_safetensors(std::as_bytes(std::span(data, size)), "fuzz");
  if (!tensors) {
    if (tensors.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  volatile std::size_t sink = 0;
  std::size_t bytes = 0;
  for (const StoredTensor& tensor : *tensors) {
    bytes += tensor.bytes.size();
    if (tensor.bytes.empty()) continue;
    sink = sink + std::to_integer<std::size_t>(tensor.bytes.front() ^ tensor.bytes.back());
  }
  if (bytes > size) std::abort();  // tensors tile the data
  return 0;
}
