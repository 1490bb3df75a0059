#pragma once
// The tables of settings in a config file. Strict: a table or key that is not in fields(), a value
// of another type or out of its range, and a key given twice are refused with their place.
// Thread rule: pure functions of their arguments.

#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"
#include "runtime/config/layers.hpp"
#include "runtime/config/toml_tree.hpp"

namespace pecia::runtime {

// Takes what `text` sets; `name` is the file's in messages. Of several mistakes the error is the
// first in the file. After an error `config` may hold a part.
kernels::Status read_toml(std::string_view text, const std::string& name, LayeredConfig& config);

// One table of settings, [protocol] and the like. REQUIRES a key of table_names().
void read_settings(const TomlEntry& table, LayeredConfig& config, Mistakes& mistakes);

}  // namespace pecia::runtime
