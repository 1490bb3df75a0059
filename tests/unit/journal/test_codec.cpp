#include "tests/unit/journal/test_codec.hpp"

#include <cstring>
#include <utility>

namespace pecia::runtime::test {

namespace {

using Bytes = std::vector<std::byte>;

class Writer {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void field(const T& value) {
    const auto* begin = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof value);
  }
  void field(const Id& id) {
    for (const std::uint8_t byte : id) field(byte);
  }
  template <class Sequence>
  requires requires(const Sequence& s) {
    s.push_back(s.front()), s.size();
  } || requires(Sequence s) {
    s.resize(1);
  }
  void field(const Sequence& sequence) {
    field(static_cast<std::uint32_t>(sequence.size()));
    for (const auto& one : sequence) field(one);
  }
  void field(const PlannedStep& step) {
    field(step.path), field(step.inputs), field(step.prompt), field(step.tokens_max);
  }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void field(T& value) {
    if (bytes_.size() < sizeof value) {
      short_ = true;
      return;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_ = bytes_.subspan(sizeof value);
  }
  void field(Id& id) {
    for (std::uint8_t& byte : id) field(byte);
  }
  template <class Sequence>
  requires requires(Sequence s) { s.resize(1); }
  void field(Sequence& sequence) {
    std::uint32_t size = 0;
    field(size);
    if (size > bytes_.size()) {
      short_ = true;
      return;
    }
    sequence.resize(size);
    for (auto& one : sequence) field(one);
  }
  void field(PlannedStep& step) {
    field(step.path), field(step.inputs), field(step.prompt), field(step.tokens_max);
  }
  bool ok() const { return !short_ && bytes_.empty(); }

 private:
  std::span<const std::byte> bytes_;
  bool short_ = false;
};

// One list of fields for both directions.
template <class Visitor, class One>
void fields(Visitor& v, One& r) {
  using T = std::remove_const_t<One>;
  if constexpr (std::is_same_v<T, TermRecord>) {
    v.field(r.term), v.field(r.boot), v.field(r.unix_ms);
  } else if constexpr (std::is_same_v<T, OpenedRecord>) {
    v.field(r.job), v.field(r.spec), v.field(r.seed), v.field(r.model), v.field(r.numerics);
    v.field(r.unix_ms);
  } else if constexpr (std::is_same_v<T, PlannedRecord>) {
    v.field(r.job), v.field(r.parent), v.field(r.steps), v.field(r.unix_ms);
  } else if constexpr (std::is_same_v<T, TokensRecord>) {
    v.field(r.step.job), v.field(r.step.path), v.field(r.from), v.field(r.ids), v.field(r.chain);
    v.field(r.attempt.term), v.field(r.attempt.n), v.field(r.unix_ms);
  } else if constexpr (std::is_same_v<T, EndedRecord>) {
    v.field(r.step.job), v.field(r.step.path), v.field(r.reason), v.field(r.tokens);
    v.field(r.bytes), v.field(r.hash), v.field(r.unix_ms);
  } else if constexpr (std::is_same_v<T, ClosedRecord>) {
    v.field(r.job), v.field(r.end), v.field(r.why), v.field(r.unix_ms);
  } else if constexpr (std::is_same_v<T, StalledRecord>) {
    v.field(r.for_ms), v.field(r.why), v.field(r.unix_ms);
  } else {
    v.field(r.step.job), v.field(r.step.path), v.field(r.attempt.term), v.field(r.attempt.n);
    v.field(r.node.node), v.field(r.node.boot), v.field(r.unix_ms);
    if constexpr (std::is_same_v<T, PlacedRecord>) {
      v.field(r.how), v.field(r.from);
    } else {
      v.field(r.reason), v.field(r.why), v.field(r.ahead);
    }
  }
}

template <std::size_t... I>
Record empty_record(std::size_t kind, std::index_sequence<I...>) {
  Record record;
  ((kind == I ? void(record.emplace<I>()) : void()), ...);
  return record;
}

}  // namespace

RecordCodec test_codec() {
  const auto encode = [](const Record& record) {
    Writer writer;
    writer.field(static_cast<std::uint8_t>(record.index()));
    std::visit([&](const auto& one) { fields(writer, one); }, record);
    return writer.take();
  };
  const auto decode = [](std::span<const std::byte> bytes) -> kernels::Expected<Record> {
    Reader reader(bytes);
    std::uint8_t kind = 0;
    reader.field(kind);
    Record record = empty_record(kind, std::make_index_sequence<std::variant_size_v<Record>>());
    std::visit([&](auto& one) { fields(reader, one); }, record);
    if (reader.ok() && record.index() == kind) return record;
    return kernels::fail(kernels::ErrorKind::refuse, "no record");
  };
  return {encode, decode};
}

}  // namespace pecia::runtime::test
