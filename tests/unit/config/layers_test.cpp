#include "runtime/config/layers.hpp"

#include <algorithm>
#include <array>

#include "tests/catch.hpp"
#include "tests/unit/config/config_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;
using pecia::kernels::Status;

namespace {

const Field& field_named(std::string_view table, std::string_view key) {
  const Field* field = find_field(table, key);
  REQUIRE(field != nullptr);
  return *field;
}

Status set_variable(const std::string& variable, LayeredConfig& config) {
  return read_environment(std::array<std::string_view, 1>{variable}, config);
}

std::string refusal_of_variable(const std::string& variable) {
  LayeredConfig config;
  const Status read = set_variable(variable, config);
  return read ? "" : read.error().message;
}

std::string variable_of(const Field& field, std::uint64_t value) {
  return environment_name(field) + "=" + bare_value(field, value);
}

// One layer sets the field to `value`.
Status set_from(Source source, const Field& field, std::uint64_t value, LayeredConfig& config) {
  if (source == Source::file) {
    return read_toml(as_toml(field, toml_value(field, value)), "x.toml", config);
  }
  if (source == Source::environment) return set_variable(variable_of(field, value), config);
  return config.set_text(field, bare_value(field, value), {Source::flag, "--flag"});
}

}  // namespace

TEST_CASE("every field takes its value from file, environment and flag, and no other changes") {
  for (const Field& field : fields()) {
    for (const Source source : {Source::file, Source::environment, Source::flag}) {
      INFO(dotted_name(field) << " from layer " << static_cast<int>(source));
      LayeredConfig config;
      REQUIRE(set_from(source, field, other_value(field), config).ok());
      Config expected;
      field.set(expected, other_value(field));
      CHECK(same(config.config(), expected));
      CHECK(config.origin(field).source == source);
    }
  }
}

