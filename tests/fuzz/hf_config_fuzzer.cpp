// Any text as config.json, with names of tensors behind its first zero byte: what reads is metadata
// that the GGUF reader takes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "kernels/weights/hf_config.hpp"
#include "kernels/weights/hf_tensors.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/model_params.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pecia::kernels;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view config = text.substr(0, text.find('\0'));
  text.remove_prefix(std::min(config.size() + 1, text.size()));
  const auto json = parse_json(config, "fuzz");
  if (!json) return 0;
  GgufHeader header;
  const auto read = read_hf_config(*json, "fuzz", header);
  if (!read) {
    if (read.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  const auto place = hf_place(read->architecture, text);
  if (place && place->name.size() > 64) std::abort();
  const auto bytes = header.bytes();
  const auto file = ModelFile::parse(bytes, "fuzz");
  if (!file) std::abort();
  if (read_model_params(*file)) std::abort();  // there are no tensors
  return 0;
}
