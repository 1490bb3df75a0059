#pragma once
// A config as a file that reads back as the same config, each field under its help, unit and range.
// Thread rule: pure functions.

#include <string>

#include "runtime/config/layers.hpp"

namespace pecia::runtime {

std::string dump_config(const Config& config);
// And where each value comes from that is not the default.
std::string dump_config(const LayeredConfig& config);

}  // namespace pecia::runtime
