#include "runtime/wire/records.hpp"

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

bool is_synced(const Record& record) { return !std::holds_alternative<TokensRecord>(record); }

}  // namespace pecia::runtime
