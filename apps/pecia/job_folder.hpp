#pragma once
// Where a job lives: the folder that --job-dir names, or one of its own that goes when the command
// ends.

#include <string>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

class JobFolder {
 public:
  // `path` empty: a new folder in $TMPDIR, or /tmp. Else made where it is missing.
  static kernels::Expected<JobFolder> open(const std::string& path);
  JobFolder(JobFolder&& other) noexcept;
  JobFolder& operator=(JobFolder&&) = delete;
  ~JobFolder();  // removes a temporary one with all that is in it

  const std::string& path() const { return path_; }
  bool is_temporary() const { return temporary_; }
  std::string journal() const { return path_ + "/journal.sqlite"; }

 private:
  JobFolder(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}

  std::string path_;
  bool temporary_;
};

}  // namespace pecia::apps
