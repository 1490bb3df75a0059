#include "pecia/model_lookup_core.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace pecia {

using namespace kernels;

namespace {

constexpr std::string_view kGguf = ".gguf";
constexpr std::string_view kWeights = ".safetensors";
constexpr std::size_t kNamesTold = 8;  // in one message

std::string lowered(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return low;
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::string joined(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  if (name.empty()) return std::string(folder);
  return std::string(folder).append(folder.ends_with('/') ? "" : "/").append(name);
}

// models--ORG--NAME/snapshots/COMMIT/rest to ORG/NAME and rest.
std::string without_hub_folders(std::string_view path) {
  constexpr std::string_view kPrefix = "models--", kSnapshots = "/snapshots/";
  const std::size_t at = path.find(kSnapshots);
  if (!path.starts_with(kPrefix) || at == path.npos) return std::string(path);
  std::string name(path.substr(kPrefix.size(), at - kPrefix.size()));
  if (const std::size_t between = name.find("--"); between != name.npos)
    name.replace(between, 2, "/");
  const std::string_view rest = path.substr(at + kSnapshots.size());
  const std::size_t slash = rest.find('/');  // behind the commit
  return slash == rest.npos ? name : joined(name, rest.substr(slash + 1));
}

std::string name_in(const ModelRoot& root, std::string_view path) {
  std::string name =
      root.layout == ModelRoot::Layout::hub ? without_hub_folders(path) : std::string(path);
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; }, '_');
  return name;
}

std::string names_of(const std::vector<const FoundModel*>& models) {
  std::string names;
  for (std::size_t i = 0; i < std::min(models.size(), kNamesTold); ++i)
    names.append(i == 0 ? "" : ", ").append(models[i]->name);
  return models.size() > kNamesTold
             ? names + fmt::format(" and {} more", models.size() - kNamesTold)
             : names;
}

// Levenshtein's distance, of texts that are names of files.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string nearest_names(std::string_view name, std::span<const FoundModel> models) {
  constexpr std::size_t kNearest = 3, kBytesMax = 128;
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  for (const FoundModel& model : models) {
    const std::string whole = lowered(model.name).substr(0, kBytesMax);
    const std::string asked = lowered(name).substr(0, kBytesMax);
    ranked.emplace_back(std::min(distance(asked, whole), distance(asked, last_part(whole))),
                        model.name);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
  std::string names;
  for (std::size_t i = 0; i < std::min(ranked.size(), kNearest); ++i)
    names.append(i == 0 ? "" : ", ").append(ranked[i].second);
  return names;
}

template <class Fits>
std::vector<const FoundModel*> those_that(std::span<const FoundModel> models, const Fits& fit) {
  std::vector<const FoundModel*> found;
  std::set<std::string_view> paths;  // one file may be seen from several roots
  for (const FoundModel& model : models) {
    if (fit(lowered(model.name)) && paths.insert(model.path).second) found.push_back(&model);
  }
  return found;
}

}  // namespace

std::vector<ModelRoot> model_roots(const std::function<std::string(std::string_view)>& variable) {
  using Layout = ModelRoot::Layout;
  std::vector<ModelRoot> roots;
  const auto add = [&roots](std::string path, Layout layout) {
    const bool known = std::any_of(roots.begin(), roots.end(),
                                   [&path](const ModelRoot& root) { return root.path == path; });
    if (path.starts_with('/') && !known) roots.push_back({std::move(path), layout});
  };
  const auto first_of = [&variable](std::string_view name, const std::string& otherwise) {
    const std::string value = variable(name);
    return value.empty() ? otherwise : value;
  };
  const std::string listed = variable("PECIA_MODELS");
  for (std::size_t at = 0; at < listed.size();) {
    const std::size_t end = std::min(listed.find(':', at), listed.size());
    std::string path = listed.substr(at, end - at);
    if (!path.empty()) roots.push_back({std::move(path), Layout::plain});
    at = end + 1;
  }
  const std::string home = variable("HOME");
  const auto in_home = [&home](std::string_view path) {
    return home.empty() ? std::string() : joined(home, path);
  };
  const std::string cache = first_of("XDG_CACHE_HOME", in_home(".cache"));
  add(joined(first_of("XDG_DATA_HOME", in_home(".local/share")), "pecia/models"), Layout::plain);
  add(variable("LLAMA_CACHE"), Layout::plain);
  add(joined(cache, "llama.cpp"), Layout::plain);
  const std::string face = first_of("HF_HOME", joined(cache, "huggingface"));
  add(first_of("HF_HUB_CACHE", first_of("HUGGINGFACE_HUB_CACHE", joined(face, "hub"))),
      Layout::hub);
  add(first_of("OLLAMA_MODELS", in_home(".ollama/models")), Layout::ollama);
  return roots;
}

