#pragma once
// The config of a command: its file, the environment and its flags, as one.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/config/layers.hpp"

namespace CLI {
class App;
}

namespace pecia::apps {

struct ConfigFlags {
  std::string file;   // --config; empty: none, "-": standard input
  bool dump = false;  // --dump-config: print the config in force and do nothing else
  std::vector<std::pair<const runtime::Field*, std::string>>
      values;  // as given on the command line
};

// --config and --dump-config, which lifts the requirements of all flags declared before it.
void add_config_file_flags(CLI::App& parser, ConfigFlags& flags);
// These, and a flag for each field that has one (--workers, --batch-max, ...).
void add_config_flags(CLI::App& parser, ConfigFlags& flags);

// Of --config, in messages.
std::string config_name(const std::string& file);
// Bounded; refused where it cannot be read.
kernels::Expected<std::string> read_config_text(const std::string& file);

// Flags over `environment` over the file over the defaults; refused with the place that is wrong.
kernels::Expected<runtime::LayeredConfig> effective_config(
    const ConfigFlags& flags, std::span<const std::string_view> environment);

}  // namespace pecia::apps
