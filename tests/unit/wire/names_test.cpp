#include "runtime/wire/names.hpp"

#include "tests/catch.hpp"

using namespace pecia::runtime;

TEST_CASE("a path is numbers joined by dots, and nothing else") {
  for (const auto* path : {"1", "2.5", "10.200.3"}) CHECK(is_path(path));
  for (const auto* path : {"", "0", "01", "1.", ".1", "1..2", "1.0", "a", "1 ", "-1", "1.a"}) {
    INFO(path);
    CHECK_FALSE(is_path(path));
  }
  CHECK(is_path(std::string(kPathBytesMax, '7')));
  CHECK_FALSE(is_path(std::string(kPathBytesMax + 1, '7')));
}

TEST_CASE("a slice has one path, and a path that is spelt otherwise names none") {
  for (const std::size_t slice : {0, 1, 9, 4'095}) {
    CHECK(path_of_slice(slice) == std::to_string(slice + 1));
    CHECK(slice_of_path(path_of_slice(slice)) == slice);
  }
  for (const auto* path : {"", "0", "01", "001", "1.1", "1x", "x", " 1", "1 ", "+1", "-1",
                           "18446744073709551616", "99999999999999999999"}) {
    INFO(path);
    CHECK_FALSE(slice_of_path(path));
  }
}

TEST_CASE("a chain names the step, its input and every token before it") {
  const StepName step{Id{1}, "2"};
  const Chain start = chain_start(step, Id{7});
  CHECK(start == chain_start(step, Id{7}));
  CHECK(start != chain_start(step, Id{8}));
  CHECK(start != chain_start({Id{1}, "3"}, Id{7}));
  CHECK(start != chain_start({Id{2}, "2"}, Id{7}));
  const TokenIds tokens = {5, 6, 7};
  const Chain after = chain_after(start, tokens);
  CHECK(after ==
        chain_after(chain_after(start, std::span(tokens).first(1)), std::span(tokens).subspan(1)));
  CHECK(after != chain_after(start, TokenIds{5, 7, 6}));
  CHECK(after != chain_after(start, TokenIds{5, 6}));
  CHECK(chain_after(start, {}) == start);
}
