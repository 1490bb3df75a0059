#include "runtime/config/fields.hpp"

#include <set>

#include "tests/catch.hpp"
#include "tests/unit/config/config_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;

namespace {

struct Anything {
  template <class T>
  operator T() const;
};

// Members of an aggregate: as many initialisers as it takes.
template <class T, class... Given>
constexpr std::size_t member_count(Given... given) {
  if constexpr (requires { T{given..., Anything{}}; }) {
    return member_count<T>(given..., Anything{});
  } else {
    return sizeof...(given);
  }
}

std::size_t rows_of(std::string_view table) {
  std::size_t rows = 0;
  for (const Field& field : fields()) rows += field.table == table ? 1 : 0;
  return rows;
}

}  // namespace

TEST_CASE("every member of the config has its row in the table") {
  CHECK(rows_of("protocol") == member_count<ProtocolLimits>());
  CHECK(rows_of("journal") == member_count<JournalLimits>());
  CHECK(rows_of("write") == member_count<WriteOptions>());
  CHECK(rows_of("supervision") == member_count<SupervisionLimits>());
  CHECK(rows_of("link") == member_count<LinkLimits>());
  CHECK(table_names().size() == member_count<Config>());
}

TEST_CASE("every row reaches a member of its own and says what it is") {
  std::set<std::string> names;
  for (const Field& field : fields()) {
    INFO(dotted_name(field));
    CHECK(names.insert(dotted_name(field)).second);
    CHECK(find_field(field.table, field.key) == &field);
    CHECK(default_of(field) >= field.least);
    CHECK(default_of(field) <= field.most);
    CHECK(field.help.ends_with('.'));
    CHECK(field.is_choice() == field.unit.empty());
    Config config;
    field.set(config, other_value(field));
    for (const Field& other : fields()) {
      CHECK(other.get(config) == (&other == &field ? other_value(field) : default_of(other)));
    }
  }
}

TEST_CASE("a key that ends in a unit is counted in that unit") {
  for (const Field& field : fields()) {
    INFO(dotted_name(field));
    for (const std::string_view unit : {"ms", "bytes", "tokens", "records", "percent"}) {
      const std::string middle = fmt::format("_{}_", unit);
      if (fmt::format("{}_", field.key).find(middle) != std::string::npos) {
        CHECK(field.unit == unit);
      }
    }
  }
}

TEST_CASE("the words of a choice stand in the order of its enum") {
  Config config;
  config.write.cache = CacheMode::off;
  config.write.balancer = BalancerKind::least_loaded;
  config.write.context = ContextMode::summary;
  const auto word = [&config](std::string_view key) {
    const Field* field = find_field("write", key);
    REQUIRE(field != nullptr);
    return toml_value(*field, field->get(config));
  };
  CHECK(word("cache") == "\"off\"");
  CHECK(word("balancer") == "\"least_loaded\"");
  CHECK(word("context") == "\"summary\"");
  config.write = {};
  CHECK(word("cache") == "\"local\"");
  CHECK(word("balancer") == "\"static\"");
  CHECK(word("context") == "\"none\"");
  config.write.context = ContextMode::direct;
  CHECK(word("context") == "\"direct\"");
}

TEST_CASE("names of variables and flags follow from table and key") {
  const Field* batch = find_field("write", "batch_max");
  REQUIRE(batch != nullptr);
  CHECK(environment_name(*batch) == "PECIA_WRITE_BATCH_MAX");
  CHECK(flag_name(*batch) == "--batch-max");
  CHECK(allowed_values(*batch) == "1 to 1024 sequences");
  CHECK(allowed_values(*find_field("write", "cache")) == "\"off\", \"local\" or \"cluster\"");
  CHECK(allowed_values(*find_field("write", "context")) == "\"none\", \"direct\" or \"summary\"");
  CHECK(find_field("write", "report_ms") == nullptr);
}
