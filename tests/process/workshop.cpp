#include "tests/process/workshop.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "kernels/weights/synth.hpp"

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
  const std::string file = path("tiny.gguf");
  if (const Status made = synthesise(kTinyShape, type, 1, file); !made) {
    throw std::runtime_error(made.error().message);
  }
  return file;
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
