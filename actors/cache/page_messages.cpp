#include "actors/cache/page_messages.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace pecia::actors {

namespace {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

constexpr std::uint16_t kHeld = 0, kWanted = 1, kGiven = 2, kEnd = 3;  // as in the variant

class Writer {
 public:
  void number(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void flag(bool value) { bytes_.push_back(std::byte{value}); }
  void id(const Id& id) { raw(std::as_bytes(std::span(id))); }
  void raw(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void ids(const std::vector<Id>& ids) {
    assert(ids.size() <= kPageNamesMax);
    for (const Id& each : ids) id(each);
  }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  SharedBytes finish() { return std::make_shared<const std::vector<std::byte>>(std::move(bytes_)); }

 private:
  std::vector<std::byte> bytes_;
};

// Takes from the front; ok() turns false for good where there is too little.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}

  bool ok() const { return ok_; }
  bool done() const { return ok_ && left_.empty(); }
  std::span<const std::byte> rest() { return take(left_.size()); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    int shift = 0;
    for (const std::byte byte : take(8)) {
      value |= std::to_integer<std::uint64_t>(byte) << shift;
      shift += 8;
    }
    return value;
  }
  bool flag() {
    const auto byte = take(1);
    if (!byte.empty() && byte[0] > std::byte{1}) ok_ = false;
    return ok_ && byte[0] == std::byte{1};
  }
  Id id() {
    Id id{};
    const auto bytes = take(id.size());
    if (!bytes.empty()) std::memcpy(id.data(), bytes.data(), id.size());
    return id;
  }
  std::vector<Id> ids() {
    std::vector<Id> ids;
    const std::size_t count = left_.size() / sizeof(Id);
    if (left_.size() % sizeof(Id) != 0 || count > kPageNamesMax) ok_ = false;
    if (!ok_) return ids;
    ids.reserve(count);
    while (!left_.empty()) ids.push_back(id());
    return ids;
  }

 private:
  std::span<const std::byte> take(std::size_t count) {
    if (!ok_ || left_.size() < count) {
      ok_ = false;
      return {};
    }
    const auto taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }

  std::span<const std::byte> left_;
  bool ok_ = true;
};

void put(Writer& out, const PagesHeld& m) { out.ids(m.names); }
void put(Writer& out, const PagesWanted& m) {
  out.number(m.request);
  out.flag(m.arbitrate);
  out.ids(m.names);
}
void put(Writer& out, const PageGiven& m) {
  out.reserve(64 + m.page.bytes->size());
  out.number(m.request);
  out.id(m.page.name);
  out.flag(m.page.parent.has_value());
  out.id(m.page.parent.value_or(Id{}));
  out.raw(*m.page.bytes);
}
void put(Writer& out, const PagesEnd& m) { out.number(m.request); }

PageGiven read_given(Reader& in) {
  PageGiven given{in.number(), {in.id(), std::nullopt, nullptr}};
  const bool has_parent = in.flag();
  const Id parent = in.id();
  if (has_parent) given.page.parent = parent;
  const auto bytes = in.rest();
  given.page.bytes = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  return given;
}

}  // namespace

PagePacket encode(const PageMessage& message) {
  Writer out;
  std::visit([&](const auto& each) { put(out, each); }, message);
  return {static_cast<std::uint16_t>(message.index()), out.finish()};
}

Expected<PageMessage> decode_page_message(std::uint16_t kind, std::span<const std::byte> bytes) {
  Reader in(bytes);
  PageMessage message;
  switch (kind) {
    case kHeld:
      message = PagesHeld{in.ids()};
      break;
    case kWanted: {
      PagesWanted wanted{in.number(), in.flag(), {}};
      wanted.names = in.ids();
      message = std::move(wanted);
      break;
    }
    case kGiven:
      message = read_given(in);
      break;
    case kEnd:
      message = PagesEnd{in.number()};
      break;
    default:
      return fail(ErrorKind::refuse, "a message of caches: {} is no kind of it", kind);
  }
  if (!in.done()) {
    return fail(ErrorKind::refuse, "a message of caches of kind {}: {} bytes are not one", kind,
                bytes.size());
  }
  return message;
}

}  // namespace pecia::actors
