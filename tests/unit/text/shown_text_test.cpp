#include "kernels/text/shown_text.hpp"

#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

// What each token of `text` made visible, and at last the rest.
std::vector<std::string> shown(const std::string& text, const std::vector<std::string>& stop) {
  const Tokenizer tokenizer = test::byte_vocabulary({}).load().value();
  ShownText view(tokenizer, true, stop);
  std::vector<std::string> pieces;
  for (const TokenId id : tokenizer.encode(text, {.add_bos = false})) {
    pieces.push_back(view.push(id));
  }
  pieces.push_back(view.finish());
  return pieces;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

}  // namespace

TEST_CASE("without stop strings all text is shown, a character at once") {
  const std::vector<std::string> pieces = shown("a\xC3\xA9z", {});
  CHECK(joined(pieces) == "a\xC3\xA9z");
  for (const std::string& piece : pieces) CHECK(piece != "\xC3");
}

TEST_CASE("nothing of a stop string and nothing behind it is ever shown") {
  CHECK(joined(shown("one END two", {"END"})) == "one ");
  CHECK(joined(shown("one EN two", {"END"})) == "one EN two");
  CHECK(joined(shown("one EN", {"END"})) == "one EN");
}

TEST_CASE("text that may begin a stop string waits until that is decided") {
  const std::vector<std::string> pieces = shown("xEEND", {"END"});
  CHECK(joined(pieces) == "xE");
  CHECK(pieces.back() == "");
}

}  // namespace pecia::kernels
