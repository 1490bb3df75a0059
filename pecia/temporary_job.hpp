#pragma once
// The folder of jobs that end with their process, in the place for temporary files. What a kill
// leaves, a later one removes.
// Thread rule: any thread; whoever makes a folder removes it.

#include <string>

#include "kernels/base/expected.hpp"

namespace pecia {

// Lies in a temporary one, so that no folder of a person's is taken for one.
inline constexpr const char* kJobMark = "temporary";
// All that may lie in it.
inline constexpr const char* kJobFiles[] = {"journal.sqlite",
                                            "journal.sqlite-journal",
                                            "journal.sqlite-wal",
                                            "journal.sqlite-shm",
                                            "journal.sqlite.reserve",
                                            "journal.sqlite.lock",
                                            kJobMark};

// A new folder, after those were removed that nobody uses any more.
kernels::Expected<std::string> make_temporary_job();

}  // namespace pecia
