#include "runtime/wire/records.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::runtime {

std::string_view name_of(StepEnd end) {
  switch (end) {
    case StepEnd::length:
      return "length";
    case StepEnd::eos:
      return "eos";
    case StepEnd::stop_text:
      return "stop_text";
    case StepEnd::context_full:
      return "context_full";
  }
  assert(false && "an end outside its enum");
  return "";
}

std::string_view name_of(PlacedHow how) {
  constexpr std::string_view kNames[] = {"ordered", "alone", "hedge", "adopted"};
  return kNames[static_cast<std::size_t>(how)];
}

std::string_view name_of(LeftReason reason) {
  constexpr std::string_view kNames[] = {"silent", "down",    "reborn",   "broke",
                                         "unheld", "stalled", "diverged", "drained"};
  return kNames[static_cast<std::size_t>(reason)];
}

bool is_note(const Record& record) {
  return std::holds_alternative<PlacedRecord>(record) ||
         std::holds_alternative<LeftRecord>(record) ||
         std::holds_alternative<StalledRecord>(record);
}

bool only_notes(std::span<const Record> records) {
  return !records.empty() && std::all_of(records.begin(), records.end(), is_note);
}

bool is_synced(const Record& record) {
  return !std::holds_alternative<TokensRecord>(record) && !is_note(record);
}

}  // namespace pecia::runtime
