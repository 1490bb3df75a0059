#include "runtime/config/dump.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/config/foreign_words.hpp"

namespace pecia::runtime {

namespace {

constexpr std::size_t kColumnsMax = 100;

constexpr std::string_view kPreface =
    "A flag outweighs the environment (PECIA_TABLE_KEY), that a config file, and that the default. "
    "A file may leave out what it does not change. 'pecia write --dump-config' prints this for the "
    "settings in force.";

// `words` as comment lines.
void add_comment(std::string_view words, std::string& text) {
  std::size_t column = 0;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const bool begins = column == 0 || column + 1 + end > kColumnsMax;
    if (begins && column > 0) text += '\n';
    if (begins) text += '#', column = 1;
    text += ' ';
    text += words.substr(0, end);
    column += 1 + end;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  text += '\n';
}

void add_field(const Field& field, const Config& config, const Origin& origin, std::string& text) {
  text += "\n";
  add_comment(field.help, text);
  add_comment(allowed_values(field), text);
  if (origin.source != Source::by_default) {
    add_comment(fmt::format("set by {}", quoted(origin.place)), text);
  }
  text += fmt::format("{} = {}\n", field.key, toml_value(field, field.get(config)));
}

std::string dump(const Config& config, const LayeredConfig* layers) {
  std::string text;
  add_comment(kPreface, text);
  const Origin by_default;
  for (const std::string_view table : table_names()) {
    text += fmt::format("\n[{}]\n", table);
    for (const Field& field : fields()) {
      if (field.table != table) continue;
      add_field(field, config, layers == nullptr ? by_default : layers->origin(field), text);
    }
  }
  return text;
}

}  // namespace

std::string dump_config(const Config& config) { return dump(config, nullptr); }

std::string dump_config(const LayeredConfig& config) { return dump(config.config(), &config); }

}  // namespace pecia::runtime
