#include "runtime/wire/frame.hpp"

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <random>

#include "runtime/wire/codec.hpp"
#include "tests/catch.hpp"
#include "tests/unit/wire/allocation_watch.hpp"

using pecia::runtime::Frame;
using namespace std::chrono_literals;

namespace {

Frame frame_of(std::size_t words) {
  std::vector<std::byte> bytes(words * Frame::kWordBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 31);
  return Frame(std::move(bytes));
}

std::vector<char> written(caf::actor_system& system, const Frame& frame) {
  std::vector<char> bytes;
  caf::binary_serializer sink(system, bytes);
  REQUIRE_FALSE(sink(frame));
  return bytes;
}

std::vector<char> claiming(std::uint32_t words, std::size_t bytes_behind) {
  std::vector<char> bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(words >> shift));
  bytes.resize(bytes.size() + bytes_behind);
  return bytes;
}

struct ActorConfig : caf::actor_system_config {
  ActorConfig() {
    add_message_type<Frame>("Frame");
    set("scheduler.max-threads", 2);
  }
};

struct Actors {
  ActorConfig config;
  caf::actor_system system{config};
};

}  // namespace

TEST_CASE("a frame of 64 MiB crosses actors of one process without a copy") {
  Actors actors;
  const Frame frame = frame_of(Frame::kBytesMax / Frame::kWordBytes);
  const std::byte* const bytes = frame.bytes().data();
  const caf::actor last = actors.system.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const Frame& got) { return got; }};
  });
  const caf::actor middle = actors.system.spawn([last](caf::event_based_actor* self) {
    return caf::behavior{[self, last](Frame got) { return self->delegate(last, std::move(got)); }};
  });
  caf::scoped_actor self(actors.system);
  self->send(middle, frame);
  self->receive([&](const Frame& got) { CHECK(got.bytes().data() == bytes); });
  self->request(middle, 60s, frame)
      .receive([&](const Frame& got) { CHECK(got.bytes().data() == bytes); },
               [&](const caf::error& error) { FAIL(actors.system.render(error)); });
}

TEST_CASE("encoded bytes become a frame and are decoded where they lie") {
  const pecia::runtime::ToWorker message = pecia::runtime::Drain{3, 500};
  pecia::runtime::Bytes bytes = pecia::runtime::encode(message);
  const std::byte* const first = bytes.data();
  const Frame frame(std::move(bytes));
  CHECK(frame.bytes().data() == first);
  CHECK(*pecia::runtime::decode_to_worker(frame.bytes()) == message);
}

TEST_CASE("a frame comes back from a stream word-aligned and equal") {
  Actors actors;
  for (const std::size_t words : {0, 1, 2, 1'000}) {
    const Frame frame = frame_of(words);
    const auto bytes = written(actors.system, frame);
    CHECK(bytes.size() == 4 + 8 * words);
    caf::binary_deserializer source(actors.system, bytes);
    Frame back = frame_of(3);
    REQUIRE_FALSE(source(back));
    CHECK(back == frame);
    CHECK(back.bytes().size() == 8 * words);
    CHECK(reinterpret_cast<std::uintptr_t>(back.bytes().data()) % Frame::kWordBytes == 0);
    CHECK(source.remaining() == 0);
  }
}

TEST_CASE("a frame that claims more than is there, or than is allowed, takes no memory") {
  Actors actors;
  const auto most = static_cast<std::uint32_t>(Frame::kBytesMax / Frame::kWordBytes);
  for (const std::uint32_t words : {UINT32_MAX, most + 1, most, std::uint32_t{3}}) {
    const auto bytes = claiming(words, 16);
    caf::binary_deserializer source(actors.system, bytes);
    Frame frame = frame_of(1);
    pecia::test::largest_allocation();
    const caf::error error = source(frame);
    CHECK(pecia::test::largest_allocation() < 1'000);
    CHECK(error == (words > most ? caf::sec::invalid_argument : caf::sec::end_of_stream));
    CHECK(frame == frame_of(1));
  }
}

TEST_CASE("a frame cut short or made of chance is an error, or a frame of what is there") {
  Actors actors;
  const auto whole = written(actors.system, frame_of(4));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    caf::binary_deserializer source(actors.system, whole.data(), length);
    Frame frame;
    CHECK(source(frame));
  }
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    std::vector<char> bytes(random() % 64);
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (bytes.size() >= 4 && i % 2 == 0) bytes[0] = bytes[1] = bytes[2] = 0;
    caf::binary_deserializer source(actors.system, bytes);
    Frame frame;
    pecia::test::largest_allocation();
    if (!source(frame)) CHECK(frame.bytes().size() <= bytes.size());
    REQUIRE(pecia::test::largest_allocation() < 1'000);
  }
}

TEST_CASE("a frame in a message prints its size, not its bytes") {
  CHECK(to_string(frame_of(512)) == "frame(4096 bytes)");
  CHECK(caf::deep_to_string(caf::make_message(frame_of(512))).find("frame(4096 bytes)") !=
        std::string::npos);
}
