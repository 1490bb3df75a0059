#include "kernels/weights/gguf_split.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/weights/model_content.hpp"

namespace pecia::kernels {
namespace {

using Part = std::shared_ptr<ModelContent>;

constexpr std::string_view kSplitPrefix = "split.";

struct Place {
  std::uint64_t number = 0;  // from 0
  std::uint64_t count = 1;
  std::uint64_t tensors = 0;  // of all parts

  bool operator==(const Place&) const = default;
};

std::string name_end(std::uint64_t number, std::uint64_t count) {
  return fmt::format("-{:05}-of-{:05}.gguf", number + 1, count);
}

// What a file without the keys says is that it is the only one.
Expected<Place> place_of(const Part& part) {
  const ModelFile file = ModelFile::of(part);
  Place place;
  for (const auto& [key, into] :
       {std::pair{kSplitNumberKey, &place.number}, std::pair{kSplitCountKey, &place.count},
        std::pair{kSplitTensorsKey, &place.tensors}}) {
    const auto value = file.find_unsigned(key);
    if (!value) return value.error();
    if (*value) *into = **value;
  }
  if (place.count <= kSplitPartsMax && place.number < std::max<std::uint64_t>(place.count, 1)) {
    return place;
  }
  return fail(ErrorKind::refuse, "{}: says it is part {} of {}, at most {} parts are supported",
              file.path(), place.number + 1, place.count, kSplitPartsMax);
}

// The part with this number, which says so itself.
Expected<Part> read_part(const Part& named, Place expected) {
  const std::string path = split_part_name(named->path, expected.number, expected.count);
  auto part = read_gguf(path);
  if (!part) {
    return fail(part.error().kind, "{}; it is part {} of {} of {}", part.error().message,
                expected.number + 1, expected.count, named->path);
  }
  const auto place = place_of(*part);
  if (!place) return place.error();
  if (*place == expected) return part;
  return fail(ErrorKind::refuse,
              "{}: says it is part {} of {} with {} tensors in all, expected part {} of {} with {}",
              path, place->number + 1, place->count, place->tensors, expected.number + 1,
              expected.count, expected.tensors);
}

// A later part may repeat metadata of the first, but not say otherwise.
Status check_metadata(const Part& first, const Part& later) {
  for (std::size_t i = 0; i < later->metadata.size(); ++i) {
    const std::string_view key = later->metadata[i].first;
    if (key.starts_with(kSplitPrefix)) continue;
    const auto same = index_of(key, first->metadata, first->metadata_by_name,
                               [](const auto& entry) { return entry.first; });
    if (same && std::ranges::equal(first->records[*same], later->records[i])) continue;
    return fail(ErrorKind::refuse, "{}: metadata '{}' is not what {} says", later->path,
                quoted(key), first->path);
  }
  return {};
}

void take_metadata(ModelContent& whole, ModelContent& first) {
  whole.version = first.version;
  for (std::size_t i = 0; i < first.metadata.size(); ++i) {
    if (first.metadata[i].first.starts_with(kSplitPrefix)) continue;
    whole.metadata.push_back(std::move(first.metadata[i]));
    whole.records.push_back(first.records[i]);
  }
  index_by_name(whole.metadata, whole.metadata_by_name,
                [](const auto& entry) { return entry.first; });
}

Expected<Part> join(const std::string& path, std::vector<Part> parts, Place place) {
  auto whole = std::make_shared<ModelContent>();
  whole->path = path;
  whole->parts = parts.size();
  for (const Part& part : parts) {
    whole->file_bytes += part->file_bytes;
    std::ranges::move(part->maps, std::back_inserter(whole->maps));
    std::ranges::move(part->tensors, std::back_inserter(whole->tensors));
  }
  take_metadata(*whole, *parts[0]);
  if (whole->tensors.size() != place.tensors) {
    return fail(ErrorKind::refuse, "{}: its {} parts hold {} tensors, metadata '{}' says {}", path,
                parts.size(), whole->tensors.size(), kSplitTensorsKey, place.tensors);
  }
  const auto twin = index_by_name(whole->tensors, whole->tensors_by_name,
                                  [](const Tensor& tensor) { return tensor.name; });
  if (!twin) return whole;
  return fail(ErrorKind::refuse, "{}: tensor '{}' stands in two parts", path,
              quoted(whole->tensors[*twin].name));
}

}  // namespace

std::string split_part_name(const std::string& path, std::uint64_t number, std::uint64_t count) {
  const std::size_t end_bytes = name_end(0, count).size();
  if (path.size() < end_bytes) return {};
  for (std::uint64_t own = 0; own < count; ++own) {
    if (!path.ends_with(name_end(own, count))) continue;
    return path.substr(0, path.size() - end_bytes) + name_end(number, count);
  }
  return {};
}

Expected<std::shared_ptr<ModelContent>> join_parts(std::shared_ptr<ModelContent> part) {
  const auto own = place_of(part);
  if (!own) return own.error();
  if (own->count <= 1) return part;
  if (split_part_name(part->path, own->number, own->count) != part->path) {
    return fail(ErrorKind::refuse,
                "{}: holds part {} of {} of a model, but its name does not end in '{}', so the "
                "other parts cannot be found",
                part->path, own->number + 1, own->count, name_end(own->number, own->count));
  }
  std::vector<Part> parts;
  for (std::uint64_t number = 0; number < own->count; ++number) {
    auto next = number == own->number ? Expected<Part>(part)
                                      : read_part(part, {number, own->count, own->tensors});
    if (!next) return next.error();
    parts.push_back(std::move(next).value());
    if (const Status same = check_metadata(parts[0], parts.back()); !same) return same.error();
  }
  const std::string path = part->path;
  return join(path, std::move(parts), *own);
}

}  // namespace pecia::kernels
