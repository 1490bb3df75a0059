#pragma once
// The database around the records: its file, its identity, its one table.
// Thread rule: free functions.

#include <string>

#include "kernels/base/expected.hpp"
#include "runtime/journal/sqlite_connection.hpp"

namespace pecia::runtime {

// The file is there afterwards, readable by its owner only where it was made here.
kernels::Status make_journal_file(const std::string& path);

// An empty file becomes a journal; any other must be one, of a format this program knows. In WAL
// mode afterwards.
kernels::Status lay_out_journal(SqliteConnection& connection, const std::string& path);

// Before anything is written into it that a program of an earlier format does not know.
kernels::Status raise_journal_format(SqliteConnection& connection, const std::string& path);

}  // namespace pecia::runtime
