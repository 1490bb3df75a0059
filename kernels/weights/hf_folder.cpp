#include "kernels/weights/hf_folder.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "kernels/weights/hf_config.hpp"
#include "kernels/weights/hf_tokenizer.hpp"
#include "kernels/weights/hf_weights.hpp"
#include "kernels/weights/model_content.hpp"
#include "kernels/weights/safetensors.hpp"

namespace pecia::kernels {
namespace {

constexpr const char* kWeightsFile = "model.safetensors";
constexpr const char* kIndexFile = "model.safetensors.index.json";
constexpr std::size_t kWeightFilesMax = 512;  // each holds a file descriptor
constexpr JsonLimits kSettingsLimits{16 << 20, 1 << 20, 32};
constexpr std::uint64_t kTemplateBytesMax = 1 << 20;

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::string_view text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

Expected<Json> read_json(const std::string& path, JsonLimits limits) {
  const auto file = MappedFile::open(path);
  if (!file) return file.error();
  return parse_json(text_of(*file), path, limits);
}

// "blk.12.x" -> 12, anything else -1: the order of layers, behind what belongs to none.
int layer_of(std::string_view name) {
  int layer = -1;
  if (name.starts_with("blk.")) std::from_chars(name.data() + 4, name.data() + name.size(), layer);
  return layer;
}

class FolderReader {
 public:
  FolderReader(const std::string& path, bool facts_only) : path_(path) {
    content_->facts_only = facts_only;
    while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  }

  Expected<std::shared_ptr<ModelContent>> read() {
    content_->path = path_;
    for (const auto step :
         {&FolderReader::read_settings, &FolderReader::read_tokenizer, &FolderReader::make_metadata,
          &FolderReader::read_weights, &FolderReader::order_tensors, &FolderReader::check_head}) {
      if (const Status status = (this->*step)(); !status) return status.error();
    }
    return content_;
  }

 private:
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  template <class... Args>
  Error refuse(fmt::format_string<Args...> text, Args&&... args) const {
    return fail(ErrorKind::refuse, "{}: {}", path_, fmt::format(text, std::forward<Args>(args)...));
  }

  // -- metadata -----------------------------------------------------------------------------------

  Status read_settings() {
    if (!exists(file("config.json"))) {
      return refuse("is a folder without config.json, so no Hugging Face model");
    }
    auto config = read_json(file("config.json"), kSettingsLimits);
    if (!config) return config.error();
    config_json_ = std::move(*config);
    auto read = read_hf_config(config_json_, file("config.json"), header_);
    if (!read) return read.error();
    config_ = std::move(*read);
    header_.add_text("general.name", std::filesystem::path(path_).filename().string());
    return {};
  }

  // nullopt where there is no such file.
  Expected<std::optional<Json>> optional_json(const char* name, JsonLimits limits) const {
    if (!exists(file(name))) return std::optional<Json>{};
    auto json = read_json(file(name), limits);
    if (!json) return json.error();
    return std::optional{std::move(*json)};
  }

  Expected<std::optional<std::string>> chat_template() const {
    constexpr const char* kName = "chat_template.jinja";
    if (!exists(file(kName))) return std::optional<std::string>{};
    const auto text = MappedFile::open(file(kName));
    if (!text) return text.error();
    if (text->bytes().size() > kTemplateBytesMax) {
      return fail(ErrorKind::refuse, "{}: {} bytes, at most {} are allowed", file(kName),
                  text->bytes().size(), kTemplateBytesMax);
    }
    return std::optional{std::string(text_of(*text))};
  }

  // A model may come without: then whoever needs one says so.
  Status read_tokenizer() {
    const auto tokenizer = optional_json("tokenizer.json", JsonLimits{});
    if (!tokenizer) return tokenizer.error();
    if (!*tokenizer && exists(file("tokenizer.model"))) {
      return refuse(
          "has tokenizer.model, of which tokenizer.json is read, but that is not there; "
          "save_pretrained() of transformers' fast tokenizer writes it");
    }
    if (!*tokenizer) return {};
    const auto settings = optional_json("tokenizer_config.json", kSettingsLimits);
    if (!settings) return settings.error();
    const auto generation = optional_json("generation_config.json", kSettingsLimits);
    if (!generation) return generation.error();
    auto chat = chat_template();
    if (!chat) return chat.error();
    const HfTokenizerFiles files{&**tokenizer, *settings ? &**settings : nullptr, &config_json_,
                                 *generation ? &**generation : nullptr, std::move(*chat)};
    return add_hf_tokenizer(files, config_.vocabulary, path_, header_);
  }

