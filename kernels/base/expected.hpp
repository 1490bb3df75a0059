#pragma once
// Errors as values. The kind says what the receiver does, the message tells a person what, where,
// why and what would be right. Library code never exits and never throws past its own boundary.
// Thread rule: values, no shared state.

#include <fmt/format.h>

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace pecia::kernels {

enum class ErrorKind : std::uint8_t {
  retry,      // the same call may succeed later (disk full, no free page)
  elsewhere,  // this place cannot do it, another may (memory, device)
  refuse,     // the input is wrong: say so, do not try again
  bug,        // our own invariant broke
};

struct Error {
  ErrorKind kind = ErrorKind::bug;
  std::string message;
};

// Builds an Error with a fmt message: fail(ErrorKind::refuse, "{}: no tensor '{}'", path, name).
template <class... Args>
[[nodiscard]] Error fail(ErrorKind kind, fmt::format_string<Args...> text, Args&&... args) {
  return {kind, fmt::format(text, std::forward<Args>(args)...)};
}

// A value or an Error. REQUIRES: ok() before value(), !ok() before error().
template <class T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Expected(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return assert(ok()), *std::get_if<0>(&state_); }
  const T& value() const& { return assert(ok()), *std::get_if<0>(&state_); }
  T&& value() && { return assert(ok()), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return assert(!ok()), *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Expected<void> {
 public:
  Expected() = default;
  Expected(Error error) : error_(std::move(error)), ok_(false) {}

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const { return assert(!ok_), error_; }

 private:
  Error error_;
  bool ok_ = true;
};

using Status = Expected<void>;

}  // namespace pecia::kernels
