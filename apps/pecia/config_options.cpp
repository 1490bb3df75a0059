#include "apps/pecia/config_options.hpp"

#include <CLI/CLI.hpp>

#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/input.hpp"
#include "runtime/config/toml_file.hpp"

namespace pecia::apps {

using namespace kernels;
using runtime::Field;
using runtime::LayeredConfig;

namespace {

void add_field_flag(CLI::App& parser, ConfigFlags& flags, const Field& field) {
  const std::uint64_t by_default = field.get(runtime::Config{});
  parser
      .add_option_function<std::string>(
          runtime::flag_name(field),
          [&flags, &field](const std::string& text) { flags.values.emplace_back(&field, text); },
          std::string(field.help))
      ->type_name(runtime::allowed_values(field))
      ->default_str(runtime::toml_value(field, by_default));
}

Status read_file(const std::string& path, LayeredConfig& config) {
  const auto text = read_config_text(path);
  return text ? runtime::read_toml(*text, config_name(path), config) : text.error();
}

}  // namespace

std::string config_name(const std::string& file) { return file == "-" ? "standard input" : file; }

Expected<std::string> read_config_text(const std::string& file) {
  std::string text;
  const Status read = read_pieces(file, [&](std::string_view piece) -> Status {
    text += piece;
    if (text.size() <= runtime::kConfigBytesMax) return {};
    return fail(ErrorKind::refuse, "{}: too long; a config has at most {} bytes", config_name(file),
                runtime::kConfigBytesMax);
  });
  if (!read) return read.error();
  return text;
}

void add_config_file_flags(CLI::App& parser, ConfigFlags& flags) {
  parser
      .add_option(
          "--config", flags.file,
          "settings in TOML; a flag outweighs PECIA_TABLE_KEY of the environment, that this "
          "file")
      ->check(not_empty())
      ->type_name("FILE");
  parser.add_flag_callback(
      "--dump-config",
      [&parser, &flags] {
        flags.dump = true;
        for (CLI::Option* option : parser.get_options()) option->required(false);
      },
      "print the settings in force as such a file, and do nothing else");
}

void add_config_flags(CLI::App& parser, ConfigFlags& flags) {
  add_config_file_flags(parser, flags);
  for (const Field& field : runtime::fields()) {
    if (field.has_flag) add_field_flag(parser, flags, field);
  }
}

Expected<LayeredConfig> effective_config(const ConfigFlags& flags,
                                         std::span<const std::string_view> environment) {
  LayeredConfig config;
  if (!flags.file.empty()) {
    if (const Status read = read_file(flags.file, config); !read) return read.error();
  }
  if (const Status read = runtime::read_environment(environment, config); !read) {
    return read.error();
  }
  for (const auto& [field, text] : flags.values) {
    const Status set =
        config.set_text(*field, text, {runtime::Source::flag, runtime::flag_name(*field)});
    if (!set) return set.error();
  }
  if (const Status fine = config.check(); !fine) return fine.error();
  return config;
}

}  // namespace pecia::apps
