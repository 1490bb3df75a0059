#include "runtime/journal/journal.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::runtime {

std::string_view name_of(AppendOutcome outcome) {
  switch (outcome) {
    case AppendOutcome::durable:
      return "durable";
    case AppendOutcome::full:
      return "full";
    case AppendOutcome::broken:
      return "broken";
    case AppendOutcome::deposed:
      return "deposed";
  }
  assert(false && "an outcome outside its enum");
  return "";
}

bool only_closes(std::span<const Record> records) {
  return !records.empty() && std::all_of(records.begin(), records.end(), [](const Record& record) {
    return std::holds_alternative<ClosedRecord>(record);
  });
}

}  // namespace pecia::runtime
