#pragma once
// Models by name: where they are looked for, what a listing of files means, and which of its models
// a name means. Thread rule: functions are pure.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia {

// A folder that is searched, and how its files are called.
struct ModelRoot {
  enum class Layout { plain, hub, ollama };  // hub: models--ORG--NAME/snapshots/COMMIT/...
  std::string path;
  Layout layout = Layout::plain;

  bool operator==(const ModelRoot&) const = default;
};

// In the order in which they are searched: PECIA_MODELS (folders between colons), pecia's own data
// folder, and the caches of llama.cpp, Hugging Face and ollama. `variable` gives "" for one that is
// not set.
std::vector<ModelRoot> model_roots(const std::function<std::string(std::string_view)>& variable);

struct FoundFile {
  std::string path;  // from the root, '/' between
};

struct FoundModel {
  std::string name;  // unique only together with its path
  std::string path;  // a file, the first of a split set, or a folder
  bool operator==(const FoundModel&) const = default;
};

// The models among the files of one root: each GGUF file, each split set once, each folder that
// holds config.json and *.safetensors. Names have no extension, no part number and no blanks.
std::vector<FoundModel> models_among(const ModelRoot& root, std::span<const FoundFile> files);

// "qwen-00001-of-00003.gguf": which set a file is of, and its number in it.
struct SplitPart {
  std::string set;  // "qwen"
  int number = 0, count = 0;
};
std::optional<SplitPart> split_part(std::string_view file_name);

// The model that `name` means: called so, else its last part called so, else the only one whose
// last part begins with it, else the only one that contains it; letters of either case. Of several
// with the whole name the first counts, as with programs in PATH. An Error names all that fit, or
// the nearest names.
kernels::Expected<FoundModel> choose_model(std::string_view name,
                                           std::span<const FoundModel> models);

// The one model in the folder itself; an Error where there is none, or more than one.
kernels::Expected<FoundModel> only_model(std::string_view folder,
                                         std::span<const FoundModel> models);

// Whether this was meant as a path: "./x", "/x", "~/x", "x.gguf".
bool reads_as_path(std::string_view text);

}  // namespace pecia
