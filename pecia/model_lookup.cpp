#include "pecia/model_lookup.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "kernels/weights/json_text.hpp"
#include "pecia/built_in_model.hpp"

namespace pecia {

using namespace kernels;

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kManifestBytesMax = std::size_t{1} << 20;

std::string read_up_to(const std::string& path, std::size_t bytes_max) {
  std::ifstream stream(path, std::ios::binary);
  std::string text(bytes_max, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  return text;
}

// All plain files below a folder, and links that lead nowhere: whoever opens them says why.
class Walk {
 public:
  Walk(std::string root, int depth_max) : root_(std::move(root)), depth_max_(depth_max) {}

  std::vector<FoundFile> files() {
    enter(root_, "", 0);
    return std::move(files_);
  }
  bool is_whole() const { return whole_; }

 private:
  // Sorted, so that a listing is the same every time.
  std::vector<std::string> entries_of(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed)) {
      if (++entries_ > kModelEntriesMax) {
        whole_ = false;
        break;
      }
      names.push_back(at->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  void enter(const std::string& folder, const std::string& below, int depth) {
    struct stat facts = {};
    if (::stat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return;
    if (!seen_.emplace(facts.st_dev, facts.st_ino).second) return;
    for (const std::string& name : entries_of(folder)) {
      const std::string path = fmt::format("{}/{}", folder, name);
      const std::string inner = below.empty() ? name : fmt::format("{}/{}", below, name);
      const bool leads_somewhere = ::stat(path.c_str(), &facts) == 0;
      if (!leads_somewhere || S_ISREG(facts.st_mode)) {
        files_.push_back({inner});
      } else if (S_ISDIR(facts.st_mode) && depth < depth_max_) {
        enter(path, inner, depth + 1);
      }
    }
  }

  std::string root_;
  int depth_max_;
  std::vector<FoundFile> files_;
  std::set<std::pair<dev_t, ino_t>> seen_;  // folders
  std::size_t entries_ = 0;
  bool whole_ = true;
};

constexpr std::string_view kSnapshots = "/snapshots/";

// Of one model of a hub: the commit that refs/main names, else the one that came last.
std::string current_commit(const std::string& model) {
  constexpr std::size_t kCommitBytesMax = 64;
  std::string commit = read_up_to(model + "/refs/main", kCommitBytesMax);
  while (!commit.empty() && commit.back() <= ' ') commit.pop_back();
  if (!commit.empty()) return commit;
  fs::file_time_type newest = fs::file_time_type::min();
  std::error_code failed;
  std::size_t seen = 0;
  for (fs::directory_iterator at(model + std::string(kSnapshots), failed), end;
       !failed && at != end && ++seen <= kModelEntriesMax; at.increment(failed)) {
    std::error_code unknown;
    const fs::file_time_type time = fs::last_write_time(at->path(), unknown);
    const std::string name = at->path().filename().string();
    if (unknown || std::pair(time, name) <= std::pair(newest, commit)) continue;
    newest = time, commit = name;
  }
  return commit;
}

void drop_old_snapshots(const std::string& root, std::vector<FoundFile>& files) {
  std::map<std::string, std::string> commits;  // by model
  std::erase_if(files, [&](const FoundFile& file) {
    const std::size_t at = file.path.find(kSnapshots);
    if (at == file.path.npos) return true;  // blobs, refs
    const auto [known, fresh] = commits.try_emplace(file.path.substr(0, at));
    if (fresh) known->second = current_commit(root + "/" + known->first);
    const std::string_view rest = std::string_view(file.path).substr(at + kSnapshots.size());
    return !rest.starts_with(known->second + "/");
  });
}

// manifests/HOST/library/NAME/TAG names the blob of the weights.
std::vector<FoundModel> ollama_models(const std::string& root,
                                      const std::vector<FoundFile>& files) {
  std::vector<FoundModel> found;
  for (const FoundFile& file : files) {
    const fs::path path = file.path;
    std::vector<std::string> parts(path.begin(), path.end());
    if (parts.size() < 4 || parts[0] != "manifests") continue;
    const auto manifest = nlohmann::json::parse(
        read_up_to(root + "/" + file.path, kManifestBytesMax), nullptr, false);
    if (!manifest.is_object() || !manifest.contains("layers")) continue;
    for (const auto& layer : manifest["layers"]) {
      if (!layer.is_object()) continue;
      if (text_of(layer, "mediaType") != "application/vnd.ollama.image.model") continue;
      std::string digest = text_of(layer, "digest");
      std::replace(digest.begin(), digest.end(), ':', '-');
      if (digest.empty() || digest.find('/') != digest.npos) continue;
      std::string name = fmt::format("{}:{}", parts[parts.size() - 2], parts.back());
      if (parts.size() > 4 && parts[2] != "library") {
        name = fmt::format("{}/{}", parts[parts.size() - 3], name);
      }
      found.push_back({std::move(name), fmt::format("{}/blobs/{}", root, digest)});
    }
  }
  return found;
}

std::vector<FoundModel> models_in(const ModelRoot& root, bool& whole) {
  const bool ollama = root.layout == ModelRoot::Layout::ollama;
  Walk walk(ollama ? root.path + "/manifests" : root.path, kModelFolderDepthMax);
  std::vector<FoundFile> files = walk.files();
  whole &= walk.is_whole();
  if (ollama) {
    for (FoundFile& file : files) file.path.insert(0, "manifests/");
    return ollama_models(root.path, files);
  }
  if (root.layout == ModelRoot::Layout::hub) drop_old_snapshots(root.path, files);
  return models_among(root, files);
}

std::string variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

ModelListing find_models() {
  ModelListing listing;
  listing.roots = model_roots(variable);
  if (const std::string model = built_in_model(); !model.empty())
    listing.models.push_back({"pecia-chronicle", model});
  for (const ModelRoot& root : listing.roots) {
    for (FoundModel& model : models_in(root, listing.is_whole)) {
      if (listing.models.size() == kModelsMax) {
        listing.is_whole = false;
        return listing;
      }
      listing.models.push_back(std::move(model));
    }
  }
  return listing;
}

Expected<std::string> resolve_model(const std::string& named) {
  struct stat facts = {};
  const bool exists = ::stat(named.c_str(), &facts) == 0;
  if (exists && !S_ISDIR(facts.st_mode)) return named;
  if (exists) {
    const std::vector<FoundModel> found = models_among({named}, Walk(named, 0).files());
    const bool configured = ::stat((named + "/config.json").c_str(), &facts) == 0;
    // Beside a GGUF file config.json may be all that is there of another format.
    const auto is_folder = [&](const FoundModel& model) { return model.path == named; };
    if (configured && (found.empty() || std::any_of(found.begin(), found.end(), is_folder)))
      return named;
    const auto model = only_model(named, found);
    if (!model) return model.error();
    return model->path;
  }
  if (reads_as_path(named)) return named;
  const ModelListing listing = find_models();
  const auto model = choose_model(named, listing.models);
  if (!model) return model.error();
  return model->path;
}

}  // namespace pecia
