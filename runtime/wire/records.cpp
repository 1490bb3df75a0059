#include "runtime/wire/records.hpp"

namespace pecia::runtime {

bool is_synced(const Record& record) { return !std::holds_alternative<TokensRecord>(record); }

}  // namespace pecia::runtime
