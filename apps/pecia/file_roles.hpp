#pragma once
// Which files a command reads and which it writes, so that none is both by mistake.

#include <string>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

struct FileRole {
  std::string flag;  // as the user gave it: "-o", "the input"
  std::string path;  // "" and "-" are no file
};

// Refuses an output that is one of the inputs or another output, by whatever name or link. Devices
// and pipes may be several things at once.
kernels::Status check_file_roles(const std::vector<FileRole>& inputs,
                                 const std::vector<FileRole>& outputs);

}  // namespace pecia::apps
