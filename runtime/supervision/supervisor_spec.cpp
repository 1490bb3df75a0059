#include "runtime/supervision/supervisor_spec.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace pecia::runtime {

namespace {

using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kChildIdBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Status check_id(std::string_view where, std::string_view id) {
  if (is_id(id)) return {};
  return fail(ErrorKind::refuse, "{} must be 1 to {} printable ASCII characters without a space",
              where, kChildIdBytesMax);
}

Status check_number(std::string_view where, std::uint64_t number, std::uint64_t min,
                    std::uint64_t max) {
  if (number >= min && number <= max) return {};
  return fail(ErrorKind::refuse, "{} is {}, allowed are {} to {}", where, number, min, max);
}

Status check_limit(const std::string& where, const RestartLimit& limit) {
  if (limit.intensity < 0 || limit.intensity > kIntensityMax) {
    return fail(ErrorKind::refuse, "{}: intensity is {}, allowed are 0 to {}", where,
                limit.intensity, kIntensityMax);
  }
  return check_number(where + ": period_ms", limit.period_ms, 1, kRestartPeriodMsMax);
}

Status check_backoff(const std::string& where, const Backoff& backoff) {
  Status max = check_number(where + ": backoff max_ms", backoff.max_ms, 0, kBackoffMsMax);
  if (!max) return max;
  return check_number(where + ": backoff first_ms", backoff.first_ms, 0, backoff.max_ms);
}

Status check_child(const std::string& where, const ChildSpec& child) {
  const Status shutdown =
      check_number(where + ": shutdown_ms", child.shutdown_ms, 0, kShutdownMsMax);
  return shutdown ? check_backoff(where, child.backoff) : shutdown;
}

Status check_children(const std::string& where, const std::vector<ChildSpec>& children) {
  if (Status s = check_number(where + ": number of children", children.size(), 0, kChildrenMax); !s)
    return s;
  std::set<std::string_view> ids;
  for (std::size_t i = 0; i < children.size(); ++i) {
    const std::string_view id = children[i].id;
    if (Status s = check_id(fmt::format("{}: id of child {}", where, i + 1), id); !s) return s;
    if (!ids.insert(id).second) {
      return fail(ErrorKind::refuse, "{}: child {} has the id '{}' of one before it", where, i + 1,
                  id);
    }
    if (Status s = check_child(fmt::format("{}: child '{}'", where, id), children[i]); !s) return s;
  }
  return {};
}

}  // namespace

Status check_spec(const SupervisorSpec& spec) {
  if (Status s = check_id("name of a supervisor", spec.name); !s) return s;
  const std::string where = fmt::format("supervisor '{}'", spec.name);
  if (Status s = check_limit(where, spec.limit); !s) return s;
  return check_children(where, spec.children);
}

}  // namespace pecia::runtime
