#pragma once
// The config file, TOML: the one place that knows toml++. Strict and bounded: a table or key that
// is not in fields(), a value of another type or out of its range, and a key given twice are
// refused with their place. Thread rule: pure function of its arguments.

#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"
#include "runtime/config/layers.hpp"

namespace pecia::runtime {

inline constexpr std::size_t kConfigBytesMax = 64 * 1024;
// Of dots, which is how deep tables can nest: toml++ 3.3 takes a frame of the stack for each.
inline constexpr std::size_t kConfigDotsMax = 2'048;

// Takes what `text` sets; `name` is the file's in messages. After an error `config` may hold a
// part.
kernels::Status read_toml(std::string_view text, const std::string& name, LayeredConfig& config);

}  // namespace pecia::runtime
