#include "apps/pecia/document_file.hpp"

namespace pecia::apps {

using namespace kernels;

Expected<DocumentFile> DocumentFile::open(const std::string& path) {
  DocumentFile document;
  if (path.empty()) return document;
  auto file = AtomicFile::create(path);
  if (!file) return file.error();
  document.file_.emplace(*std::move(file));
  return document;
}

Status DocumentFile::store(const std::string& document, bool json, Output& out) {
  if (!file_) return {};
  Status stored = file_->write(document);
  if (stored) stored = file_->commit();
  if (stored) return stored;
  const bool rescued = !json && out.write(document).ok();
  return fail(stored.error().kind, "{}; free space or choose another -o{}", stored.error().message,
              rescued ? " (the document was written to stdout instead)" : "");
}

}  // namespace pecia::apps
