// The readers of journal and messages over any bytes, the first of which says which one. Whatever
// is taken has bytes of its own that say the same.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "runtime/wire/batch.hpp"
#include "runtime/wire/codec.hpp"

using namespace pecia::runtime;
namespace kernels = pecia::kernels;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <class Value>
void check(kernels::Expected<Value> (*decode)(std::span<const std::byte>),
           std::span<const std::byte> bytes) {
  const auto value = decode(bytes);
  if (!value) {
    require(value.error().kind == kernels::ErrorKind::refuse && !value.error().message.empty());
    return;
  }
  const Bytes own = encode(*value);
  const auto again = decode(own);
  require(again.ok() && *again == *value && encode(*again) == own);
}

void check_batch(std::span<const std::byte> bytes) {
  const auto messages = messages_of_batch(bytes);
  if (!messages) return;
  BatchBuilder again;
  for (const auto message : *messages) require(again.add(message));
  require(std::ranges::equal(again.take(), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  if (count == 0) return 0;
  const auto rest = std::as_bytes(std::span(bytes, count)).subspan(1);
  switch (bytes[0] % 6) {
    case 0:
      check(decode_record, rest);
      break;
    case 1:
      check(decode_to_coordinator, rest);
      break;
    case 2:
      check(decode_to_worker, rest);
      break;
    case 3:
      check(decode_to_client, rest);
      break;
    case 4:
      check(decode_job_spec, rest);
      break;
    default:
      check_batch(rest);
  }
  return 0;
}
