#pragma once
// How a journal turns records into bytes and back. A journal keeps bytes; what they say is the
// schema's business (runtime/wire/codec.hpp).
// Thread rule: both are called on any thread, one call at a time; pure functions are meant.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/wire/records.hpp"

namespace pecia::runtime {

struct RecordCodec {
  std::function<std::vector<std::byte>(const Record&)> encode;
  std::function<kernels::Expected<Record>(std::span<const std::byte>)> decode;
};

}  // namespace pecia::runtime
