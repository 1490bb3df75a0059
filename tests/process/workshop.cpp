#include "tests/process/workshop.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/synth.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::tests {

namespace fs = std::filesystem;
using namespace kernels;

namespace {

constexpr SynthShape kTinyShape = {.name = "tiny",
                                   .layers = 2,
                                   .width = 64,
                                   .heads = 4,
                                   .kv_heads = 2,
                                   .head_dim = 16,
                                   .ffn_width = 96,
                                   .vocabulary = 300,
                                   .context = 256};

}  // namespace

Workshop::Workshop() {
  std::string name = (fs::temp_directory_path() / "pecia-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
  folder_ = name;
}

Workshop::~Workshop() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string Workshop::write(std::string_view name, std::string_view bytes) const {
  std::ofstream(path(name), std::ios::binary) << bytes;
  return path(name);
}

std::string Workshop::tiny_model(TensorType type) const {
  std::string file = path("tiny.gguf");
  if (const Status made = synthesise(kTinyShape, type, 1, file); !made) {
    throw std::runtime_error(made.error().message);
  }
  return file;
}

std::string Workshop::chat_model(std::string_view chat_template) const {
  constexpr std::string_view kTokens = "tokenizer.ggml.tokens",
                             kTypes = "tokenizer.ggml.token_type";
  const auto source = ModelFile::open(tiny_model()).value();
  const auto known = *source.find_texts(kTokens).value();
  std::vector<std::string> tokens(known.begin(), known.end());
  auto types = *source.find_ints(kTypes).value();
  for (const char* marker : {"<|im_start|>", "<|im_end|>"}) {  // over the last two words
    const std::size_t id = tokens.size() - (marker[5] == 's' ? 2 : 1);
    tokens[id] = marker;
    types[id] = static_cast<std::int32_t>(TokenType::control);
  }
  GgufHeader header;
  for (std::size_t i = 0; i < source.metadata().size(); ++i) {
    const std::string_view key = source.metadata()[i].first;
    if (key != kTokens && key != kTypes) header.add_record(source.record(i));
  }
  header.add_texts(kTokens, tokens);
  header.add_ints(kTypes, types);
  header.add_text("tokenizer.chat_template", chat_template);
  for (const Tensor& tensor : source.tensors())
    header.add_tensor(tensor.name, tensor.type, tensor.shape);
  auto writer = GgufWriter::create(path("chat.gguf"), header).value();
  for (const Tensor& tensor : source.tensors()) {
    if (!writer.write(tensor.bytes)) throw std::runtime_error("cannot write the chat model");
  }
  if (!writer.finish()) throw std::runtime_error("cannot finish the chat model");
  return path("chat.gguf");
}

std::size_t Workshop::files() const {
  const fs::directory_iterator entries(folder_);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string shared_file(std::string_view name) {
  const fs::path path = fs::path(PECIA_SHARED_DIR) / name;
  return fs::exists(path) ? path.string() : std::string();
}

bool is_one_line(std::string_view text) {
  return text.ends_with('\n') && std::count(text.begin(), text.end(), '\n') == 1;
}

}  // namespace pecia::tests
