#include "kernels/weights/json_text.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {
namespace {

// Builds the value while the parser reports its parts, and stops at the first beyond a limit. The
// parser itself keeps one bit a level, so depth costs no stack.
class Builder {
 public:
  Builder(const std::string& name, JsonLimits limits) : name_(name), limits_(limits) {}

  Expected<Json> take(bool parsed) {
    if (parsed) return std::move(root_);
    return error_.value_or(fail(ErrorKind::refuse, "{}: is no JSON", name_));
  }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }  // no part of JSON text

  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return open_.pop_back(), true; }
  bool end_array() { return open_.pop_back(), true; }

  bool key(std::string& key) {
    if (!count()) return false;
    const auto [place, fresh] = open_.back()->get_ref<Json::object_t&>().emplace(key, nullptr);
    if (!fresh) return refuse("key '{}' stands there twice", quoted(key));
    member_ = &place->second;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token, const Json::exception&) {
    return refuse("is no JSON at byte {}, behind '{}'", position, quoted(token));
  }

 private:
  template <class... Args>
  bool refuse(fmt::format_string<Args...> text, Args&&... args) {
    error_ =
        fail(ErrorKind::refuse, "{}: {}", name_, fmt::format(text, std::forward<Args>(args)...));
    return false;
  }

  bool count() {
    return ++values_ <= limits_.values_max ||
           refuse("holds more than {} values", limits_.values_max);
  }

  Json* place(Json value) {
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_object()) return &(*member_ = std::move(value));
    auto& list = open_.back()->get_ref<Json::array_t&>();
    return &list.emplace_back(std::move(value));
  }

  bool add(Json value) {
    if (!count()) return false;
    place(std::move(value));
    return true;
  }

  bool open(Json value) {
    if (!count()) return false;
    if (open_.size() >= static_cast<std::size_t>(limits_.depth_max)) {
      return refuse("nests deeper than {} levels", limits_.depth_max);
    }
    open_.push_back(place(std::move(value)));
    return true;
  }

  const std::string& name_;
  const JsonLimits limits_;
  Json root_;
  // Objects and lists that are not closed, outermost first. A list's elements move when it grows,
  // but never while one of them is open.
  std::vector<Json*> open_;
  Json* member_ = nullptr;  // where the next value goes inside an object
  std::uint64_t values_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Expected<Json> parse_json(std::string_view text, const std::string& name, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return fail(ErrorKind::refuse, "{}: {} bytes of JSON, at most {} are allowed", name,
                text.size(), limits.bytes_max);
  }
  Builder builder(name, limits);
  return builder.take(Json::sax_parse(text, &builder));
}

std::optional<std::uint64_t> whole_number(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_number_integer() || value.get<std::int64_t>() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value.get<std::int64_t>());
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

JsonFields::JsonFields(const Json& object, std::string name)
    : object_(object), name_(std::move(name)) {
  if (!object.is_object()) refuse("expected an object, {...}");
}

void JsonFields::fail_with(Error error) {
  if (!error_) error_ = std::move(error);
}

void JsonFields::refuse(std::string_view text) {
  fail_with(fail(ErrorKind::refuse, "{}: {}", name_, text));
}

void JsonFields::wrong_type(const char* key, const char* expected) {
  refuse(fmt::format("'{}' is {}, expected {}", key, object_[key].type_name(), expected));
}

const Json* JsonFields::find(const char* key) const {
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

const Json* JsonFields::object(const char* key) {
  const Json* value = find(key);
  if (value == nullptr || value->is_object()) return value;
  return wrong_type(key, "an object"), nullptr;
}

const Json* JsonFields::list(const char* key) {
  const Json* value = find(key);
  if (value == nullptr || value->is_array()) return value;
  return wrong_type(key, "a list"), nullptr;
}

std::optional<std::string> JsonFields::text(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  return wrong_type(key, "a text"), std::nullopt;
}

std::optional<bool> JsonFields::flag(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  return wrong_type(key, "true or false"), std::nullopt;
}

std::optional<double> JsonFields::number(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  return wrong_type(key, "a number"), std::nullopt;
}

std::optional<std::uint64_t> JsonFields::whole(const char* key, std::uint64_t min,
                                               std::uint64_t max) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto whole = whole_number(*value);
  if (whole && *whole >= min && *whole <= max) return whole;
  refuse(fmt::format("'{}' is {}, expected a whole number from {} to {}", key,
                     quoted(value->is_number() ? value->dump() : value->type_name()), min, max));
  return std::nullopt;
}

}  // namespace pecia::kernels
