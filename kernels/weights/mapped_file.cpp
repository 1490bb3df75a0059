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
  int release() { return std::exchange(number_, -1); }

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
  Descriptor file(path);
  if (file.number() < 0) return cannot(path, "open");
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return cannot(path, "read its size");
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::refuse, "{}: is no regular file", path);
  if (status.st_size == 0) return MappedFile();
  const auto size = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (address == MAP_FAILED) return cannot(path, "map");
  return MappedFile({static_cast<std::byte*>(address), size}, file.release());
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
  if (file_ >= 0) ::close(file_);
}

std::optional<std::size_t> MappedFile::offset_of(std::span<const std::byte> part) const {
  const std::uintptr_t map_first = reinterpret_cast<std::uintptr_t>(bytes_.data());
  const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(part.data());
  if (first < map_first || first - map_first > bytes_.size()) return std::nullopt;
  const std::size_t offset = first - map_first;
  if (part.size() > bytes_.size() - offset) return std::nullopt;
  return offset;
}

bool MappedFile::read(std::span<const std::byte> part, std::byte* out) const {
  const auto offset = offset_of(part);
  if (!offset || file_ < 0) return false;
  for (std::size_t done = 0; done < part.size();) {
    const ::ssize_t got =
        ::pread(file_, out + done, part.size() - done, static_cast<::off_t>(*offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

void MappedFile::drop_pages(std::span<const std::byte> part) const {
  const auto offset = offset_of(part);
  if (!offset) return;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t begin = (*offset + page - 1) / page * page;
  const std::size_t end = (*offset + part.size()) / page * page;
  if (begin < end) ::madvise(bytes_.data() + begin, end - begin, MADV_DONTNEED);
}

}  // namespace pecia::kernels
