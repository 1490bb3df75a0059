#include "runtime/config/dump.hpp"

#include <fstream>
#include <iterator>

#include "tests/catch.hpp"
#include "tests/unit/config/config_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;

namespace {

std::string all_options() {
  std::ifstream file(PECIA_SOURCE_DIR "/config/all_options.toml", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

// `pecia write --dump-config > config/all_options.toml` writes it anew.
TEST_CASE("config/all_options.toml is the dump of the defaults") {
  const std::string dumped = dump_config(Config{});
  CHECK(all_options() == dumped);
  CHECK(dump_config(LayeredConfig()) == dumped);
}

TEST_CASE("a dump reads back as the same config, with every field at its other value") {
  for (const bool other : {false, true}) {
    Config config;
    for (const Field& field : fields()) {
      if (other) field.set(config, other_value(field));
    }
    LayeredConfig read;
    REQUIRE(read_toml(dump_config(config), "x.toml", read).ok());
    CHECK(same(read.config(), config));
    for (const Field& field : fields()) CHECK(read.origin(field).source == Source::file);
  }
}

TEST_CASE("a dump gives each field under its help and range, in lines of 100 columns") {
  const std::string dumped = dump_config(Config{});
  CHECK(dumped.find("[supervision]\n"
                    "\n"
                    "# More restarts than this within the period are no accident: the supervisor "
                    "gives up and its own\n"
                    "# decides. 0: the first death is passed on.\n"
                    "# 0 to 1000 restarts\n"
                    "intensity = 10\n") != std::string::npos);
  for (std::size_t at = 0; at < dumped.size();) {
    const std::size_t end = dumped.find('\n', at);
    REQUIRE(end != std::string::npos);
    CHECK(end - at <= 100);
    at = end + 1;
  }
}

TEST_CASE("a dump tells where a value comes from that is not the default") {
  LayeredConfig config;
  REQUIRE(read_toml("[write]\nworkers = 2\n", "a\nb.toml", config).ok());
  CHECK(dump_config(config).find("# set by 'a?b.toml:2:11'\nworkers = 2\n") != std::string::npos);
  LayeredConfig again;
  REQUIRE(read_toml(dump_config(config), "x.toml", again).ok());
  CHECK(same(again.config(), config.config()));
}
