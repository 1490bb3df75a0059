#include "kernels/weights/json_text.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace pecia::kernels;

namespace {

std::string reason(std::string_view text, JsonLimits limits = {}) {
  const auto json = parse_json(text, "a.json", limits);
  return json ? std::string() : json.error().message;
}

bool says(const std::string& message, std::string_view words) {
  INFO(message);
  return message.starts_with("a.json: ") && message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("JSON of every kind reads as the library reads it") {
  const char* text =
      R"( {"a":[1,-2,2.5e3,true,null,"\u00e9\ud83d\ude00"],"b":{"c":[]},"d":[[1],{}]} )";
  const auto json = parse_json(text, "a.json");
  REQUIRE(json);
  CHECK(*json == nlohmann::json::parse(text));
}

TEST_CASE("what is no JSON is refused with its place") {
  CHECK(says(reason(""), "is no JSON at byte"));
  CHECK(says(reason("{\"a\":1"), "is no JSON at byte"));
  CHECK(says(reason("[1,]"), "is no JSON at byte 4"));
  CHECK(says(reason("{} {}"), "is no JSON at byte"));
  CHECK(says(reason("\"\xff\""), "is no JSON at byte 2"));
  CHECK(says(reason("\"\\ud800\""), "is no JSON"));
  CHECK(says(reason("[1e999]"), "is no JSON"));
}

TEST_CASE("what is too long, too deep or too much is refused") {
  CHECK(says(reason("[1, 2]", {.bytes_max = 5}), "6 bytes of JSON, at most 5"));
  CHECK(says(reason("[1, 2]", {.values_max = 2}), "more than 2 values"));
  CHECK(says(reason(R"({"a": 1})", {.values_max = 2}), "more than 2 values"));
  CHECK(says(reason("[[[]]]", {.depth_max = 2}), "nests deeper than 2 levels"));
  CHECK(reason("[[[]]]", {.depth_max = 3}).empty());
  CHECK(says(reason(std::string(1 << 20, '[')), "nests deeper than 32 levels"));
}

TEST_CASE("a key that stands twice in one object is refused") {
  CHECK(says(reason(R"({"a":1,"a":1})"), "key 'a' stands there twice"));
  CHECK(reason(R"([{"a":1},{"a":1}])").empty());
}

TEST_CASE("members are read by type, null counts as absent, and the first fault is kept") {
  const Json object =
      Json::parse(R"({"n":7,"x":0.5,"t":"text","f":false,"o":{},"l":[1],"z":null})");
  JsonFields fields(object, "a.json");
  CHECK(fields.whole("n", 1, 7) == 7u);
  CHECK(fields.number("x") == 0.5);
  CHECK(fields.number("n") == 7.0);
  CHECK(fields.text("t") == "text");
  CHECK(fields.flag("f") == false);
  CHECK(fields.object("o") != nullptr);
  CHECK(fields.list("l")->size() == 1);
  CHECK(!fields.text("z"));
  CHECK(!fields.text("absent"));
  REQUIRE(fields.ok());
  CHECK(!fields.whole("n", 8, 9));
  CHECK(!fields.text("n"));
  REQUIRE(!fields.ok());
  CHECK(fields.error().message == "a.json: 'n' is 7, expected a whole number from 8 to 9");
  JsonFields other(object, "a.json");
  CHECK(!other.text("l"));
  CHECK(other.error().message == "a.json: 'l' is array, expected a text");
  const Json list = Json::array();
  CHECK(JsonFields(list, "a.json").error().message == "a.json: expected an object, {...}");
  CHECK(JsonFields(list, "a.json").find("n") == nullptr);
}
