#pragma once
// Names of jobs as people write them. Thread rule: pure, but for the draw.

#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"
#include "runtime/wire/names.hpp"

namespace pecia {

inline constexpr std::size_t kJobWordBytesMax = 64;

// 32 lower-case hex digits are the id itself; any other word of 1 to kJobWordBytesMax printable
// bytes without blanks stands for one, always the same. Refused: everything else.
kernels::Expected<runtime::JobId> parse_job_id(std::string_view text);
std::string to_string(const runtime::JobId& job);  // 32 hex digits
runtime::JobId random_job_id();

}  // namespace pecia
