#pragma once
// The numbers of the journal: how long a record may wait for its neighbours, and how much room the
// journal may take. None changes what is recorded or in which order.

#include <cstdint>

namespace pecia::runtime {

struct JournalLimits {
  // Records wait at most so long for others to be committed with. Longer costs fewer syncs and
  // makes every acknowledgement that much later.
  std::uint64_t group_commit_ms = 10;
  // So many waiting records are committed at once, however short they have waited. More make larger
  // transactions, of which a kill loses the last.
  int group_commit_records = 64;
  // Kept free in a file of its own, and given back on a full disk, so that the records that close
  // jobs still fit. Larger closes more jobs; smaller wastes less.
  std::uint64_t reserve_bytes = 1024 * 1024;
  // Of one encoded record; a larger one is refused before it is written and distrusted when read.
  // Smaller bounds the memory of a reader, but the spec of a job and its plan must fit.
  std::uint64_t record_bytes_max = 64 * 1024 * 1024;
  // Of the whole journal; beyond it the storage counts as full. Larger keeps more jobs.
  std::uint64_t file_bytes_max = std::uint64_t{4} * 1024 * 1024 * 1024;
};

}  // namespace pecia::runtime
