// Any text as tokenizer.json, and behind its first zero byte as tokenizer_config.json: what reads
// is metadata that the GGUF reader takes, and a tokenizer that encodes any text within its ids or
// is refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/hf_tokenizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pecia::kernels;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view first = text.substr(0, text.find('\0'));
  const auto tokenizer = parse_json(first, "fuzz");
  if (!tokenizer) return 0;
  Json settings = Json::object();
  if (first.size() < text.size()) {
    auto second = parse_json(text.substr(first.size() + 1), "fuzz");
    if (second) settings = std::move(*second);
  }
  GgufHeader header;
  const HfTokenizerFiles files{&*tokenizer, &settings, &settings, nullptr, {}};
  const Status added = add_hf_tokenizer(files, 400, "fuzz", header);
  if (!added) {
    if (added.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  const auto bytes = header.bytes();
  const auto file = ModelFile::parse(bytes, "fuzz");
  if (!file) std::abort();
  const auto loaded = Tokenizer::load(*file);
  if (!loaded) return 0;
  for (const TokenId id : loaded->encode(first.substr(0, 4'096), {})) {
    if (id < 0 || id >= loaded->size()) std::abort();
  }
  return 0;
}
