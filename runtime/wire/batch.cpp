#include "runtime/wire/batch.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

#include "runtime/wire/frame.hpp"
#include "runtime/wire/little_endian.hpp"

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

constexpr std::size_t kWord = Frame::kWordBytes;
using Count = std::uint64_t;
static_assert(sizeof(Count) == kWord);
static_assert(kEncodedBytesMax + 2 * kWord <= Frame::kBytesMax, "one message always fits");

// nullopt behind the end.
std::optional<Count> take_count(std::span<const std::byte>& bytes) {
  if (bytes.size() < kWord) return std::nullopt;
  const auto count = load_little<Count>(bytes.data());
  bytes = bytes.subspan(kWord);
  return count;
}

}  // namespace

bool BatchBuilder::add(std::span<const std::byte> message) {
  assert(message.size() % kWord == 0);
  if (bytes_.empty()) bytes_.resize(kWord);
  const std::size_t begin = bytes_.size();
  if (messages_ == kBatchMessagesMax) return false;
  if (begin + kWord + message.size() > Frame::kBytesMax) return false;
  bytes_.resize(begin + kWord);
  store_little<Count>(message.size() / kWord, bytes_.data() + begin);
  bytes_.insert(bytes_.end(), message.begin(), message.end());
  ++messages_;
  return true;
}

Bytes BatchBuilder::take() {
  bytes_.resize(std::max(bytes_.size(), kWord));
  store_little<Count>(std::exchange(messages_, 0), bytes_.data());
  return std::exchange(bytes_, {});
}

Expected<std::vector<std::span<const std::byte>>> messages_of_batch(
    std::span<const std::byte> bytes) {
  const auto count = take_count(bytes);
  if (!count || *count > kBatchMessagesMax || *count > bytes.size() / kWord) {
    return fail(ErrorKind::refuse, "a batch of {} messages in {} bytes", count.value_or(0),
                bytes.size());
  }
  std::vector<std::span<const std::byte>> messages;
  messages.reserve(*count);
  for (Count i = 0; i < *count; ++i) {
    const auto words = take_count(bytes);
    if (!words || *words > bytes.size() / kWord) {
      return fail(ErrorKind::refuse, "message {} of a batch ends behind the batch", i);
    }
    messages.push_back(bytes.first(*words * kWord));
    bytes = bytes.subspan(*words * kWord);
  }
  if (!bytes.empty()) {
    return fail(ErrorKind::refuse, "{} bytes behind the last message of a batch", bytes.size());
  }
  return messages;
}

}  // namespace pecia::runtime
