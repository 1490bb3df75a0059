#include "pecia/spec_check.hpp"

#include "kernels/text/outline.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia {

kernels::Status check_spec(const runtime::JobSpec& spec) {
  if (const auto parsed = kernels::parse_outline(spec.outline); !parsed) return parsed.error();
  if (const auto size = runtime::measure(spec); !size) return size.error();
  return {};
}

}  // namespace pecia
