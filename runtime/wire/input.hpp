#pragma once
// What decode.cpp takes from one message. Remembers the first field that is wrong, after which
// nothing more is taken; lengths are looked at before anything is. Thread rule: one thread.

#include <capnp/list.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/wire/names.hpp"

namespace pecia::runtime {

class Input {
 public:
  explicit Input(std::string_view whole) : whole_(whole) {}

  // What the fields that follow belong to, in words for people.
  Input& within(std::string_view whole) {
    whole_ = whole;
    return *this;
  }

  bool ok() const { return !error_; }
  const kernels::Error& error() const { return *error_; }

  void refuse(std::string_view field, std::string_view why) {
    if (ok()) error_ = kernels::fail(kernels::ErrorKind::refuse, "{}.{}: {}", whole_, field, why);
  }
  void refuse(std::string_view why) {
    if (ok()) error_ = kernels::fail(kernels::ErrorKind::refuse, "{}: {}", whole_, why);
  }

  Id id(std::string_view field, capnp::Data::Reader bytes) {
    Id id{};
    if (bytes.size() == id.size()) {
      std::memcpy(id.data(), bytes.begin(), id.size());
    } else {
      refuse(field, fmt::format("{} bytes, an id has {}", bytes.size(), id.size()));
    }
    return id;
  }

  std::string text(std::string_view field, capnp::Text::Reader text, std::size_t max) {
    return fits(field, text.size(), max, "bytes") ? std::string(text.begin(), text.size())
                                                  : std::string();
  }

  std::vector<std::byte> bytes(std::string_view field, capnp::Data::Reader bytes, std::size_t max) {
    if (!fits(field, bytes.size(), max, "bytes")) return {};
    const auto* first = reinterpret_cast<const std::byte*>(bytes.begin());
    return {first, first + bytes.size()};
  }

  TokenIds tokens(std::string_view field, capnp::List<std::int32_t>::Reader list, std::size_t max) {
    if (!fits(field, list.size(), max, "tokens")) return {};
    TokenIds ids;
    ids.reserve(list.size());
    for (const std::int32_t id : list) ids.push_back(id);
    return ids;
  }

  std::vector<std::string> texts(std::string_view field, capnp::List<capnp::Text>::Reader list,
                                 std::size_t max, std::size_t bytes_max) {
    std::vector<std::string> texts;
    if (!fits(field, list.size(), max, "texts")) return texts;
    texts.reserve(list.size());
    for (const capnp::Text::Reader one : list) texts.push_back(text(field, one, bytes_max));
    return texts;
  }

  // An enumerator; `last` is the last there is.
  template <class Plain, class Wire>
  Plain one_of(std::string_view field, Wire value, Plain last) {
    if (static_cast<unsigned>(value) <= static_cast<unsigned>(last)) {
      return static_cast<Plain>(value);
    }
    refuse(field, fmt::format("{} is none of its values, the last of which is {}",
                              static_cast<unsigned>(value), static_cast<unsigned>(last)));
    return last;
  }

  template <class Reader>
  Reader there(std::string_view field, bool has, Reader reader) {
    if (!has) refuse(field, "is not there");
    return reader;
  }

  // The elements of a list of structs, each by `read_one`.
  template <class Plain, class List, class ReadOne>
  std::vector<Plain> structs(std::string_view field, List list, std::size_t max, ReadOne read_one) {
    std::vector<Plain> all;
    if (!fits(field, list.size(), max, "elements")) return all;
    all.reserve(list.size());
    for (const auto one : list) {
      all.push_back(read_one(*this, one));
      if (!ok()) break;
    }
    return all;
  }

 private:
  bool fits(std::string_view field, std::size_t count, std::size_t max, std::string_view unit) {
    if (count > max) refuse(field, fmt::format("{} {}, at most {} are right", count, unit, max));
    return ok();
  }

  std::string_view whole_;
  std::optional<kernels::Error> error_;
};

}  // namespace pecia::runtime
