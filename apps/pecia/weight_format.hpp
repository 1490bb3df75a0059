#pragma once
// Names of weight formats on the command line.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "kernels/weights/file_type.hpp"

namespace pecia::apps {

// A flag that takes the name of one of `formats`, in any case.
inline CLI::Option* add_format_flag(CLI::App& parser, const std::string& flag,
                                    kernels::WeightRecipe& format,
                                    const std::vector<kernels::WeightRecipe>& formats,
                                    const std::string& help) {
  std::string names;
  for (const kernels::WeightRecipe& known : formats) {
    names.append(names.empty() ? "" : "|").append(kernels::name_of(known));
  }
  const auto take = [&format, formats, flag, names](const std::string& name) {
    const auto named = kernels::recipe_named(name);
    if (!named || std::find(formats.begin(), formats.end(), *named) == formats.end()) {
      throw CLI::ValidationError(flag, fmt::format("'{}' is none of {}", name, names));
    }
    format = *named;
  };
  return parser.add_option_function<std::string>(flag, take, help)->type_name(names);
}

}  // namespace pecia::apps
