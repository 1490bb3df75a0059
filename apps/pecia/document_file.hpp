#pragma once
// The file where a finished document appears, complete, or none: then it goes to stdout.

#include <optional>
#include <string>

#include "apps/pecia/output.hpp"
#include "kernels/base/expected.hpp"
#include "kernels/weights/atomic_file.hpp"

namespace pecia::apps {

class DocumentFile {
 public:
  // Before anything is written, so that nobody waits for a document that has no place. `path`
  // empty: no file.
  static kernels::Expected<DocumentFile> open(const std::string& path);

  // A document that cannot be stored is not lost: it goes to stdout, unless that must hold JSON.
  kernels::Status store(const std::string& document, bool json, Output& out);

 private:
  std::optional<kernels::AtomicFile> file_;
};

}  // namespace pecia::apps
