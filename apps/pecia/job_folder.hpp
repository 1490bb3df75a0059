#pragma once
// Where a job lives: the folder that --job-dir names, or one of its own that goes when the command
// ends, however it ends: by itself, by Ctrl-C once or twice, or because nobody reads on. What a
// kill leaves, a later command removes.
// Thread rule: one thread; one folder at a time.

#include <string>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

class JobFolder {
 public:
  // `path` empty: a new folder in $TMPDIR, or /tmp. Else made where it is missing.
  // From now on the process outlives those who read its output (interrupt.hpp).
  static kernels::Expected<JobFolder> open(const std::string& path);
  JobFolder(JobFolder&& other) noexcept;
  JobFolder& operator=(JobFolder&&) = delete;
  ~JobFolder();  // removes a temporary one with all that is in it

  const std::string& path() const { return path_; }
  bool is_temporary() const { return temporary_; }
  std::string journal() const { return path_ + "/journal.sqlite"; }

 private:
  JobFolder(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  static kernels::Expected<JobFolder> make_temporary();

  std::string path_;
  bool temporary_;
};

}  // namespace pecia::apps
