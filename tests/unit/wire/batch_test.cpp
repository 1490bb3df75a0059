// Several messages in one frame, and every frame that is no batch.
#include "runtime/wire/batch.hpp"

#include <cstring>
#include <random>

#include "runtime/wire/frame.hpp"
#include "tests/catch.hpp"
#include "tests/unit/wire/wire_values.hpp"

using namespace pecia::runtime;

namespace {

Bytes words(std::initializer_list<std::uint64_t> values) {
  Bytes bytes(values.size() * 8);
  std::memcpy(bytes.data(), std::data(values), bytes.size());
  return bytes;
}

bool is_batch(const Bytes& bytes) { return messages_of_batch(bytes).ok(); }

}  // namespace

TEST_CASE("messages come out of a batch as they went in") {
  pecia::test::WireValues values(3);
  for (std::size_t count : {0UL, 1UL, 2UL, 40UL}) {
    std::vector<Bytes> all;
    BatchBuilder builder;
    CHECK(builder.empty());
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(encode(values.kind<ToWorker>(i % std::variant_size_v<ToWorker>)));
      REQUIRE(builder.add(all.back()));
    }
    CHECK(builder.empty() == (count == 0));
    const Frame frame(builder.take());
    CHECK(builder.empty());
    const auto messages = messages_of_batch(frame.bytes());
    REQUIRE(messages);
    REQUIRE(messages->size() == count);
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(std::ranges::equal((*messages)[i], all[i]));
      CHECK(decode_to_worker((*messages)[i]));
    }
  }
}

TEST_CASE("a batch takes the largest message, and no more than fits into a frame") {
  const Bytes largest(kEncodedBytesMax);
  BatchBuilder builder;
  REQUIRE(builder.add(largest));
  CHECK_FALSE(builder.add(Bytes(8)));
  const Bytes bytes = builder.take();
  CHECK(bytes.size() == Frame::kBytesMax);
  CHECK(is_batch(bytes));
  for (std::size_t i = 0; i < kBatchMessagesMax; ++i) REQUIRE(builder.add({}));
  CHECK_FALSE(builder.add({}));
  CHECK(is_batch(builder.take()));
  CHECK(builder.add(Bytes(8)));  // and begins anew
}

TEST_CASE("what is no batch is refused") {
  CHECK(is_batch(words({0})));
  CHECK(is_batch(words({2, 0, 1, 77})));
  CHECK_FALSE(is_batch({}));
  CHECK_FALSE(is_batch(Bytes(7)));
  CHECK_FALSE(is_batch(words({1})));                  // and no message
  CHECK_FALSE(is_batch(words({0, 0})));               // behind the last message
  CHECK_FALSE(is_batch(words({1, 2, 77})));           // a message cut off
  CHECK_FALSE(is_batch(words({1, UINT64_MAX, 77})));  // times 8, that is -8
  CHECK_FALSE(is_batch(words({1, UINT64_MAX / 8, 77})));
  CHECK_FALSE(is_batch(words({UINT64_MAX, 0})));
  CHECK_FALSE(is_batch(words({kBatchMessagesMax + 1, 0})));
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes = words({2, 1, random() % 3, random() % 3, random() % 3});
    bytes.resize(random() % (bytes.size() + 1));
    const auto messages = messages_of_batch(bytes);
    if (!messages) continue;
    std::size_t total = 8;
    for (const auto message : *messages) total += 8 + message.size();
    CHECK(total == bytes.size());
  }
}
