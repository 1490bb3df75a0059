// Models that do not lie in one GGUF file, through the program: folders of Hugging Face, split
// files, and what is wrong with them.

#include <filesystem>
#include <functional>

#include "kernels/weights/synth.hpp"
#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"
#include "tests/unit/weights/hf_writer.hpp"

using namespace pecia::kernels;
using namespace pecia::tests;
using pecia::kernels::test::Json;

namespace {

std::string hf_folder(const Workshop& shop) {
  const ModelFile model = ModelFile::open(shop.tiny_model(TensorType::f32)).value();
  std::string folder = shop.path("tiny-hf");
  test::write_hf_folder(model, folder, 2);
  return folder;
}

std::string written(const std::string& model) {
  const Ended ended = run_pecia({"run", "-m", model, "-p", "one two", "-n", "12"});
  INFO(ended.err);
  CHECK(ended.code == 0);
  return ended.out;
}

// The folder with one of its files changed is refused by every command that takes a model.
void check_refused(const char* file, const std::function<std::string(std::string)>& change,
                   const std::string& reason) {
  const Workshop shop;
  const std::string folder = hf_folder(shop);
  const std::string path = folder + "/" + file;
  const std::string before = std::filesystem::exists(path) ? read_file(path) : std::string();
  std::filesystem::remove(path);
  shop.write(std::string("tiny-hf/") + file, change(before));
  const std::vector<std::vector<std::string>> commands = {
      {"run", "-m", folder, "-p", "a", "-n", "1"},
      {"inspect", "-m", folder},
      {"tokenize", "-m", folder, "-p", "a"},
      {"convert", folder, "-o", shop.path("out.gguf"), "-q", "f16"}};
  for (const auto& command : commands) {
    const Ended ended = run_pecia(command);
    INFO(command[0] << ": " << ended.err);
    CHECK(ended.code == 2);
    CHECK(is_one_line(ended.err));
    const std::size_t named = ended.err.find(path);
    REQUIRE(named != std::string::npos);
    CHECK(ended.err.find(reason, named) != std::string::npos);
    CHECK(ended.out == "");
  }
  CHECK(!std::filesystem::exists(shop.path("out.gguf")));
}

}  // namespace

TEST_CASE("a Hugging Face folder writes what the GGUF file of its weights writes") {
  const Workshop shop;
  const std::string folder = hf_folder(shop);
  const std::string expected = written(shop.path("tiny.gguf"));
  CHECK(!expected.empty());
  CHECK(written(folder) == expected);
  CHECK(written(folder + "/") == expected);
  const Ended inspected = run_pecia({"inspect", "-m", folder});
  CHECK(inspected.out.find("tiny-hf: Hugging Face folder in 2 parts, ") != std::string::npos);
  CHECK(inspected.out.find("general.architecture") != std::string::npos);
}

TEST_CASE("a folder converts to a GGUF file that writes the same, in every format") {
  const Workshop shop;
  const std::string folder = hf_folder(shop);
  for (const char* format : {"F32", "F16", "Q8_0", "Q4_0"}) {
    INFO(format);
    const std::string from_hf = shop.path("hf.gguf"), from_gguf = shop.path("gguf.gguf");
    CHECK(run_pecia({"convert", folder, "-o", from_hf, "-q", format}).code == 0);
    CHECK(run_pecia({"convert", shop.path("tiny.gguf"), from_gguf, "--to", format}).code == 0);
    CHECK(written(from_hf) == written(from_gguf));
  }
  CHECK(written(shop.path("hf.gguf")) != written(folder));  // Q4_0 is coarse
}

TEST_CASE("a broken Hugging Face folder is refused by file, place and reason") {
  const auto instead = [](const char* text) { return [text](const std::string&) { return text; }; };
  check_refused("config.json", instead("{\"architectures\": ["), "is no JSON at byte");
  check_refused("config.json", instead(R"({"architectures":["MambaForCausalLM"]})"),
                "architecture 'MambaForCausalLM' is not supported; LlamaForCausalLM, ");
  check_refused("tokenizer.json", instead(R"({"model":{"type":"WordPiece"}})"),
                "a model of type 'WordPiece' is not supported");
  check_refused("tokenizer_config.json", instead("\xff"), "is no JSON at byte");
  check_refused("model.safetensors.index.json",
                instead(R"({"weight_map":{"model.norm.weight":"../up.safetensors"}})"),
                "expected the name of a safetensors file of this folder");
  const auto cut = [](const std::string& bytes) { return bytes.substr(0, bytes.size() - 1); };
  check_refused("model-00002-of-00002.safetensors", cut, "does not lie inside");
  check_refused("model-00001-of-00002.safetensors", instead("xx"), "too few for the length");
  check_refused(
      "model-00001-of-00002.safetensors",
      [](std::string bytes) { return bytes.replace(0, 8, 8, '\xff'); },
      "is it a safetensors file?");
}

TEST_CASE("a folder with a tokenizer in another form is told which is read") {
  const Workshop shop;
  const std::string folder = hf_folder(shop);
  std::filesystem::rename(folder + "/tokenizer.json", folder + "/tokenizer.model");
  const Ended ended = run_pecia({"tokenize", "-m", folder, "-p", "a"});
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(is_one_line(ended.err));
  CHECK(ended.err.find("has tokenizer.model, of which tokenizer.json is read") !=
        std::string::npos);
}

TEST_CASE("-c of every command that computes chooses between a model's two lists of divisors") {
  constexpr SynthShape kShape = {.name = "tiny-phi",
                                 .architecture = "phi3",
                                 .layers = 2,
                                 .width = 64,
                                 .heads = 4,
                                 .kv_heads = 2,
                                 .head_dim = 16,
                                 .ffn_width = 96,
                                 .vocabulary = 300,
                                 .context = 256,
                                 .original_context = 64};
  const Workshop shop;
  const std::string model = shop.path("phi.gguf");
  REQUIRE(synthesise(kShape, TensorType::f32, 1, model).ok());
  const std::string text = shop.write("text.txt", "one two three");
  const std::string outline = shop.write("o.md", "# A\n\n## B\n\nc\n");
  const auto printed = [](std::vector<std::string> command, const char* context) {
    command.insert(command.end(), {"-c", context});
    const Ended ended = run_pecia(command);
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    return ended.out;
  };
  const std::vector<std::vector<std::string>> commands = {
      {"perplexity", "-m", model, "-f", text, "--json"},
      {"run", "-m", model, "-p", "one two three", "-n", "24", "--temp", "0"},
      {"write", "--outline", outline, "-m", model, "-n", "24", "--temp", "0"}};
  for (const auto& command : commands) {
    INFO(command[0]);
    const std::string of_short = printed(command, "64"), of_long = printed(command, "65");
    CHECK(of_short != of_long);
    CHECK(printed(command, "60") == of_short);
    CHECK(printed(command, "256") == of_long);
  }
}

TEST_CASE("a folder that holds no model is refused") {
  const Workshop shop;
  const Ended ended = run_pecia({"inspect", "-m", shop.path("")});
  CHECK(ended.code == 2);
  CHECK(ended.err.find("no model in this folder") != std::string::npos);
}
