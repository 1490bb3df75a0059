// What of a peer's bytes reaches our own actor system.

#include "runtime/gate/basp_filter_core.hpp"

#include "tests/catch.hpp"

using namespace pecia::runtime;
using pecia::kernels::Status;

namespace {

using Frame = std::vector<std::byte>;

void add_big(Frame& frame, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) {
    frame.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xFF));
  }
}
void add_text(Frame& frame, std::string_view text) {  // shorter than 128
  frame.push_back(static_cast<std::byte>(text.size()));
  for (const char c : text) frame.push_back(static_cast<std::byte>(c));
}

struct Wire {
  std::uint8_t operation = 2;
  std::uint8_t flags = 0;
  Frame payload = {};
  std::uint64_t data = 0;
  std::uint16_t padding = 0;
  std::int64_t payload_bytes = -1;  // what the header says; -1: the truth

  Frame frame() const {
    Frame all{std::byte{operation}};
    add_big(all, padding, 2);
    all.push_back(std::byte{flags});
    add_big(all, payload_bytes < 0 ? payload.size() : static_cast<std::uint64_t>(payload_bytes), 4);
    add_big(all, data, 8);
    add_big(all, 6, 8);
    add_big(all, 7, 8);
    all.insert(all.end(), payload.begin(), payload.end());
    return all;
  }
};

Frame node(int who) {
  Frame bytes;
  add_big(bytes, 0x00003e9aab9bac79, 8);
  add_big(bytes, 0x00004df1, 4);
  for (int i = 0; i < 20; ++i) bytes.push_back(static_cast<std::byte>(who + i));
  return bytes;
}
Frame operator+(Frame a, const Frame& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// A message's types, behind the empty list of actors to forward to.
Frame typed(std::string_view token) {
  Frame bytes{std::byte{0}};
  add_big(bytes, 0, 2);
  add_text(bytes, token);
  return bytes;
}
Frame error_of(std::string_view context, std::string_view text = {}) {
  Frame bytes{std::byte{1}};
  add_big(bytes, 0x000000fe3ee39ab2, 8);
  add_big(bytes, 0, 2);
  add_text(bytes, context);
  if (!text.empty()) add_text(bytes, text);
  return bytes;
}

const Frame kClient = Wire{1, 0, node(1)}.frame();
const Frame kServer = Wire{0, 0, node(1) + Frame(26), 3}.frame();

struct Rig {
  explicit Rig(bool is_from_dialler, std::vector<std::string> types = {})
      : filter({is_from_dialler, 1'000'000, std::move(types)}) {}

  // In one go, or in pieces of `piece` bytes.
  Status take(const Frame& bytes, std::size_t piece = 1'000'000) {
    for (auto rest = std::span<const std::byte>(bytes); !rest.empty();) {
      std::vector<BaspFilterCore::Bytes> ranges;
      const auto now = rest.first(std::min(piece, rest.size()));
      if (const Status status = filter.take(now, ranges); !status) return status;
      for (const auto range : ranges) passed.insert(passed.end(), range.begin(), range.end());
      rest = rest.subspan(now.size());
    }
    return {};
  }

  BaspFilterCore filter;
  Frame passed;
};

bool passes(Rig& rig, const Frame& frame) {
  const std::size_t before = rig.passed.size();
  const Status status = rig.take(frame);
  REQUIRE(status.ok());
  const bool is_whole = rig.passed.size() == before + frame.size();
  CHECK((is_whole || rig.passed.size() == before));
  return is_whole;
}

bool closes(const Frame& frame, bool is_from_dialler = true) {
  Rig rig(is_from_dialler);
  REQUIRE(rig.take(is_from_dialler ? kClient : kServer).ok());
  const std::size_t before = rig.passed.size();
  const Status status = rig.take(frame);
  if (!status) CHECK(rig.passed.size() == before);
  return !status.ok();
}

}  // namespace