  // What was gathered, read back as a GGUF file would be, so that every view is into one buffer.
  Status make_metadata() {
    content_->bytes = content_->made.emplace_back(header_.bytes());
    if (Status parsed = parse_gguf(*content_, ModelFile::Limits{}); !parsed) return parsed;
    content_->version = 0;
    return {};
  }

  // -- weights ------------------------------------------------------------------------------------

  // The tensors that the index promises, by file; a single file promises none.
  Expected<std::map<std::string, std::set<std::string>>> weight_files() const {
    std::map<std::string, std::set<std::string>> files;
    if (exists(file(kWeightsFile))) return files[kWeightsFile], files;
    if (!exists(file(kIndexFile))) {
      return refuse("holds neither {} nor {}, and no other format of weights is supported",
                    kWeightsFile, kIndexFile);
    }
    const auto index = read_json(file(kIndexFile), kSettingsLimits);
    if (!index) return index.error();
    JsonFields fields(*index, file(kIndexFile));
    const Json* map = fields.object("weight_map");
    if (!fields.ok()) return fields.error();
    if (map == nullptr || map->empty()) {
      return fail(ErrorKind::refuse, "{}: 'weight_map' is missing or empty", fields.name());
    }
    for (const auto& [tensor, name] : map->items()) {
      if (!name.is_string() || !is_plain_name(name.get_ref<const std::string&>())) {
        return fail(ErrorKind::refuse,
                    "{}: tensor '{}' lies in '{}', expected the name of a safetensors file of "
                    "this folder",
                    fields.name(), quoted(tensor), quoted(name.dump()));
      }
      files[name.get<std::string>()].insert(tensor);
      if (files.size() <= kWeightFilesMax) continue;
      return fail(ErrorKind::refuse, "{}: names more than {} files", fields.name(),
                  kWeightFilesMax);
    }
    return files;
  }

  static bool is_plain_name(std::string_view name) {
    return name.ends_with(".safetensors") && !name.starts_with('.') && name.size() <= 255 &&
           name.find('/') == name.npos && name.find('\0') == name.npos;
  }

  Status read_weights() {
    const auto files = weight_files();
    if (!files) return files.error();
    content_->parts = files->size();
    for (const auto& [name, promised] : *files) {
      if (Status read = read_weight_file(file(name), promised); !read) return read;
    }
    add_hf_divisors(config_, *content_);
    return {};
  }

  Status read_weight_file(const std::string& path, std::set<std::string> promised) {
    auto map = MappedFile::open(path);
    if (!map) return map.error();
    content_->maps.push_back(std::move(map).value());
    content_->file_bytes += content_->maps.back().bytes().size();
    const auto stored = read_safetensors(content_->maps.back().bytes(), path);
    if (!stored) return stored.error();
    for (const StoredTensor& tensor : *stored) {
      promised.erase(tensor.name);
      if (Status added = add_hf_tensor(tensor, config_, path, *content_); !added) return added;
    }
    if (promised.empty()) return {};
    return fail(ErrorKind::refuse, "{}: has no tensor '{}', which {} says it holds", path,
                quoted(*promised.begin()), kIndexFile);
  }

  Status order_tensors() {
    std::ranges::stable_sort(content_->tensors, {}, [](const Tensor& tensor) {
      return std::pair(layer_of(tensor.name), tensor.name);
    });
    const auto twin = index_by_name(content_->tensors, content_->tensors_by_name,
                                    [](const Tensor& tensor) { return tensor.name; });
    if (!twin) return {};
    return refuse("two tensors become '{}' in GGUF", quoted(content_->tensors[*twin].name));
  }

  // Readers of GGUF take a missing head for a tied one.
  Status check_head() {
    const bool has_head = std::ranges::find(content_->tensors, "output.weight", &Tensor::name) !=
                          content_->tensors.end();
    if (has_head || config_.tied_embeddings) return {};
    return refuse(
        "has no tensor 'lm_head.weight', and config.json does not say that embeddings "
        "are tied (tie_word_embeddings)");
  }

  std::string path_;
  std::shared_ptr<ModelContent> content_ = std::make_shared<ModelContent>();
  GgufHeader header_;
  Json config_json_;
  HfConfig config_;
};

}  // namespace

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

Expected<std::shared_ptr<ModelContent>> read_hf_folder(const std::string& path, bool facts_only) {
  return FolderReader(path, facts_only).read();
}

}  // namespace pecia::kernels
