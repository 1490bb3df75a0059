// Names of models: what a listing means, and which model a name means.

#include "pecia/model_lookup_core.hpp"

#include <map>

#include "tests/catch.hpp"

namespace pecia {
namespace {

using Layout = ModelRoot::Layout;

std::vector<FoundModel> among(const ModelRoot& root, std::initializer_list<const char*> paths) {
  std::vector<FoundFile> files;
  for (const char* path : paths) files.push_back({path});
  return models_among(root, files);
}

std::vector<ModelRoot> roots_with(const std::map<std::string, std::string, std::less<>>& set) {
  return model_roots([&set](std::string_view name) {
    const auto found = set.find(name);
    return found == set.end() ? std::string() : found->second;
  });
}

const std::vector<FoundModel> kModels = {{"Qwen2.5-0.5B-Instruct-Q4_K_M", "/m/a.gguf"},
                                         {"Qwen2.5-0.5B-Instruct-Q8_0", "/m/b.gguf"},
                                         {"meta/Llama-3.2-1B", "/h/llama"},
                                         {"smollm2", "/m/s.gguf"},
                                         {"smollm2-instruct", "/m/si.gguf"}};

std::string chosen(std::string_view name) {
  const auto model = choose_model(name, kModels);
  return model ? model->path : model.error().message;
}

}  // namespace

TEST_CASE("each GGUF file is a model, a split set is one, a Hugging Face folder is one") {
  CHECK(among({"/m"}, {"a.gguf", "deep/B.GGUF", "notes.txt", "c-00001-of-00002.gguf",
                       "c-00002-of-00002.gguf", "hf/config.json", "hf/model.safetensors",
                       "lone/config.json", "mmproj-a.gguf", "odd name.gguf"}) ==
        std::vector<FoundModel>{{"a", "/m/a.gguf"},
                                {"c", "/m/c-00001-of-00002.gguf"},
                                {"deep/B", "/m/deep/B.GGUF"},
                                {"hf", "/m/hf"},
                                {"odd_name", "/m/odd name.gguf"}});
  CHECK(among({"/m/tiny"}, {"config.json", "model.safetensors"}) ==
        std::vector<FoundModel>{{"tiny", "/m/tiny"}});
}

TEST_CASE("the hub's folders become the names that its pages have") {
  CHECK(among({"/hub", Layout::hub}, {"models--Qwen--Qwen3-0.6B/snapshots/c0ffee/config.json",
                                      "models--Qwen--Qwen3-0.6B/snapshots/c0ffee/model.safetensors",
                                      "models--gpt2/snapshots/abc/config.json",
                                      "models--gpt2/snapshots/abc/model.safetensors",
                                      "models--bart--x-GGUF/snapshots/abc/x-Q4_K_M.gguf"}) ==
        std::vector<FoundModel>{
            {"Qwen/Qwen3-0.6B", "/hub/models--Qwen--Qwen3-0.6B/snapshots/c0ffee"},
            {"bart/x-GGUF/x-Q4_K_M", "/hub/models--bart--x-GGUF/snapshots/abc/x-Q4_K_M.gguf"},
            {"gpt2", "/hub/models--gpt2/snapshots/abc"}});
}

TEST_CASE("parts of a split set are told by their numbers") {
  const auto part = split_part("x-00002-of-00010.gguf");
  REQUIRE(part);
  CHECK(part->set == "x");
  CHECK(part->number == 2);
  CHECK(part->count == 10);
  for (const char* other : {"x.gguf", "x-0002-of-0010.gguf", "x-00000-of-00010.gguf",
                            "x-2-of-3.gguf", "-00001-of-00002.gguf", "x-00001-of-00002.bin"})
    CHECK_FALSE(split_part(other));
}

TEST_CASE("folders come from the variables, each once, in their order") {
  CHECK(roots_with({{"HOME", "/u"}}) ==
        std::vector<ModelRoot>{{"/u/.local/share/pecia/models", Layout::plain},
                               {"/u/.cache/llama.cpp", Layout::plain},
                               {"/u/.cache/huggingface/hub", Layout::hub},
                               {"/u/.ollama/models", Layout::ollama}});
  CHECK(roots_with({{"PECIA_MODELS", "/a::b:"},
                    {"XDG_DATA_HOME", "/data"},
                    {"XDG_CACHE_HOME", "/cache"},
                    {"LLAMA_CACHE", "/cache/llama.cpp"},
                    {"HF_HOME", "/hf"},
                    {"OLLAMA_MODELS", "/o"}}) ==
        std::vector<ModelRoot>{{"/a", Layout::plain},
                               {"b", Layout::plain},
                               {"/data/pecia/models", Layout::plain},
                               {"/cache/llama.cpp", Layout::plain},
                               {"/hf/hub", Layout::hub},
                               {"/o", Layout::ollama}});
  CHECK(roots_with({{"HF_HUB_CACHE", "/h"}}) == std::vector<ModelRoot>{{"/h", Layout::hub}});
}

TEST_CASE("a name means the model called so, or the one that it begins or stands in") {
  CHECK(chosen("smollm2") == "/m/s.gguf");
  CHECK(chosen("SmolLM2") == "/m/s.gguf");
  CHECK(chosen("llama-3.2-1b") == "/h/llama");
  CHECK(chosen("meta/llama-3.2-1b") == "/h/llama");
  CHECK(chosen("smollm2-i") == "/m/si.gguf");
  CHECK(chosen("q8_0") == "/m/b.gguf");
}

TEST_CASE("a name that fits several tells them, one that fits none tells the nearest") {
  CHECK(chosen("qwen2.5") ==
        "'qwen2.5' may be Qwen2.5-0.5B-Instruct-Q4_K_M, Qwen2.5-0.5B-Instruct-Q8_0; give the whole "
        "name or a path");
  CHECK(chosen("smolm2").find("the nearest names are smollm2, ") != std::string::npos);
  CHECK(choose_model("x", {}).error().message.find("no model was found") != std::string::npos);
}

TEST_CASE("of two models with the whole name the first folder's counts") {
  const std::vector<FoundModel> twice = {{"a", "/first/a.gguf"}, {"a", "/second/a.gguf"}};
  CHECK(choose_model("a", twice)->path == "/first/a.gguf");
}

TEST_CASE("a folder stands for its only model") {
  CHECK(only_model("/m", std::vector<FoundModel>{{"a", "/m/a.gguf"}})->path == "/m/a.gguf");
  CHECK(only_model("/m", {}).error().message.find("no model in this folder") != std::string::npos);
  CHECK(only_model("/m", kModels).error().message.find("5 models in this folder (Qwen2.5") !=
        std::string::npos);
}

TEST_CASE("what begins with a dot or a slash or ends in .gguf is a path") {
  for (const char* path : {"/a", "./a", "../a", "~/a", "a.gguf", "A.GGUF"})
    CHECK(reads_as_path(path));
  for (const char* name : {"a", "org/a", "a:latest"}) CHECK_FALSE(reads_as_path(name));
}

}  // namespace pecia
