#pragma once
// The journal's file, shared by its writer and its reader. Durable: nothing here may change without
// a new kFormatVersion.
//
// FILE          an SQLite database in WAL mode, with FILE-wal and FILE-shm while it is open
// FILE.lock     locked (flock) by the process that has the journal open, holds its pid
// FILE.reserve  room held back for the ends of jobs, smaller while the disk is full
//
// Format 2 has the table of format 1. What is new lies in the records: each says when it was made,
// and some are notes (wire/records.hpp). A file of format 1 is read as it is, its records without
// times, and becomes one of format 2 before the first record of this program is written; a program
// that knows format 1 only refuses it then, by its number.
//
// One table, one row a record, rows are never changed. checksum = the first 64 bits of XXH3-128
// over sequence, term (u64), kind, ends (u8), all little-endian, and the bytes.

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/wire/names.hpp"

namespace pecia::runtime {

inline constexpr std::int32_t kJournalApplicationId = 0x50434A31;  // "PCJ1"
inline constexpr std::int32_t kJournalFormatVersion = 2;
inline constexpr std::int32_t kJournalFormatVersionOldest = 1;  // that can be read
inline constexpr int kJournalPageBytes = 4096;
inline constexpr const char* kJournalTable =
    "CREATE TABLE records("
    "sequence INTEGER PRIMARY KEY,"  // 1, 2, ... without a gap
    " term INTEGER NOT NULL,"        // of the writer; never lower than the one before
    " kind INTEGER NOT NULL,"        // index of Record's alternative
    " ends INTEGER NOT NULL,"        // 1: the last of its transaction
    " bytes BLOB NOT NULL,"          // the encoded Record
    " checksum INTEGER NOT NULL) STRICT";

struct StoredRecord {
  std::uint64_t sequence = 0;
  Term term = 0;
  std::uint8_t kind = 0;
  bool ends = true;
  std::span<const std::byte> bytes;
};

std::uint64_t checksum_of(const StoredRecord& record);

}  // namespace pecia::runtime
