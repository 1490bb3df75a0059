#include "runtime/config/toml_file.hpp"

#include "tests/catch.hpp"
#include "tests/unit/config/config_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;

TEST_CASE("an empty file, comments and empty tables change nothing") {
  for (const std::string_view text : {"", "# words\n", "[protocol]\n\n[write]\n", "write = {}\n"}) {
    LayeredConfig config;
    REQUIRE(read_toml(text, "x.toml", config).ok());
    CHECK(same(config.config(), Config{}));
  }
}

TEST_CASE("a file may write its keys in any form of TOML") {
  for (const std::string_view text :
       {"[write]\nworkers = 12\n", "write.workers = 12\n", "write = { workers = 0xC }\n",
        "[\"write\"]\r\n'workers' = 1_2\r\n"}) {
    LayeredConfig config;
    REQUIRE(read_toml(text, "x.toml", config).ok());
    CHECK(config.config().write.workers == 12);
  }
}

TEST_CASE("an unknown table is refused with its place and the nearest known one") {
  CHECK(refusal("[write]\nworkers = 2\n[protocl]\nreport_ms = 3\n") ==
        "x.toml:3:2: there is no table 'protocl'; the nearest is [protocol]");
  CHECK(refusal("[[node]]\nname = 'a'\n") ==
        "x.toml:1:3: 'node' belongs to the config of a cluster; give this file to 'pecia up' or "
        "'pecia node', or take the table out");
}

TEST_CASE("an unknown key is refused with its place and the nearest known one") {
  CHECK(refusal("[protocol]\n  reprt_ms = 250\n") ==
        "x.toml:2:3: [protocol] has no key 'reprt_ms'; the nearest is 'report_ms'");
  CHECK(refusal("[protocol.report_ms]\nx = 1\n") ==
        "x.toml:1:1: protocol.report_ms is a table; give a whole number, 10 to 60000 ms");
  CHECK(refusal("report_ms = 250\n") ==
        "x.toml:1:1: the key 'report_ms' stands in no table; put it below one of [protocol], "
        "[journal], [write], [supervision], [link]");
  CHECK(refusal("[write]\n\"a\\nb\" = 1\n") ==
        "x.toml:2:1: [write] has no key 'a?b'; the nearest is 'cache'");
}

TEST_CASE("a value of another type is refused with its place and what is right") {
  const auto number = [](std::string_view value) {
    return refusal(fmt::format("[protocol]\nreport_ms = {}\n", value));
  };
  const std::string right = "; give a whole number, 10 to 60000 ms";
  CHECK(number("\"250\"") == "x.toml:2:13: protocol.report_ms is a text" + right);
  CHECK(number("250.0") == "x.toml:2:13: protocol.report_ms is a number with a point" + right);
  CHECK(number("true") == "x.toml:2:13: protocol.report_ms is a truth value" + right);
  CHECK(number("[250]") == "x.toml:2:13: protocol.report_ms is an array" + right);
  CHECK(number("1979-05-27") == "x.toml:2:13: protocol.report_ms is a date or time" + right);
  CHECK(refusal("[write]\ncache = 1\n") ==
        "x.toml:2:9: write.cache is a whole number; give \"off\", \"local\" "
        "or \"cluster\"");
  CHECK(refusal("protocol = 3\n") ==
        "x.toml:1:12: protocol is a whole number; it is a table, begun by a line [protocol]");
  CHECK(refusal("[[protocol]]\nreport_ms = 250\n")
            .find(": protocol is an array; it is a table, begun by a line [protocol]") !=
        std::string::npos);
}

TEST_CASE("a value out of its range or words is refused with its place, range and unit") {
  CHECK(refusal("[protocol]\nreport_ms = 9\n") ==
        "x.toml:2:13: protocol.report_ms = 9 is out of range; give 10 to 60000 ms");
  CHECK(refusal("[journal]\n\nreserve_bytes = -1\n") ==
        "x.toml:3:17: journal.reserve_bytes = -1 is out of range; give 65536 to 1073741824 bytes");
  CHECK(refusal("[write]\ncontext = \"sumary\"\n") ==
        "x.toml:2:11: write.context = 'sumary' is no word it knows; give \"none\", \"direct\" or "
        "\"summary\"");
}

TEST_CASE("a key or table given twice is refused where it is given again") {
  CHECK(refusal("[write]\nworkers = 1\nworkers = 1\n").starts_with("x.toml:3:"));
  CHECK(refusal("[write]\nworkers = 1\n[write]\nbatch_max = 1\n").starts_with("x.toml:3:"));
  CHECK(refusal("[write]\nworkers = 1\nworkers = 1\n").find("cannot redefine") !=
        std::string::npos);
}

TEST_CASE("what is no TOML is refused with its place") {
  const std::string right = "; write it as TOML: KEY = VALUE below a [TABLE]";
  for (const std::string_view text :
       {"[write]\nworkers 2\n", "[write\n", "[write]\nworkers =\n", "[write]\nworkers = \"\n",
        "[write]\nworkers = 99999999999999999999\n", "\xFF\xFE", "[write]\nworkers = 1 2\n"}) {
    INFO(text);
    const std::string message = refusal(text);
    CHECK(message.starts_with("x.toml:"));
    CHECK(message.ends_with(right));
    CHECK(message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a file too long or too deep is refused before it is parsed") {
  const std::string longest(kConfigBytesMax, ' ');
  CHECK(refusal(longest) == "");
  CHECK(refusal(longest + " ") == "x.toml: 262145 bytes; a config has at most 262144");
  std::string deep = "a";
  for (std::size_t i = 0; i < kConfigDotsMax; ++i) deep += ".a";
  CHECK(refusal(deep + " = 1\n") == "x.toml:1:1: there is no table 'a'; the nearest is [link]");
  CHECK(refusal(deep + ".a = 1\n") == "x.toml: 4097 dots; a config has at most 4096");
  CHECK(refusal("a = " + std::string(60'000, '[')).starts_with("x.toml:1:"));
}
