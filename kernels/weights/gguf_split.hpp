#pragma once
// A model in several GGUF files, `name-00001-of-00003.gguf` and so on, as llama.cpp's gguf-split
// writes it: each says its place (split.no from 0, split.count, split.tensors.count), the first
// holds the metadata, each its own tensors.
// Every fault is an Error (kind refuse) of one line that names the part.

#include <memory>
#include <string>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

struct ModelContent;

inline constexpr std::uint64_t kSplitPartsMax = 512;  // each holds a file descriptor

inline constexpr const char* kSplitNumberKey = "split.no";
inline constexpr const char* kSplitCountKey = "split.count";
inline constexpr const char* kSplitTensorsKey = "split.tensors.count";

// The file's name with another part's number: ("m-00001-of-00002.gguf", 1) -> its second part;
// empty where the name is none of a part of `count`.
std::string split_part_name(const std::string& path, std::uint64_t number, std::uint64_t count);

// The whole model where `part` is a part of one, else `part` itself.
Expected<std::shared_ptr<ModelContent>> join_parts(std::shared_ptr<ModelContent> part);

}  // namespace pecia::kernels
