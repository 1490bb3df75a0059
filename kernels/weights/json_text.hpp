#pragma once
// Foreign JSON: parsed within bounds, and read member by member with errors that name the place.
// Thread rule: pure.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

using Json = nlohmann::json;

struct JsonLimits {  // of one text; refusing beyond them keeps foreign bytes from allocating
  std::uint64_t bytes_max = 128 << 20;
  std::uint64_t values_max = 4 << 20;  // numbers, texts, lists and objects, keys included
  int depth_max = 32;
};

// `name` stands in errors. Refused (kind refuse): what is no JSON, a key that stands twice in one
// object, whatever is beyond the limits.
Expected<Json> parse_json(std::string_view text, const std::string& name, JsonLimits limits = {});

// The number where `value` is a whole one that is not negative.
std::optional<std::uint64_t> whole_number(const Json& value);

// A member's text; empty where it is absent or no text. REQUIRES an object.
std::string text_of(const Json& object, const char* key);

// Reads members of one object. A member that is null counts as absent. The first fault is kept:
// later values do not count, and ok() says so.
class JsonFields {
 public:
  // `object` must outlive this and be an object, else that is the first fault.
  JsonFields(const Json& object, std::string name);

  const std::string& name() const { return name_; }
  bool ok() const { return !error_; }
  const Error& error() const { return *error_; }
  void fail_with(Error error);
  // "NAME: text", as the first fault.
  void refuse(std::string_view text);

  const Json* find(const char* key) const;  // nullptr where absent, null, or no object
  const Json* object(const char* key);      // nullptr where absent
  const Json* list(const char* key);        // nullptr where absent
  std::optional<std::string> text(const char* key);
  std::optional<bool> flag(const char* key);
  std::optional<double> number(const char* key);
  // From `min` to `max`.
  std::optional<std::uint64_t> whole(const char* key, std::uint64_t min, std::uint64_t max);

 private:
  void wrong_type(const char* key, const char* expected);

  const Json& object_;
  std::string name_;
  std::optional<Error> error_;
};

}  // namespace pecia::kernels
