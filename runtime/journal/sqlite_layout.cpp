#include "runtime/journal/sqlite_layout.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "runtime/journal/journal_format.hpp"

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {

constexpr mode_t kOwnerOnly = 0600;

std::int64_t bytes_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::int64_t>(status.st_size) : -1;
}

// A name is durable only once its folder is.
void sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

Status create_table(SqliteConnection& connection, const std::string& path) {
  // One transaction under SQLite's rollback journal: after a crash the file is empty or complete.
  const StorageAnswer created = connection.run(
      fmt::format("PRAGMA page_size = {}; BEGIN IMMEDIATE; PRAGMA application_id = {}; "
                  "PRAGMA user_version = {}; {}; COMMIT",
                  kJournalPageBytes, kJournalApplicationId, kJournalFormatVersion, kJournalTable));
  if (created.ok()) return {};
  connection.roll_back();
  return fail(ErrorKind::retry, "{}: cannot create the journal: {}", path, created.why);
}

Expected<std::int32_t> format_of(SqliteConnection& connection) {
  const Expected<std::string> version = connection.text_of("PRAGMA user_version");
  if (!version) return version.error();
  std::int32_t format = -1;
  std::from_chars(version->data(), version->data() + version->size(), format);
  return format;
}

Status check_identity(SqliteConnection& connection, const std::string& path) {
  const Expected<std::string> application = connection.text_of("PRAGMA application_id");
  if (!application) return application.error();
  if (*application != std::to_string(kJournalApplicationId)) {
    return fail(ErrorKind::refuse, "{}: a database, but no journal of pecia; name another file",
                path);
  }
  const Expected<std::int32_t> version = format_of(connection);
  if (!version) return version.error();
  if (*version < kJournalFormatVersionOldest || *version > kJournalFormatVersion) {
    return fail(ErrorKind::refuse,
                "{}: a journal of format {}, and this program knows formats {} to {}; use the one "
                "that wrote it",
                path, *version, kJournalFormatVersionOldest, kJournalFormatVersion);
  }
  const Expected<std::string> tables = connection.text_of(
      "SELECT group_concat(type || ' ' || name || ' ' || ifnull(sql, '')) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables != std::string("table records ") + kJournalTable) {
    return fail(ErrorKind::refuse,
                "{}: its tables are not those of a journal; put back a copy of it, or move it away "
                "to start without its jobs",
                path);
  }
  return {};
}

}  // namespace

Status make_journal_file(const std::string& path) {
  // Never opened where it exists: closing it would drop the locks SQLite holds in this process.
  const std::int64_t bytes = bytes_of(path);
  if (bytes > 0) return {};
  if (bytes_of(path + "-wal") > 0) {
    return fail(ErrorKind::refuse,
                "{}: empty or missing, but {}-wal beside it holds records; put the file back, or "
                "move both away to start without their jobs",
                path, path);
  }
  if (bytes == 0) return {};
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) {
    return fail(ErrorKind::refuse, "{}: cannot create the journal: {}", path, std::strerror(errno));
  }
  ::close(descriptor);
  sync_folder_of(path);
  return {};
}

Status lay_out_journal(SqliteConnection& connection, const std::string& path) {
  // Asked of SQLite, which first rolls back what a crash left of an earlier creation.
  const Expected<std::string> pages = connection.text_of("PRAGMA page_count");
  if (!pages) return pages.error();
  if (*pages == "0") {
    if (Status created = create_table(connection, path); !created) return created;
  }
  if (Status known = check_identity(connection, path); !known) return known;
  const Expected<std::string> mode = connection.text_of("PRAGMA journal_mode = WAL");
  if (!mode) return mode.error();
  if (*mode != "wal") {
    return fail(ErrorKind::refuse,
                "{}: SQLite cannot keep a write-ahead log here; name a file on a "
                "local disk",
                path);
  }
  return {};
}

Status raise_journal_format(SqliteConnection& connection, const std::string& path) {
  const Expected<std::int32_t> format = format_of(connection);
  if (!format) return format.error();
  if (*format == kJournalFormatVersion) return {};
  const StorageAnswer raised =
      connection.run(fmt::format("PRAGMA user_version = {}", kJournalFormatVersion));
  if (raised.ok()) return {};
  return fail(ErrorKind::retry, "{}: cannot make it a journal of format {}: {}", path,
              kJournalFormatVersion, raised.why);
}

}  // namespace pecia::runtime
