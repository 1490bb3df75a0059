#include "runtime/config/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pecia::runtime {

using kernels::Error;
using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

class OpenFile {
 public:
  // Not waiting: a pipe in its place has no writer.
  explicit OpenFile(const std::string& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Error cannot_read(const std::string& path) {
  return fail(ErrorKind::refuse,
              "{}: cannot read the secret: {}; make it with 'umask 077; openssl "
              "rand -hex 32 > FILE', the same on every machine",
              path, std::strerror(errno));
}

// One byte more than allowed tells that there is more.
Expected<std::string> read_some(int number, const std::string& path) {
  std::string bytes(kSecretBytesMax + 1, '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t count = ::read(number, bytes.data() + have, bytes.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_read(path);
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace

// Everything is asked of the open file, so that nobody can put another in its place in between.
Expected<std::string> read_secret(const std::string& path) {
  const OpenFile file(path);
  struct stat facts = {};
  if (file.number() < 0 || ::fstat(file.number(), &facts) != 0) return cannot_read(path);
  if (!S_ISREG(facts.st_mode)) {
    return fail(ErrorKind::refuse, "{}: the secret is no regular file; give one", path);
  }
  if ((facts.st_mode & kOthers) != 0) {
    return fail(ErrorKind::refuse,
                "{}: others than its owner may use the secret (mode {:03o}); chmod 600 it, or make "
                "a new one if somebody read it",
                path, facts.st_mode & 0777U);
  }
  auto bytes = read_some(file.number(), path);
  if (bytes && (bytes->size() < kSecretBytesMin || bytes->size() > kSecretBytesMax)) {
    return fail(ErrorKind::refuse, "{}: the secret has {}{} bytes; give {} to {}", path,
                bytes->size() > kSecretBytesMax ? "more than " : "",
                std::min(bytes->size(), kSecretBytesMax), kSecretBytesMin, kSecretBytesMax);
  }
  return bytes;
}

}  // namespace pecia::runtime
