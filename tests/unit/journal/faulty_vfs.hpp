#pragma once
// SQLite's file system with faults, as long as it lives: it stands in front of the default one, so
// the journal under test needs no door for it. Also remembers what a power loss would leave.
// Thread rule: one at a time; set from any thread.

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace pecia::runtime::test {

class FaultyVfs {
 public:
  FaultyVfs();
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  // Files may grow by so many bytes in all, and by what `reserve` lacks of `reserve_bytes`.
  void set_room(std::int64_t bytes);
  void set_endless_room() { set_room(INT64_MAX / 2); }
  std::filesystem::path reserve;
  std::int64_t reserve_bytes = 0;

  std::atomic<bool> writes_fail = false;
  std::atomic<bool> syncs_fail = false;
  std::atomic<bool> skip_syncs = false;  // for speed, where no power is lost
  std::atomic<int> log_syncs = 0;        // of write-ahead logs

  // Where set: every file as it was when it was last synced. REQUIRES: one folder's files.
  std::filesystem::path image;

 private:
  friend struct FaultyFile;
  bool takes(std::int64_t growth);

  std::atomic<std::int64_t> room_ = INT64_MAX / 2;
  sqlite3_vfs* below_;
  sqlite3_vfs self_;
};

}  // namespace pecia::runtime::test
