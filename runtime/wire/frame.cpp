#include "runtime/wire/frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <caf/binary_deserializer.hpp>
#include <caf/deserializer.hpp>
#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <caf/serializer.hpp>
#include <cassert>
#include <cstdint>
#include <new>
#include <utility>

#include "runtime/wire/limits.hpp"

namespace pecia::runtime {

static_assert(Frame::kBytesMax >= kEncodedBytesMax);

namespace {

// Not zeroed, for all of it is read into. Null where there is no memory.
std::shared_ptr<std::byte> fresh_words(std::size_t words) try {
  const auto memory = std::make_shared_for_overwrite<std::uint64_t[]>(words);
  return {memory, reinterpret_cast<std::byte*>(memory.get())};
} catch (const std::bad_alloc&) {
  return nullptr;
}

}  // namespace

Frame::Frame(std::vector<std::byte> bytes) : size_(bytes.size()) {
  assert(size_ % kWordBytes == 0 && size_ <= kBytesMax);
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  first_ = {owner, owner->data()};
  assert(reinterpret_cast<std::uintptr_t>(first_.get()) % kWordBytes == 0);
}

bool Frame::operator==(const Frame& other) const {
  const auto mine = bytes(), theirs = other.bytes();
  return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end());
}

caf::error inspect(caf::serializer& sink, Frame& frame) {
  auto words = static_cast<std::uint32_t>(frame.size_ / Frame::kWordBytes);
  if (auto error = sink(words)) return error;
  if (words == 0) return {};
  // Only read from: the interface serves both directions.
  return sink.apply_raw(frame.size_, const_cast<std::byte*>(frame.first_.get()));
}

caf::error inspect(caf::deserializer& source, Frame& frame) {
  std::uint32_t words = 0;
  if (auto error = source(words)) return error;
  const std::size_t size = std::size_t{words} * Frame::kWordBytes;
  if (size > Frame::kBytesMax) return caf::sec::invalid_argument;
  // A source that cannot say how much is left could make us allocate for nothing.
  const auto* binary = dynamic_cast<caf::binary_deserializer*>(&source);
  if (binary == nullptr || size > binary->remaining()) return caf::sec::end_of_stream;
  Frame read;
  if (words > 0) {
    const std::shared_ptr<std::byte> first = fresh_words(words);
    if (first == nullptr) return caf::sec::runtime_error;
    if (auto error = source.apply_raw(size, first.get())) return error;
    read.first_ = first;
    read.size_ = size;
  }
  frame = std::move(read);
  return {};
}

std::string to_string(const Frame& frame) { return fmt::format("frame({} bytes)", frame.size_); }

}  // namespace pecia::runtime
