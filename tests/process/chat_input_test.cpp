#include "apps/pecia/chat_input.hpp"

#include "tests/catch.hpp"

namespace pecia::apps {
namespace {

using Kind = ChatRequest::Kind;

std::optional<ChatRequest> typed(std::initializer_list<std::string_view> lines) {
  ChatInput input;
  std::optional<ChatRequest> last;
  for (const std::string_view line : lines) {
    CHECK_FALSE(last);
    last = input.push(line);
  }
  return last;
}

std::optional<ChatRequest> message(std::string text) {
  return ChatRequest{Kind::message, std::move(text)};
}

}  // namespace

TEST_CASE("a line is a message, an empty one is nothing") {
  CHECK(typed({" Hello "}) == message(" Hello "));
  CHECK(typed({"Hello\r"}) == message("Hello"));
  CHECK_FALSE(typed({"", "  ", "\r"}));
}

TEST_CASE("a backslash at the end of a line carries a message on") {
  CHECK(typed({
            "a\\",
            "/exit\\",
            "",
        }) == message("a\n/exit"));
  CHECK(typed({"a\\", "b"}) == message("a\nb"));
  CHECK(typed({"\\", "b"}) == message("\nb"));
}

TEST_CASE("a block holds lines as they are, empty ones and commands too") {
  CHECK(typed({"\"\"\"", " a", "", "/exit", "b\\", "\"\"\""}) == message(" a\n\n/exit\nb\\"));
  CHECK_FALSE(typed({"\"\"\"", "\"\"\""}));
}

TEST_CASE("commands stand alone on their line") {
  CHECK(typed({"/exit"}) == ChatRequest{Kind::leave, ""});
  CHECK(typed({" /reset "}) == ChatRequest{Kind::reset, ""});
  CHECK(typed({"/help"}) == ChatRequest{Kind::help, ""});
  CHECK(typed({"/system  Be brief. "}) == ChatRequest{Kind::system, "Be brief."});
  CHECK(typed({"/system"}) == ChatRequest{Kind::system, ""});
  CHECK(typed({"/exit now"}) == ChatRequest{Kind::unknown, "/exit now"});
  CHECK(typed({"/fly"}) == ChatRequest{Kind::unknown, "/fly"});
  CHECK(typed({"//fly"}) == message("/fly"));
}

TEST_CASE("what was begun is a message where the input ends, and nothing where it is cleared") {
  ChatInput input;
  CHECK_FALSE(input.push("\"\"\""));
  CHECK_FALSE(input.push("a"));
  CHECK(input.is_open());
  CHECK(input.finish() == message("a"));
  CHECK_FALSE(input.is_open());
  CHECK_FALSE(input.push("a\\"));
  input.clear();
  CHECK_FALSE(input.finish());
  CHECK(input.push("b") == message("b"));
}

TEST_CASE("a message beyond the bound is told, and the next one is fine") {
  ChatInput input;
  CHECK_FALSE(input.push("\"\"\""));
  const std::string line(kChatMessageBytesMax / 2, 'x');
  for (int i = 0; i < 3; ++i) CHECK_FALSE(input.push(line));
  CHECK(input.push("\"\"\"") == ChatRequest{Kind::too_long, ""});
  CHECK(input.push("b") == message("b"));
}

TEST_CASE("a line that could not be kept makes all that it belongs to too long") {
  ChatInput input;
  CHECK(input.push_too_long() == ChatRequest{Kind::too_long, ""});
  CHECK(input.push("b") == message("b"));
  CHECK_FALSE(input.push("a\\"));
  CHECK(input.push_too_long() == ChatRequest{Kind::too_long, ""});
  CHECK_FALSE(input.push("\"\"\""));
  CHECK_FALSE(input.push("a"));
  CHECK_FALSE(input.push_too_long());
  CHECK_FALSE(input.push("c"));
  CHECK(input.push("\"\"\"") == ChatRequest{Kind::too_long, ""});
  CHECK(input.push("b") == message("b"));
}

}  // namespace pecia::apps
