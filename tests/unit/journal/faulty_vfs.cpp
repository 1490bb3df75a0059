#include "tests/unit/journal/faulty_vfs.hpp"

#include <cerrno>
#include <new>
#include <string>

namespace pecia::runtime::test {

namespace fs = std::filesystem;

// One open file: this, and the real one's memory right behind it.
struct FaultyFile {
  sqlite3_file head;
  FaultyVfs* owner;
  const char* path;  // SQLite's own copy, or null for a temporary file
  bool is_log;

  static FaultyFile* of(sqlite3_file* file) { return reinterpret_cast<FaultyFile*>(file); }
  static sqlite3_file* below(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(of(file) + 1);
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    auto* owner = static_cast<FaultyVfs*>(vfs->pAppData);
    auto* mine = new (file) FaultyFile{{nullptr}, owner, path, (flags & SQLITE_OPEN_WAL) != 0};
    const int code = owner->below_->xOpen(owner->below_, path, below(file), flags, out);
    if (below(file)->pMethods != nullptr) mine->head.pMethods = methods();
    return code;
  }

  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
    FaultyVfs& owner = *of(file)->owner;
    if (owner.writes_fail) {
      errno = EIO;
      return SQLITE_IOERR_WRITE;
    }
    sqlite3_int64 size = 0;
    if (below(file)->pMethods->xFileSize(below(file), &size) != SQLITE_OK) return SQLITE_IOERR;
    if (at + count > size && !owner.takes(at + count - size)) return SQLITE_FULL;
    return below(file)->pMethods->xWrite(below(file), bytes, count, at);
  }

  static int sync(sqlite3_file* file, int flags) {
    FaultyVfs& owner = *of(file)->owner;
    if (owner.syncs_fail) {
      errno = EIO;
      return SQLITE_IOERR_FSYNC;
    }
    owner.log_syncs += of(file)->is_log;
    if (!owner.image.empty() && of(file)->path != nullptr) {
      const fs::path path = of(file)->path;
      fs::copy_file(path, owner.image / path.filename(), fs::copy_options::overwrite_existing);
    }
    if (owner.skip_syncs) return SQLITE_OK;
    return below(file)->pMethods->xSync(below(file), flags);
  }

  static const sqlite3_io_methods* methods();
};

namespace {

// A method that goes straight to the file below.
template <auto Member, class... Args>
int forward(sqlite3_file* file, Args... args) {
  sqlite3_file* real = FaultyFile::below(file);
  return (real->pMethods->*Member)(real, args...);
}

using Io = sqlite3_io_methods;

}  // namespace

const sqlite3_io_methods* FaultyFile::methods() {
  static const Io io = [] {
    Io made{};
    made.iVersion = 2;  // with shared memory, without mapping
    made.xClose = forward<&Io::xClose>;
    made.xRead = forward<&Io::xRead, void*, int, sqlite3_int64>;
    made.xWrite = FaultyFile::write;
    made.xTruncate = forward<&Io::xTruncate, sqlite3_int64>;
    made.xSync = FaultyFile::sync;
    made.xFileSize = forward<&Io::xFileSize, sqlite3_int64*>;
    made.xLock = forward<&Io::xLock, int>;
    made.xUnlock = forward<&Io::xUnlock, int>;
    made.xCheckReservedLock = forward<&Io::xCheckReservedLock, int*>;
    made.xFileControl = forward<&Io::xFileControl, int, void*>;
    made.xSectorSize = forward<&Io::xSectorSize>;
    made.xDeviceCharacteristics = forward<&Io::xDeviceCharacteristics>;
    made.xShmMap = forward<&Io::xShmMap, int, int, int, void volatile**>;
    made.xShmLock = forward<&Io::xShmLock, int, int, int>;
    made.xShmBarrier = [](sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); };
    made.xShmUnmap = forward<&Io::xShmUnmap, int>;
    return made;
  }();
  return &io;
}

FaultyVfs::FaultyVfs() : below_(sqlite3_vfs_find(nullptr)), self_(*below_) {
  self_.zName = "faulty";
  self_.pAppData = this;
  self_.szOsFile = static_cast<int>(sizeof(FaultyFile)) + below_->szOsFile;
  self_.xOpen = FaultyFile::open;
  sqlite3_vfs_register(&self_, 1);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(&self_);
  sqlite3_vfs_register(below_, 1);
}

void FaultyVfs::set_room(std::int64_t bytes) { room_ = bytes; }

bool FaultyVfs::takes(std::int64_t growth) {
  std::error_code missing;
  const auto held = reserve.empty() ? 0 : fs::file_size(reserve, missing);
  const std::int64_t released =
      reserve.empty() ? 0 : reserve_bytes - (missing ? 0 : static_cast<std::int64_t>(held));
  if (growth > room_ + released) return false;
  room_ -= growth;
  return true;
}

}  // namespace pecia::runtime::test
