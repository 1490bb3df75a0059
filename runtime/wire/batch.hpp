#pragma once
// Several encoded messages in one frame, for what one actor has to say to another at one moment:
// sixteen slices that offer their tokens together cost one message on the way there, and one back.
//
// Bytes are words of 8: a count, then for each message its count of words and the words. Integers
// are little-endian. Reading is strict and bounded: every word belongs to a message.
// Thread rule: values, pure functions.

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::runtime {

inline constexpr std::size_t kBatchMessagesMax = 4'096;

class BatchBuilder {
 public:
  bool empty() const { return messages_ == 0; }
  // What an encode() gave. False, and nothing is changed, where the batch would have more messages
  // or bytes than a frame takes: then it is time to take() it. An empty one takes any message.
  bool add(std::span<const std::byte> message);
  // The frame's bytes; the builder is empty then.
  Bytes take();

 private:
  Bytes bytes_;
  std::size_t messages_ = 0;
};

// The messages of a batch, in order, where they lie. An Error of kind refuse where that is none.
kernels::Expected<std::vector<std::span<const std::byte>>> messages_of_batch(
    std::span<const std::byte> bytes);

}  // namespace pecia::runtime
