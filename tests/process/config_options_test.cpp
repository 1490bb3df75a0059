#include "apps/pecia/config_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "tests/catch.hpp"
#include "tests/process/workshop.hpp"
#include "tests/unit/config/config_fixture.hpp"

using namespace pecia::apps;
using namespace pecia::runtime;
using namespace pecia::runtime::tests;
using pecia::kernels::Expected;
using pecia::tests::Workshop;

namespace {

using Words = std::vector<std::string>;

struct Parsed {
  explicit Parsed(Words words) {
    add_config_flags(parser, flags);
    std::reverse(words.begin(), words.end());  // as CLI11 wants a vector
    parser.parse(words);
  }
  CLI::App parser;
  ConfigFlags flags;
};

Expected<LayeredConfig> config_of(const Words& words, const std::vector<std::string_view>& env) {
  const Parsed parsed(words);
  return effective_config(parsed.flags, env);
}

std::string refusal_of(const Words& words, const std::vector<std::string_view>& env = {}) {
  const auto config = config_of(words, env);
  return config ? "" : config.error().message;
}

}  // namespace

TEST_CASE("every flag sets its field, to its default too") {
  int flags = 0;
  for (const Field& field : fields()) {
    if (!field.has_flag) continue;
    ++flags;
    for (const std::uint64_t value : {other_value(field), default_of(field)}) {
      INFO(flag_name(field) << " " << value);
      const auto config = config_of({flag_name(field), bare_value(field, value)}, {});
      REQUIRE(config.ok());
      Config expected;
      field.set(expected, value);
      CHECK(same(config->config(), expected));
      CHECK(config->origin(field).source == Source::flag);
      CHECK(config->origin(field).place == flag_name(field));
    }
  }
  CHECK(flags == 5);  // --workers --batch-max --cache --balancer --context
}

TEST_CASE("the command line outweighs the environment, that the file of --config") {
  const Workshop shop;
  const std::string file =
      shop.write("c.toml", "[write]\nworkers = 2\nbatch_max = 2\ncache = \"local\"\n");
  const auto config = config_of({"--config", file, "--workers", "4"},
                                {"PECIA_WRITE_WORKERS=3", "PECIA_WRITE_BATCH_MAX=3"});
  REQUIRE(config.ok());
  CHECK(config->config().write.workers == 4);
  CHECK(config->config().write.batch_max == 3);
  CHECK(config->config().write.cache == CacheMode::local);
  CHECK(config->config().write.context == ContextMode::none);
}

TEST_CASE("a bad flag, variable or file is refused by its place, outweighed or not") {
  const Workshop shop;
  CHECK(refusal_of({"--workers", "0"}) ==
        "--workers: write.workers = 0 is out of range; give 1 to 64 workers");
  CHECK(refusal_of({"--cache", "on"}) ==
        "--cache: write.cache = 'on' is no word it knows; give \"off\", \"local\" "
        "or \"cluster\"");
  CHECK(refusal_of({"--workers", "4"}, {"PECIA_WRITE_WORKERS=x"})
            .starts_with("PECIA_WRITE_WORKERS: write.workers = 'x' is no whole number"));
  const std::string file = shop.write("c.toml", "[write]\nworkers = 99\n");
  CHECK(refusal_of({"--config", file, "--workers", "4"}) ==
        file + ":2:11: write.workers = 99 is out of range; give 1 to 64 workers");
  CHECK(refusal_of({"--config", shop.path("none.toml")}).find("No such file") != std::string::npos);
  CHECK(refusal_of({"--config", "/dev/zero"}) ==
        "/dev/zero: too long; a config has at most 262144 bytes");
}

TEST_CASE("values of different layers that make no sense together are refused with both places") {
  const Workshop shop;
  const std::string file = shop.write("c.toml", "[protocol]\nsilent_ms = 800\n");
  CHECK(refusal_of({"--config", file}, {"PECIA_PROTOCOL_REPORT_MS=401"}) ==
        "PECIA_PROTOCOL_REPORT_MS: protocol.silent_ms = 800 (" + file +
            ":2:13) is less than protocol.report_ms = 401 (PECIA_PROTOCOL_REPORT_MS) times 2: one "
            "late report would take a node for gone; raise it to 802 or lower protocol.report_ms");
}

TEST_CASE("a dump asks for none of the flags a command cannot do without") {
  ConfigFlags flags;
  CLI::App parser;
  std::string outline;
  parser.add_option("--outline", outline)->required();
  add_config_file_flags(parser, flags);
  CHECK_THROWS_AS(parser.parse(Words{}), CLI::RequiredError);
  CHECK_FALSE(flags.dump);
  parser.parse(Words{"--dump-config"});
  CHECK(flags.dump);
}

TEST_CASE("only --config and --dump-config come without the flags of fields") {
  ConfigFlags flags;
  CLI::App parser;
  add_config_file_flags(parser, flags);
  CHECK_THROWS_AS(parser.parse(Words{"2", "--workers"}), CLI::ExtrasError);
}
