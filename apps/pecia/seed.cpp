#include "apps/pecia/seed.hpp"

#include <sys/random.h>

#include <cstdio>

#include "apps/pecia/output.hpp"
#include "apps/pecia/parse_number.hpp"

namespace pecia::apps {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

Expected<std::uint64_t> draw_seed() {
  std::uint32_t seed = 0;  // 32 bits: short enough to type again
  if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    return fail(ErrorKind::retry, "-s random: the system gives no random bytes; give a number");
  }
  tell(fmt::format("seed {}", seed));
  return std::uint64_t{seed};
}

}  // namespace

Expected<std::uint64_t> resolve_seed(const std::string& text) {
  if (text == "random") return draw_seed();
  std::uint64_t seed = 0;
  if (parse_number(text, seed)) return seed;
  return fail(ErrorKind::refuse, "-s '{}': not a seed; give a number from 0 to {} or 'random'",
              text, UINT64_MAX);
}

}  // namespace pecia::apps
