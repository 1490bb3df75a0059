#include "pecia/job_id.hpp"

#include <algorithm>

#include "actors/clock_and_chance.hpp"

namespace pecia {

using namespace kernels;
using runtime::JobId;

namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
std::uint8_t value_of(char c) {
  return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

}  // namespace

Expected<JobId> parse_job_id(std::string_view text) {
  JobId id{};
  if (text.size() == 2 * id.size() && std::ranges::all_of(text, is_hex)) {
    for (std::size_t i = 0; i < id.size(); ++i)
      id[i] = static_cast<std::uint8_t>(value_of(text[2 * i]) << 4 | value_of(text[2 * i + 1]));
    return id;
  }
  const bool is_word = !text.empty() && text.size() <= kJobWordBytesMax &&
                       std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  if (!is_word) {
    return fail(ErrorKind::refuse,
                "no name of a job; right are 32 hex digits, or a word of 1 to {} letters, digits "
                "and signs without blanks",
                kJobWordBytesMax);
  }
  return FieldHash().field("a job by its word").field(text).id();
}

std::string to_string(const JobId& job) { return hex(job); }

JobId random_job_id() {
  return FieldHash()
      .field("a job by chance")
      .field(actors::random_number())
      .field(actors::random_number())
      .id();
}

}  // namespace pecia
