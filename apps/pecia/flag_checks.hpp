#pragma once
// What flags may hold, beyond what CLI11 checks by itself.

#include <CLI/CLI.hpp>
#include <cmath>
#include <string>

namespace pecia::apps {

// As CLI::Range, which lets "nan" through: every comparison with it is false.
inline CLI::Validator finite_range(double low, double high) {
  return CLI::Validator(
      [low, high](std::string& text) -> std::string {
        double number = 0;
        const bool read = CLI::detail::lexical_cast(text, number);
        if (read && std::isfinite(number) && number >= low && number <= high) return {};
        return "value " + text + " not in range " + CLI::detail::to_string(low) + " to " +
               CLI::detail::to_string(high);
      },
      "in [" + CLI::detail::to_string(low) + " - " + CLI::detail::to_string(high) + "]");
}

// An unset variable in a script is not the same as a flag left out.
inline CLI::Validator not_empty() {
  return CLI::Validator(
      [](std::string& text) { return text.empty() ? std::string("the name is empty") : ""; }, "");
}

}  // namespace pecia::apps
