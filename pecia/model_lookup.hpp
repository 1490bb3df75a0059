#pragma once
// Models on this machine: by path, by folder, by name (model_lookup_core.hpp says what names mean).
// Looking is bounded, follows links once, and is stopped by no file. Thread rule: any thread.

#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "pecia/model_lookup_core.hpp"

namespace pecia {

inline constexpr int kModelFolderDepthMax = 8;
inline constexpr std::size_t kModelEntriesMax = 50'000;  // looked at in one root
inline constexpr std::size_t kModelsMax = 2'000;         // found in all roots

struct ModelListing {
  std::vector<ModelRoot> roots;  // in the order of the search, whether they exist or not
  std::vector<FoundModel> models;
  bool is_whole = true;  // no bound was met
};

// In the folders that the environment names, and the built-in one.
ModelListing find_models();

// What `named` means as a path: itself where there is such a file or Hugging Face folder, the model
// of a folder that holds one, or the model so called. A path that leads nowhere stays as it is, for
// whoever opens it says that best. An Error has one line.
kernels::Expected<std::string> resolve_model(const std::string& named);

}  // namespace pecia
