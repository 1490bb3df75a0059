#include "runtime/journal/journal_format.hpp"

#include <vector>

#include "kernels/base/hash.hpp"

namespace pecia::runtime {

namespace {

void put_u64(std::vector<std::byte>& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<std::byte>(value >> shift));
}

}  // namespace

std::uint64_t checksum_of(const StoredRecord& record) {
  std::vector<std::byte> covered;
  covered.reserve(18 + record.bytes.size());
  put_u64(covered, record.sequence);
  put_u64(covered, record.term);
  covered.push_back(static_cast<std::byte>(record.kind));
  covered.push_back(static_cast<std::byte>(record.ends));
  covered.insert(covered.end(), record.bytes.begin(), record.bytes.end());
  const kernels::Id hash = kernels::xxh3_128(covered);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < sizeof sum; ++i) sum = sum << 8 | hash[i];
  return sum;
}

}  // namespace pecia::runtime