TEST_CASE("what is right passes bit for bit, however it is cut") {
  Frame all = kClient + Wire{1, 2, node(1)}.frame();
  for (std::size_t i = 0; i < 50; ++i) {
    all = all + Wire{2, 0, typed("@<>+@i32") + Frame(i * i)}.frame();
    all = all + Wire{4, 0, node(1) + node(2)}.frame() + Wire{6}.frame();
  }
  all = all + Wire{5, 0, node(1) + node(2) + error_of("@<>+@str", "why")}.frame();
  for (const std::size_t piece : {1UL, 3UL, 31UL, 32UL, 33UL, 100UL, 1'000UL, 1'000'000UL}) {
    for (const auto& types : {std::vector<std::string>{}, {"@<>+@i32"}}) {
      Rig rig(true, types);
      REQUIRE(rig.take(all, piece).ok());
      CHECK(rig.passed == all);
      CHECK(rig.filter.counts().passed == 153);
      CHECK(rig.filter.counts().dropped() == 0);
    }
  }
}

TEST_CASE("the first frame is the other side's handshake, of one node, as often as is right") {
  CHECK_FALSE(Rig(true).take(kServer).ok());
  CHECK_FALSE(Rig(false).take(kClient).ok());
  CHECK_FALSE(Rig(true).take(Wire{6}.frame()).ok());
  CHECK_FALSE(Rig(false).take(Wire{2, 0, typed("@<>")}.frame()).ok());
  CHECK(Rig(false).take(kServer).ok());
  CHECK_FALSE(Rig(false).take(Wire{0, 0, node(1) + Frame(26), 2}.frame()).ok());  // version
  CHECK(closes(kServer, false));
  CHECK_FALSE(closes(Wire{1, 2, node(1)}.frame()));
  CHECK(closes(Wire{1, 2, node(2)}.frame()));
  Rig rig(true);
  REQUIRE(rig.take(kClient + kClient).ok());
  CHECK_FALSE(rig.take(kClient).ok());
}

TEST_CASE("the 32 bytes that crash CAF, and every other length that is not right, close the link") {
  // A handshake without payload: a null pointer is read.
  CHECK_FALSE(Rig(true).take(Wire{1}.frame()).ok());
  CHECK_FALSE(Rig(false).take(Wire{0, 0, {}, 3}.frame()).ok());
  // 4 GiB of payload, announced.
  for (const std::uint8_t operation : {std::uint8_t{2}, std::uint8_t{3}}) {
    CHECK(closes(Wire{operation, 0, {}, 0, 0, 0xFFFFFFFF}.frame()));
    CHECK(closes(Wire{operation, 0, {}, 0, 0, 1'000'001}.frame()));
    CHECK_FALSE(closes(Wire{operation, 0, {}, 0, 0, 1'000'000}.frame()));
    CHECK(closes(Wire{operation}.frame()));
  }
  CHECK(closes(Wire{4, 0, node(1)}.frame()));
  CHECK(closes(Wire{4, 0, node(1) + node(2) + Frame(1)}.frame()));
  CHECK(closes(Wire{5, 0, {}, 0, 0, 5'000}.frame()));
  CHECK(closes(Wire{6, 0, Frame(1)}.frame()));
}

TEST_CASE("operations, padding and flags that do not exist close the link") {
  CHECK(closes(Wire{7}.frame()));
  CHECK(closes(Wire{255}.frame()));
  CHECK(closes(Wire{.operation = 6, .padding = 0x0100}.frame()));
  CHECK(closes(Wire{.operation = 6, .padding = 0x0001}.frame()));
  CHECK(closes(Wire{.operation = 2, .flags = 2, .payload = typed("@<>")}.frame()));
  CHECK(closes(Wire{.operation = 6, .flags = 1}.frame()));
}

TEST_CASE("a peer speaks for itself only: routed and named messages are dropped whole") {
  Rig rig(true);
  REQUIRE(rig.take(kClient).ok());
  CHECK_FALSE(passes(rig, Wire{3, 0, Frame(500)}.frame()));
  CHECK_FALSE(passes(rig, Wire{2, 1, Frame(500)}.frame()));
  CHECK(passes(rig, Wire{6}.frame()));
  CHECK(rig.filter.counts().routed == 1);
  CHECK(rig.filter.counts().named == 1);
}

TEST_CASE("monitor and down frames about another sender are dropped, and downs that nest") {
  Rig rig(true);
  REQUIRE(rig.take(kClient).ok());
  CHECK(passes(rig, Wire{4, 0, node(1) + node(2)}.frame()));
  CHECK_FALSE(passes(rig, Wire{4, 0, node(3) + node(2)}.frame()));
  const auto down = [](int who, const Frame& error) {
    return Wire{5, 0, node(who) + node(2) + error}.frame();
  };
  CHECK(passes(rig, down(1, error_of("@<>"))));
  CHECK(passes(rig, down(1, error_of("@<>+@str", "my context"))));
  CHECK_FALSE(passes(rig, down(3, error_of("@<>"))));
  CHECK_FALSE(passes(rig, down(1, error_of("@<>") + Frame(1))));
  CHECK_FALSE(passes(rig, down(1, error_of("@<>+@message", "x"))));
  CHECK_FALSE(passes(rig, down(1, error_of("@<>+@charbuf", "x"))));
  CHECK_FALSE(passes(rig, down(1, {})));
  CHECK(rig.filter.counts().foreign == 6);
}

TEST_CASE("where types are listed, nothing that is not can be deserialised") {
  Rig rig(true, {"@<>+@atom+Frame", "@<>+@error"});
  REQUIRE(rig.take(kClient).ok());
  const auto message = [](const Frame& payload) { return Wire{2, 0, payload}.frame(); };
  CHECK(passes(rig, message(typed("@<>+@atom+Frame") + Frame(1'000))));
  CHECK(passes(rig, message(typed("@<>+@error") + error_of("@<>"))));
  CHECK(passes(rig, message(typed("@<>+@error") + error_of("@<>+@str", "why"))));
  // The bombs of an admitted peer.
  CHECK_FALSE(passes(rig, message(typed("@<>+@message") + Frame(100'000))));
  CHECK_FALSE(passes(rig, message(typed("@<>+@charbuf") + Frame(8))));
  CHECK_FALSE(passes(rig, message(typed("@<>+@error") + error_of("@<>+@message", "x"))));
  CHECK_FALSE(passes(rig, message(typed("@<>+@error") + error_of("@<>+@str", "why") + Frame(1))));
  CHECK_FALSE(passes(rig, message(typed("@<>+@atom"))));
  CHECK_FALSE(passes(rig, message(typed("@<>+@atom+Frame+@i32"))));
  // Actors to forward to, a type by number, a token that is cut off, nothing.
  Frame forwarding = typed("@<>+@atom+Frame");
  forwarding[0] = std::byte{1};
  CHECK_FALSE(passes(rig, message(forwarding)));
  Frame numbered = typed("@<>+@atom+Frame");
  numbered[2] = std::byte{5};
  CHECK_FALSE(passes(rig, message(numbered)));
  Frame cut = typed("@<>+@atom+Frame");
  cut.pop_back();
  CHECK_FALSE(passes(rig, message(cut)));
  CHECK_FALSE(passes(rig, message(Frame(1))));
  Frame endless{std::byte{0}, std::byte{0}, std::byte{0}};
  endless.resize(13, std::byte{0xFF});
  CHECK_FALSE(passes(rig, message(endless)));
  CHECK(rig.filter.counts().types == 11);
}

TEST_CASE("a dropped frame of any size keeps nothing and spoils nothing that follows") {
  Rig rig(true, {"@<>+@i32"});
  Frame all = kClient;
  const Frame good = Wire{2, 0, typed("@<>+@i32") + Frame(4)}.frame();
  for (const std::size_t size : {1UL, 700UL, 100'000UL}) {
    all = all + Wire{2, 0, Frame(size)}.frame() + good + Wire{3, 0, Frame(size)}.frame() + good;
  }
  for (const std::size_t piece : {1UL, 40UL, 4'096UL}) {
    Rig cut(true, {"@<>+@i32"});
    REQUIRE(cut.take(all, piece).ok());
    CHECK(cut.passed.size() == kClient.size() + 6 * good.size());
  }
}
