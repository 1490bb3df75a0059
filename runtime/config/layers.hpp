#pragma once
// A config as it comes together: flag before environment before file before default, whatever is
// read first. Each value remembers where it is from, so that a message can name the place.
// Errors: kind refuse, one line "place: what is wrong; what would be right". The place is
// "FILE:LINE:COLUMN", "PECIA_TABLE_KEY" or "--flag".
// Thread rule: one thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/config/config.hpp"
#include "runtime/config/fields.hpp"

namespace pecia::runtime {

// Later ones outweigh earlier ones.
enum class Source : std::uint8_t { by_default, file, environment, flag };

struct Origin {
  Source source = Source::by_default;
  std::string place;  // empty: the default
};

class LayeredConfig {
 public:
  LayeredConfig() : origins_(fields().size()) {}

  const Config& config() const { return config_; }
  // REQUIRES a field of fields().
  const Origin& origin(const Field& field) const { return origins_[index_of(field)]; }

  // An error says why the value cannot be the field's. Does nothing where the field has a value of
  // a source that outweighs this one.
  kernels::Status set_number(const Field& field, std::int64_t value, Origin origin);
  kernels::Status set_word(const Field& field, std::string_view word, Origin origin);
  // Either, from the text of a variable or a flag.
  kernels::Status set_text(const Field& field, std::string_view text, Origin origin);

  // What no field shows alone: pairs that make no sense together. The first, or all of them.
  kernels::Status check() const;
  std::vector<std::string> broken_rules() const;

 private:
  static std::size_t index_of(const Field& field);
  void take(const Field& field, std::uint64_t value, Origin origin);

  Config config_;
  std::vector<Origin> origins_;  // as fields()
};

// Takes PECIA_TABLE_KEY of `variables`, each "NAME=value" as a process finds them. A name of one of
// our tables without such a key is refused as a mistyped one; all other names are left alone.
kernels::Status read_environment(std::span<const std::string_view> variables,
                                 LayeredConfig& config);
// The same, with a line for each that is refused.
std::vector<std::string> read_variables(std::span<const std::string_view> variables,
                                        LayeredConfig& config);

}  // namespace pecia::runtime
