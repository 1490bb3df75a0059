#pragma once
// A tokenizer.json as this program reads it, through GGUF's metadata.

#include <cstdint>

#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/hf_tokenizer.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels::test {

inline Tokenizer load_hf_tokenizer(const Json& tokenizer, std::uint64_t vocabulary) {
  GgufHeader header;
  HfTokenizerFiles files;
  files.tokenizer = &tokenizer;
  const Status added = add_hf_tokenizer(files, vocabulary, "hf", header);
  if (!added) FAIL(added.error().message);
  const auto bytes = header.bytes();
  auto loaded = Tokenizer::load(ModelFile::parse(bytes, "hf").value());
  if (!loaded) FAIL(loaded.error().message);
  return *std::move(loaded);
}

}  // namespace pecia::kernels::test