TEST_CASE("a flag outweighs the environment, that the file, whichever is read first") {
  const Field& field = field_named("write", "workers");
  std::array order = {Source::file, Source::environment, Source::flag};
  do {
    LayeredConfig config;
    Source highest = Source::by_default;
    CHECK(config.origin(field).source == highest);
    for (const Source source : order) {
      REQUIRE(set_from(source, field, 10 + static_cast<std::uint64_t>(source), config).ok());
      highest = std::max(highest, source);
      CHECK(config.config().write.workers == 10 + static_cast<int>(highest));
      CHECK(config.origin(field).source == highest);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a value remembers the place it is from") {
  LayeredConfig config;
  REQUIRE(read_toml("[write]\nworkers = 2\n  batch_max = 3\n", "x.toml", config).ok());
  REQUIRE(set_variable("PECIA_WRITE_WORKERS=4", config).ok());
  CHECK(config.origin(field_named("write", "workers")).place == "PECIA_WRITE_WORKERS");
  CHECK(config.origin(field_named("write", "batch_max")).place == "x.toml:3:15");
  CHECK(config.origin(field_named("write", "cache")).place.empty());
}

TEST_CASE("a variable of a known table with an unknown key is refused with the nearest name") {
  CHECK(refusal_of_variable("PECIA_PROTOCOL_REPORTMS=5") ==
        "'PECIA_PROTOCOL_REPORTMS': no setting of [protocol] has this name; the nearest is "
        "PECIA_PROTOCOL_REPORT_MS");
  CHECK(refusal_of_variable("PECIA_WRITE_REPORT_MS=250") ==
        "'PECIA_WRITE_REPORT_MS': no setting of [write] has this name; the nearest is "
        "PECIA_WRITE_WORKERS");
}

TEST_CASE("variables that are none of a table's are left alone") {
  LayeredConfig config;
  constexpr std::array<std::string_view, 7> variables = {
      "PECIA_CPU=avx2",        "PECIA_WRITE=1", "PECIA_", "HOME=x", "pecia_write_workers=3", "",
      "XPECIA_WRITE_WORKERS=3"};
  REQUIRE(read_environment(variables, config).ok());
  CHECK(same(config.config(), Config{}));
}

TEST_CASE("a variable or flag that holds no number of the range is refused with the range") {
  const std::string place = "PECIA_WRITE_WORKERS: write.workers = ";
  const auto refused = [](const std::string& text) {
    return refusal_of_variable("PECIA_WRITE_WORKERS=" + text);
  };
  for (const std::string text : {"", "two", "3x", "1.5", " 3", "+3", "0x10", "-"}) {
    const std::string why = fmt::format("'{}' is no whole number; give 1 to 64 workers", text);
    CHECK(refused(text) == place + why);
  }
  for (const std::string text : {"0", "65", "-1", "-9223372036854775808"}) {
    const std::string why = fmt::format("{} is out of range; give 1 to 64 workers", text);
    CHECK(refused(text) == place + why);
  }
  CHECK(refused("99999999999999999999") ==
        place + "'99999999999999999999' is out of range; give 1 to 64 workers");
  CHECK(refusal_of_variable("PECIA_WRITE_CACHE=Off") ==
        "PECIA_WRITE_CACHE: write.cache = 'Off' is no word it knows; give \"off\", \"local\" "
        "or \"cluster\"");
  LayeredConfig config;
  const Status flag =
      config.set_text(field_named("write", "balancer"), "a\nb", {Source::flag, "--balancer"});
  REQUIRE_FALSE(flag.ok());
  CHECK(flag.error().message ==
        "--balancer: write.balancer = 'a?b' is no word it knows; give \"static\" or "
        "\"least_loaded\"");
}

TEST_CASE("the ends of every range are taken and what lies beyond is refused") {
  for (const Field& field : fields()) {
    INFO(dotted_name(field));
    if (field.is_choice()) continue;
    LayeredConfig config;
    const auto set = [&](std::int64_t value) {
      return config.set_number(field, value, {Source::flag, "--flag"}).ok();
    };
    CHECK(set(static_cast<std::int64_t>(field.least)));
    CHECK(field.get(config.config()) == field.least);
    CHECK(set(static_cast<std::int64_t>(field.most)));
    CHECK(field.get(config.config()) == field.most);
    CHECK_FALSE(set(static_cast<std::int64_t>(field.least) - 1));
    CHECK_FALSE(set(static_cast<std::int64_t>(field.most) + 1));
    CHECK(field.get(config.config()) == field.most);
  }
}

TEST_CASE("pairs that make no sense together are refused by the place of the one that was set") {
  CHECK(LayeredConfig().check().ok());
  CHECK(refusal("[protocol]\nsilent_ms = 499\n") ==
        "x.toml:2:13: protocol.silent_ms = 499 (x.toml:2:13) is less than protocol.report_ms = 250 "
        "(default) times 2: one late report would take a node for gone; raise it to 500 or lower "
        "protocol.report_ms");
  CHECK(refusal("[protocol]\nsilent_ms = 500\n") == "");
  CHECK(refusal("[protocol]\nreport_ms = 451\n")
            .starts_with("x.toml:2:13: protocol.silent_ms = 900 (default) is less than "
                         "protocol.report_ms = 451"));
}

TEST_CASE("each rule between two fields holds at equality and breaks one below") {
  const std::array<std::array<std::string_view, 2>, 12> pairs = {{
      {"[protocol]\nadopt_ms = 250\n", "[protocol]\nadopt_ms = 249\n"},
      {"[protocol]\norder_ms = 250\n", "[protocol]\norder_ms = 249\n"},
      {"[protocol]\nstall_ms = 250\n", "[protocol]\nstall_ms = 249\n"},
      {"[protocol]\nstorage_retry_ms_max = 100\n", "[protocol]\nstorage_retry_ms_max = 99\n"},
      {"[protocol]\npending_tokens_max = 256\n", "[protocol]\npending_tokens_max = 255\n"},
      {"[journal]\nfile_bytes_max = 67108864\n", "[journal]\nfile_bytes_max = 67108863\n"},
      {"[journal]\nfile_bytes_max = 33554432\nrecord_bytes_max = 33554432\n",
       "[journal]\nfile_bytes_max = 33554432\nrecord_bytes_max = 33554432\n"
       "reserve_bytes = 33554433\n"},
      {"[supervision]\nbackoff_ms_max = 100\n", "[supervision]\nbackoff_ms_max = 99\n"},
      {"[link]\nredial_ms_max = 100\n", "[link]\nredial_ms_max = 99\n"},
      {"[link]\nclients_max = 256\n", "[link]\nclients_max = 257\n"},
      {"[link]\nbulk_piece_bytes_max = 16384\n", "[link]\nbulk_piece_bytes_max = 16383\n"},
      {"[link]\nlink_bytes_max = 262144\n", "[link]\nlink_bytes_max = 262143\n"},
  }};
  for (const auto& [holds, breaks] : pairs) {
    INFO(breaks);
    CHECK(refusal(holds) == "");
    CHECK(refusal(breaks).find(" is less than ") != std::string::npos);
  }
}
