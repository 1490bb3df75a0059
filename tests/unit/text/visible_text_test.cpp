#include "kernels/text/visible_text.hpp"

#include <string>

#include "tests/catch.hpp"

namespace pecia::kernels {

TEST_CASE("white space around generated text is not part of the document") {
  REQUIRE(visible_text(" \n\tOnce upon\n a time. \r\n") == "Once upon\n a time.");
  REQUIRE(visible_text("").empty());
  REQUIRE(visible_text(" \n ").empty());
}

TEST_CASE("a character cut off by the token budget is left out, a whole one is kept") {
  REQUIRE(visible_text("bee \xF0\x9F\x90") == "bee");
  REQUIRE(visible_text("bee \xF0\x9F\x90\x9D") == "bee \xF0\x9F\x90\x9D");
  REQUIRE(visible_text("caf\xC3") == "caf");
}

TEST_CASE("what was shown of a growing text is never taken back") {
  const std::string text = "\n a \xC3\xA9\n\n\xE8\x9C\x82 \xFF \x80 \xF0\x9F z \xF0\x9F\x90\x9D \n";
  std::string_view before;
  for (std::size_t bytes = 0; bytes <= text.size(); ++bytes) {
    const auto now = visible_text(std::string_view(text).substr(0, bytes));
    REQUIRE(now.starts_with(before));
    before = now;
  }
  REQUIRE(before.ends_with("\xF0\x9F\x90\x9D"));
}

}  // namespace pecia::kernels
