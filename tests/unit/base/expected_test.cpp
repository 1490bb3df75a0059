#include "kernels/base/expected.hpp"

#include <memory>
#include <string>
#include <type_traits>

#include "tests/catch.hpp"

using namespace pecia::kernels;

namespace {

Expected<int> parse_digit(char c) {
  if (c < '0' || c > '9') return fail(ErrorKind::refuse, "'{}' is not a digit", c);
  return c - '0';
}

Status require_digit(char c) {
  const Expected<int> digit = parse_digit(c);
  if (!digit) return digit.error();
  return {};
}

}  // namespace

TEST_CASE("an Expected holds the value it was made from") {
  const Expected<int> seven = parse_digit('7');
  REQUIRE(seven.ok());
  REQUIRE(static_cast<bool>(seven));
  REQUIRE(*seven == 7);
  REQUIRE(seven.value() == 7);
}

TEST_CASE("an Expected made from an Error keeps its kind and its formatted message") {
  const Expected<int> none = parse_digit('x');
  REQUIRE_FALSE(none.ok());
  REQUIRE(none.error().kind == ErrorKind::refuse);
  REQUIRE(none.error().message == "'x' is not a digit");
}

TEST_CASE("a Status passes the error of a callee on and is ok by default") {
  REQUIRE(require_digit('0').ok());
  REQUIRE(Status{}.ok());
  const Status refused = require_digit(' ');
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().message == "' ' is not a digit");
}

TEST_CASE("a move-only value leaves an Expected by move") {
  Expected<std::unique_ptr<int>> owner = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = std::move(owner).value();
  REQUIRE(*taken == 5);
  REQUIRE(owner.ok());
  REQUIRE(*owner == nullptr);
}

TEST_CASE("the arrow reaches members and writes go to the held value") {
  Expected<std::string> text = std::string("pecia");
  text->push_back('!');
  REQUIRE(text->size() == 6);
  REQUIRE(*text == "pecia!");
}

TEST_CASE("a const Error read from one Expected becomes another Expected") {
  const Expected<int> first = parse_digit('?');
  const Expected<std::string> second = first.error();
  REQUIRE(second.error().message == first.error().message);
  STATIC_REQUIRE(std::is_copy_constructible_v<Status>);
}
