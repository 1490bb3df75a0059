#include "kernels/weights/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace pecia::kernels {
namespace {

class Descriptor {
 public:
  // O_NONBLOCK: a named pipe must be refused, not waited for.
  explicit Descriptor(const std::string& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Error cannot(const std::string& path, const char* what) {
  const ErrorKind kind =
      errno == ENOMEM || errno == EMFILE || errno == ENFILE ? ErrorKind::retry : ErrorKind::refuse;
  return fail(kind, "{}: cannot {}: {}", path, what, std::strerror(errno));
}

}  // namespace

Expected<MappedFile> MappedFile::open(const std::string& path) {
  const Descriptor file(path);
  if (file.number() < 0) return cannot(path, "open");
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return cannot(path, "read its size");
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::refuse, "{}: is no regular file", path);
  if (status.st_size == 0) return MappedFile();
  const auto size = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (address == MAP_FAILED) return cannot(path, "map");
  return MappedFile({static_cast<std::byte*>(address), size});
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

void MappedFile::drop_pages(std::span<const std::byte> part) const {
  const auto address = [](const std::byte* at) { return reinterpret_cast<std::uintptr_t>(at); };
  const std::uintptr_t map_first = address(bytes_.data());
  const std::uintptr_t first = address(part.data());
  if (first < map_first || first - map_first > bytes_.size() ||
      part.size() > bytes_.size() - (first - map_first)) {
    return;
  }
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t begin = (first + page - 1) / page * page;
  const std::uintptr_t end = (first + part.size()) / page * page;
  if (begin >= end) return;
  ::madvise(bytes_.data() + (begin - map_first), end - begin, MADV_DONTNEED);
}

}  // namespace pecia::kernels
