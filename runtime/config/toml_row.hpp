#pragma once
// A table with a few known keys, read key by key: whatever is missing, of another type, out of its
// range or unknown becomes a mistake, and reading goes on.
// Thread rule: one thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/config/toml_tree.hpp"

namespace pecia::runtime {

// As far as systems take them.
inline constexpr std::size_t kFilePathBytesMax = 4'095;

class TomlRow {
 public:
  // `label` is the table's in messages, "[cluster]" or "[[node]]"; `place` is where it begins. All
  // must outlive the row. A value that is no table is a mistake, and then the row has no keys.
  TomlRow(std::string_view label, TomlPlace place, const TomlValue& value, Mistakes& mistakes);

  // Mistakes for the keys that are none of these.
  void refuse_others(std::span<const std::string_view> known) const;

  // The value of a key; nullptr where it is absent. `need` makes absence a mistake and tells what
  // to give.
  const TomlValue* find(std::string_view key) const;
  const TomlValue* need(std::string_view key, std::string_view what) const;

  // Nothing where the key is absent or its value a mistake.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::string> needed_text(std::string_view key, std::string_view what) const;
  // A path, absolute and without "..", taken from `folder` on where it is relative.
  std::optional<std::string> path(std::string_view key, const std::string& folder) const;
  std::optional<int> number(std::string_view key, int least, int most, std::string_view unit) const;

  // Where the value of the key stands, or else the row.
  TomlPlace place_of(std::string_view key) const;
  TomlPlace place() const { return place_; }

 private:
  std::optional<std::string> text_of(std::string_view key, const TomlValue& value) const;

  std::string_view label_;
  TomlPlace place_;
  const TomlValue& value_;
  Mistakes& mistakes_;
};

// REQUIRES an absolute folder.
std::string resolved_path(const std::string& folder, std::string_view path);

}  // namespace pecia::runtime
