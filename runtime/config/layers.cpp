#include "runtime/config/layers.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "runtime/config/foreign_words.hpp"

namespace pecia::runtime {

using kernels::Error;
using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

namespace {

// More than a `times` b, or nothing works as meant.
struct Rule {
  std::string_view greater_table, greater_key;
  std::uint64_t times;
  std::string_view smaller_table, smaller_key;
  std::string_view why;
};

constexpr Rule kRules[] = {
    {"protocol", "silent_ms", 2, "protocol", "report_ms",
     "one late report would take a node for gone"},
    {"protocol", "adopt_ms", 1, "protocol", "report_ms",
     "no worker could say in time what it holds"},
    {"protocol", "order_ms", 1, "protocol", "report_ms",
     "orders would count as lost before a report can show them"},
    {"protocol", "stall_ms", 1, "protocol", "report_ms",
     "attempts would count as stalled before a report can show their progress"},
    {"protocol", "storage_retry_ms_max", 1, "protocol", "storage_retry_ms",
     "the wait grows from the one to the other"},
    {"protocol", "pending_tokens_max", 1, "protocol", "window_tokens",
     "an offer of a whole window could never be taken"},
    {"journal", "file_bytes_max", 1, "journal", "record_bytes_max",
     "a record of full size could never be kept"},
    {"journal", "file_bytes_max", 1, "journal", "reserve_bytes",
     "the reserve is a part of the whole"},
    {"supervision", "backoff_ms_max", 1, "supervision", "backoff_ms",
     "the wait grows from the one to the other"},
    {"link", "redial_ms_max", 1, "link", "redial_ms", "the wait grows from the one to the other"},
    {"link", "connections_max", 1, "link", "clients_max", "clients are some of the connections"},
    {"link", "bulk_piece_bytes_max", 1, "link", "bulk_piece_bytes_min",
     "pieces are cut between the one and the other"},
    {"link", "link_bytes_max", 1, "link", "bulk_piece_bytes_max",
     "a piece of full size could never be sent"},
};

const Field& known_field(std::string_view table, std::string_view key) {
  const Field* field = find_field(table, key);
  assert(field != nullptr);
  return *field;
}

Error out_of_range(const Field& field, std::string_view shown, const Origin& origin) {
  return fail(ErrorKind::refuse, "{}: {} = {} is out of range; give {}", origin.place,
              dotted_name(field), shown, allowed_values(field));
}

std::string_view described_place(const Origin& origin) {
  return origin.source == Source::by_default ? std::string_view("default") : origin.place;
}

// The place first, as in every other message: of the value that somebody set.
std::string breaks(const Rule& rule, const Field& greater, const Field& smaller,
                   const LayeredConfig& config) {
  const Origin& one = config.origin(greater);
  const Origin& other = config.origin(smaller);
  const std::string_view place = one.source >= other.source ? one.place : other.place;
  const std::uint64_t small = smaller.get(config.config());
  return fmt::format("{}: {} = {} ({}) is less than {} = {} ({}){}: {}; raise it to {} or lower {}",
                     place, dotted_name(greater), greater.get(config.config()),
                     described_place(one), dotted_name(smaller), small, described_place(other),
                     rule.times == 1 ? "" : fmt::format(" times {}", rule.times), rule.why,
                     rule.times * small, dotted_name(smaller));
}

Status first_of(const std::vector<std::string>& mistakes) {
  if (mistakes.empty()) return {};
  return fail(ErrorKind::refuse, "{}", mistakes.front());
}

// The table whose variables the name seems to be one of; empty where it is none of ours.
std::string_view table_of_variable(std::string_view name) {
  for (const std::string_view table : table_names()) {
    if (name.starts_with(environment_prefix(table))) return table;
  }
  return {};
}

Status read_variable(std::string_view table, std::string_view name, std::string_view value,
                     LayeredConfig& config) {
  std::vector<std::string> names;
  for (const Field& field : fields()) {
    if (environment_name(field) == name) {
      return config.set_text(field, value, {Source::environment, std::string(name)});
    }
    if (field.table == table) names.push_back(environment_name(field));
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return fail(ErrorKind::refuse, "{}: no setting of [{}] has this name; the nearest is {}",
              quoted(name), table, nearest(name, known));
}

}  // namespace

std::size_t LayeredConfig::index_of(const Field& field) {
  assert(&field >= fields().data() && &field < fields().data() + fields().size());
  return static_cast<std::size_t>(&field - fields().data());
}

void LayeredConfig::take(const Field& field, std::uint64_t value, Origin origin) {
  assert(value >= field.least && value <= field.most);
  Origin& held = origins_[index_of(field)];
  if (held.source > origin.source) return;
  field.set(config_, value);
  held = std::move(origin);
}

Status LayeredConfig::set_number(const Field& field, std::int64_t value, Origin origin) {
  assert(!field.is_choice());
  const auto number = static_cast<std::uint64_t>(value);  // a negative one is beyond every range
  if (number < field.least || number > field.most) {
    return out_of_range(field, fmt::format("{}", value), origin);
  }
  take(field, number, std::move(origin));
  return {};
}

Status LayeredConfig::set_word(const Field& field, std::string_view word, Origin origin) {
  assert(field.is_choice());
  const auto found = std::find(field.words.begin(), field.words.end(), word);
  if (found == field.words.end()) {
    return fail(ErrorKind::refuse, "{}: {} = {} is no word it knows; give {}", origin.place,
                dotted_name(field), quoted(word), allowed_values(field));
  }
  take(field, static_cast<std::uint64_t>(found - field.words.begin()), std::move(origin));
  return {};
}

Status LayeredConfig::set_text(const Field& field, std::string_view text, Origin origin) {
  if (field.is_choice()) return set_word(field, text, std::move(origin));
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || fault == std::errc::invalid_argument) {
    return fail(ErrorKind::refuse, "{}: {} = {} is no whole number; give {}", origin.place,
                dotted_name(field), quoted(text), allowed_values(field));
  }
  if (fault != std::errc()) return out_of_range(field, quoted(text), origin);
  return set_number(field, value, std::move(origin));
}

std::vector<std::string> LayeredConfig::broken_rules() const {
  std::vector<std::string> lines;
  for (const Rule& rule : kRules) {
    const Field& greater = known_field(rule.greater_table, rule.greater_key);
    const Field& smaller = known_field(rule.smaller_table, rule.smaller_key);
    if (greater.get(config_) < rule.times * smaller.get(config_)) {
      lines.push_back(breaks(rule, greater, smaller, *this));
    }
  }
  return lines;
}

Status LayeredConfig::check() const { return first_of(broken_rules()); }

std::vector<std::string> read_variables(std::span<const std::string_view> variables,
                                        LayeredConfig& config) {
  std::vector<std::string> mistakes;
  for (const std::string_view variable : variables) {
    const std::size_t sign = variable.find('=');
    if (sign == variable.npos) continue;
    const std::string_view name = variable.substr(0, sign);
    const std::string_view table = table_of_variable(name);
    if (table.empty()) continue;
    const Status read = read_variable(table, name, variable.substr(sign + 1), config);
    if (!read) mistakes.push_back(read.error().message);
  }
  return mistakes;
}

Status read_environment(std::span<const std::string_view> variables, LayeredConfig& config) {
  return first_of(read_variables(variables, config));
}

}  // namespace pecia::runtime
