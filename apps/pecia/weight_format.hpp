#pragma once
// Names of weight formats on the command line.

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "kernels/weights/gguf.hpp"

namespace pecia::apps {

// A flag that takes one of `names` in any case.
inline CLI::Option* add_format_flag(CLI::App& parser, const std::string& flag,
                                    kernels::TensorType& format,
                                    const std::map<std::string, kernels::TensorType>& names,
                                    const std::string& help) {
  return parser.add_option(flag, format, help)
      ->transform(CLI::CheckedTransformer(names, CLI::ignore_case));
}

}  // namespace pecia::apps
