#pragma once
// The one payload between actors: immutable words, shared by all who hold the Frame. Sending one
// inside a process copies nothing, at any size; on a socket it is a count of words and the words.
//
//   self->send(worker, TellAtom::value, Frame(batch.take()));   what was written is what is kept
//   messages_of_batch(frame.bytes())                            read where it lies
//
// Names CAF's types without their headers, so that whoever only passes frames on sees none of it.
// An actor system that sends them over a link registers the type: add_message_type<Frame>("Frame").
// Thread rule: a value; its bytes never change.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace caf {
class deserializer;
class error;
class serializer;
}  // namespace caf

namespace pecia::runtime {

class Frame {
 public:
  static constexpr std::size_t kWordBytes = 8;
  // The largest message, and what a batch adds to it.
  static constexpr std::size_t kBytesMax = 64 * 1024 * 1024 + 2 * kWordBytes;

  Frame() = default;  // no bytes
  // Takes the bytes over. REQUIRES whole words, kBytesMax at most.
  explicit Frame(std::vector<std::byte> bytes);

  // Begins on a word.
  std::span<const std::byte> bytes() const { return {first_.get(), size_}; }

  bool operator==(const Frame& other) const;  // of the bytes

  // Never throws; an Error of CAF where the count is beyond kBytesMax or beyond what is there.
  friend caf::error inspect(caf::serializer& sink, Frame& frame);
  friend caf::error inspect(caf::deserializer& source, Frame& frame);
  friend std::string to_string(const Frame& frame);  // "frame(4096 bytes)"

 private:
  std::shared_ptr<const std::byte> first_;
  std::size_t size_ = 0;
};

}  // namespace pecia::runtime