std::optional<SplitPart> split_part(std::string_view file_name) {
  constexpr std::string_view kForm = "-00001-of-00003";
  if (!lowered(file_name).ends_with(kGguf)) return std::nullopt;
  file_name.remove_suffix(kGguf.size());
  if (file_name.size() <= kForm.size()) return std::nullopt;
  const std::string_view tail = file_name.substr(file_name.size() - kForm.size());
  if (tail[0] != '-' || tail.substr(6, 4) != "-of-") return std::nullopt;
  SplitPart part;
  const auto read = [](std::string_view digits, int& number) {
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + 5, number);
    return fault == std::errc() && end == digits.data() + 5 && number > 0;
  };
  if (!read(tail.substr(1, 5), part.number) || !read(tail.substr(10), part.count))
    return std::nullopt;
  part.set = file_name.substr(0, file_name.size() - kForm.size());
  return part;
}

std::vector<FoundModel> models_among(const ModelRoot& root, std::span<const FoundFile> files) {
  std::map<std::string, std::string> models;  // path from the root to name; ordered
  std::set<std::string_view> configured, weighed;
  for (const FoundFile& file : files) {
    const std::string_view path = file.path, base = last_part(path);
    if (base == "config.json") configured.insert(folder_of(path));
    if (base.ends_with(kWeights)) weighed.insert(folder_of(path));
    if (!lowered(base).ends_with(kGguf)) continue;
    if (lowered(base).find("mmproj") != std::string::npos) continue;  // a part of another model
    const auto part = split_part(base);
    if (part && part->number != 1) continue;
    const std::string_view stem = base.substr(0, base.size() - kGguf.size());
    models[file.path] = joined(folder_of(path), part ? std::string_view(part->set) : stem);
  }
  for (const std::string_view folder : configured) {
    if (weighed.contains(folder)) models[std::string(folder)] = folder;
  }
  std::vector<FoundModel> found;
  for (const auto& [path, plain] : models) {
    std::string name = name_in(root, plain);
    if (name.empty()) name = last_part(root.path);
    found.push_back({std::move(name), joined(root.path, path)});
  }
  return found;
}

Expected<FoundModel> choose_model(std::string_view name, std::span<const FoundModel> models) {
  const std::string asked = lowered(name);
  for (const FoundModel& model : models) {
    if (lowered(model.name) == asked) return model;
  }
  const std::function<bool(const std::string&)> readings[] = {
      [&](const std::string& known) { return last_part(known) == asked; },
      [&](const std::string& known) { return last_part(known).starts_with(asked); },
      [&](const std::string& known) { return known.find(asked) != known.npos; }};
  for (const auto& fits : readings) {
    const auto found = those_that(models, fits);
    if (found.size() == 1) return *found.front();
    if (found.empty()) continue;
    return fail(ErrorKind::refuse, "'{}' may be {}; give the whole name or a path", name,
                names_of(found));
  }
  if (models.empty()) {
    return fail(ErrorKind::refuse,
                "'{}': neither a file nor a folder, and no model was found to be called so; "
                "'pecia models' tells where they are looked for",
                name);
  }
  return fail(ErrorKind::refuse,
              "'{}': neither a file, nor a folder, nor the name of a model; the nearest names are "
              "{}; 'pecia models' lists all",
              name, nearest_names(name, models));
}

Expected<FoundModel> only_model(std::string_view folder, std::span<const FoundModel> models) {
  if (models.size() == 1) return models.front();
  if (models.empty()) {
    return fail(ErrorKind::refuse,
                "{}: no model in this folder; right is one GGUF file, one split set of them, or "
                "config.json with *.safetensors",
                folder);
  }
  std::vector<const FoundModel*> all;
  for (const FoundModel& model : models) all.push_back(&model);
  return fail(ErrorKind::refuse, "{}: {} models in this folder ({}); give the path of one", folder,
              models.size(), names_of(all));
}

bool reads_as_path(std::string_view text) {
  return text.starts_with('/') || text.starts_with('.') || text.starts_with('~') ||
         lowered(text).ends_with(kGguf);
}

}  // namespace pecia
