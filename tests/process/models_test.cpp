// Models by folder and by name, and the list of all of them.

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

// With no folders but those of the test.
SpawnOptions only(const std::string& models, const std::string& home) {
  return {.environment = {"PECIA_MODELS=" + models, "HOME=" + home,
                          "XDG_CACHE_HOME=", "XDG_DATA_HOME=", "LLAMA_CACHE=", "HF_HOME=",
                          "HF_HUB_CACHE=", "HUGGINGFACE_HUB_CACHE=", "OLLAMA_MODELS="}};
}

// A folder with tiny.gguf, broken.gguf, two of a kind, and traps.
std::string make_models(const Workshop& shop) {
  const fs::path folder = shop.path("models");
  fs::create_directories(folder / "more");
  fs::rename(shop.tiny_model(), folder / "tiny.gguf");
  fs::copy(folder / "tiny.gguf", folder / "more" / "twin-a.gguf");
  fs::copy(folder / "tiny.gguf", folder / "more" / "twin-b.gguf");
  shop.write("models/broken.gguf", "GGUF\3\0\0\0 and no more");
  fs::create_directory_symlink(folder, folder / "more" / "loop");
  fs::create_symlink("nowhere", folder / "dangling.gguf");
  return folder.string();
}

Ended ids(const std::string& model, const SpawnOptions& options) {
  return run_pecia({"tokenize", "-m", model, "-p", "a b", "--ids"}, options);
}

}  // namespace

TEST_CASE("a model is given by its file, by a folder that holds one, or by a name") {
  const Workshop shop;
  const std::string models = make_models(shop);
  const SpawnOptions here = only(models, shop.path(""));
  const Ended by_file = ids(models + "/tiny.gguf", here);
  REQUIRE(by_file.code == 0);
  fs::create_directory(shop.path("one"));
  fs::copy(models + "/tiny.gguf", shop.path("one/only.gguf"));
  shop.write("one/config.json", "{}");  // all that is there of another format
  for (const std::string& named : {shop.path("one"), std::string("tiny"), std::string("TINY"),
                                   std::string("twin-a"), std::string("more/twin-b")}) {
    const Ended ended = ids(named, here);
    INFO(named << ": " << ended.err);
    CHECK(ended.code == 0);
    CHECK(ended.out == by_file.out);
  }
  CHECK(run_pecia({"convert", "twin-a", shop.path("made.gguf"), "--to", "f16"}, here).code == 0);
  CHECK(fs::exists(shop.path("made.gguf")));
}

TEST_CASE("a name that is unknown or means several is one line with the names") {
  const Workshop shop;
  const std::string models = make_models(shop);
  const SpawnOptions here = only(models, shop.path(""));
  const auto refused = [&](const std::string& named, const std::string& reason) {
    const Ended ended = ids(named, here);
    INFO(ended.err);
    CHECK(ended.code == 2);
    CHECK(is_one_line(ended.err));
    CHECK(ended.err.find(reason) != std::string::npos);
  };
  refused("twin", "'twin' may be more/twin-a, more/twin-b");
  refused("tinny", "the nearest names are tiny");
  refused(models + "/more", "2 models in this folder (twin-a, twin-b)");
  refused(shop.path("absent.gguf"), "absent.gguf: cannot open");
  fs::create_directory(shop.path("empty"));
  refused(shop.path("empty"), "no model in this folder");
}

TEST_CASE(
    "models lists every model with size, format and whether it fits, the broken with reason") {
  const Workshop shop;
  const std::string models = make_models(shop);
  const SpawnOptions here = only(models, shop.path(""));
  const Ended listed = run_pecia({"models", "--json"}, here);
  REQUIRE(listed.code == 0);
  const Json list = Json::parse(listed.out);
  std::vector<std::string> names;
  for (const Json& model : list["models"]) {
    names.push_back(model["name"]);
    if (model["name"] == "tiny") {
      CHECK(model["format"] == "Q8_0");
      CHECK(model["architecture"] == "llama");
      CHECK(model["context"] == 256);
      CHECK(model["kv_bytes"] == 256 * 2 * 2 * 2 * 16 * 2);  // layers, K and V, heads, width, f16
      CHECK(model["needs_bytes"] == model["bytes"].get<std::uint64_t>() + 65'536);
      CHECK(model["fits"] == true);
    }
    if (model["name"] == "broken" || model["name"] == "dangling") CHECK(model.contains("problem"));
  }
  CHECK(names == std::vector<std::string>{"pecia-chronicle", "broken", "dangling", "more/twin-a",
                                          "more/twin-b", "tiny"});
  CHECK(list["folders"][0]["path"] == models);
  const Ended text = run_pecia({"models"}, here);
  CHECK(text.code == 0);
  CHECK(text.out.find("cannot be used: ") != std::string::npos);
  CHECK(text.out.find("of memory are available") != std::string::npos);
}

TEST_CASE("the caches of Hugging Face and ollama are looked through") {
  const Workshop shop;
  const std::string tiny = shop.tiny_model();
  const fs::path home = shop.path("home");
  const fs::path hub = home / ".cache/huggingface/hub/models--acme--tiny-GGUF";
  const fs::path ollama = home / ".ollama/models";
  fs::create_directories(hub / "blobs");
  fs::create_directories(hub / "refs");
  fs::create_directories(hub / "snapshots/new");
  fs::create_directories(hub / "snapshots/old");
  fs::create_directories(ollama / "manifests/registry.ollama.ai/library/wee");
  fs::create_directories(ollama / "blobs");
  fs::copy(tiny, hub / "blobs/sha");
  fs::create_symlink("../../blobs/sha", hub / "snapshots/new/tiny-q8_0.gguf");
  fs::create_symlink("../../blobs/sha", hub / "snapshots/old/tiny-q8_0.gguf");
  shop.write("home/.cache/huggingface/hub/models--acme--tiny-GGUF/refs/main", "new");
  fs::copy(tiny, ollama / "blobs/sha256-77");
  shop.write("home/.ollama/models/manifests/registry.ollama.ai/library/wee/latest",
             R"({"layers": [{"mediaType": "application/vnd.ollama.image.model",
                             "digest": "sha256:77"}, 5]})");
  shop.write("home/.ollama/models/manifests/registry.ollama.ai/library/wee/bad", "{");
  shop.write("home/.ollama/models/manifests/registry.ollama.ai/library/wee/wrong",
             R"({"layers": [{"mediaType": 5}, {"digest": "sha256:77"},
                            {"mediaType": "application/vnd.ollama.image.model", "digest": 7}]})");
  const SpawnOptions here = only("", home.string());
  const Json list = Json::parse(run_pecia({"models", "--json"}, here).out);
  REQUIRE(list["models"].size() == 3);
  CHECK(list["models"][1]["name"] == "acme/tiny-GGUF/tiny-q8_0");
  CHECK(list["models"][1]["path"] == (hub / "snapshots/new/tiny-q8_0.gguf").string());
  CHECK(list["models"][2]["name"] == "wee:latest");
  for (const char* name : {"tiny-q8_0", "wee", "acme/tiny-GGUF/tiny-q8_0"})
    CHECK(ids(name, here).code == 0);

  // Without refs/main the one that came last counts.
  fs::remove(hub / "refs/main");
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(hub / "snapshots/new", now - std::chrono::hours(1));
  fs::last_write_time(hub / "snapshots/old", now);
  const Json newest = Json::parse(run_pecia({"models", "--json"}, here).out);
  REQUIRE(newest["models"].size() == 3);
  CHECK(newest["models"][1]["path"] == (hub / "snapshots/old/tiny-q8_0.gguf").string());
}
