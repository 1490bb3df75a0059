#include "kernels/weights/atomic_file.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/catch.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;

namespace {

// Files of this process may not grow beyond `bytes`: a full disk that needs no disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

}  // namespace

TEST_CASE("a committed file stands under its name and nothing else is left") {
  const TemporaryFolder folder;
  auto file = AtomicFile::create(folder.file("out"));
  REQUIRE(file);
  REQUIRE(file->write("one "));
  REQUIRE(file->write("two"));
  CHECK(!std::filesystem::exists(folder.file("out")));
  REQUIRE(file->commit());
  CHECK(read_file(folder.file("out")) == "one two");
  CHECK(folder.entries() == 1);
}

TEST_CASE("until the commit, and without it, the old file stays as it was") {
  const TemporaryFolder folder;
  write_file(folder.file("out"), "old");
  {
    auto file = AtomicFile::create(folder.file("out"));
    REQUIRE(file);
    REQUIRE(file->write("new and longer"));
    CHECK(read_file(folder.file("out")) == "old");
  }
  CHECK(read_file(folder.file("out")) == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a disk that fills up keeps the old file, removes the new one and may be tried again") {
  const TemporaryFolder folder;
  write_file(folder.file("out"), "old");
  {
    const FileSizeLimit full(8);
    auto file = AtomicFile::create(folder.file("out"));
    REQUIRE(file);
    const Status written = file->write("more than eight bytes");
    REQUIRE(!written);
    CHECK(written.error().kind == ErrorKind::retry);
    CHECK(written.error().message == folder.file("out") + ": cannot write: File too large");
  }
  CHECK(read_file(folder.file("out")) == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("two writers of one file do not meet and the last commit wins") {
  const TemporaryFolder folder;
  auto first = AtomicFile::create(folder.file("out"));
  auto second = AtomicFile::create(folder.file("out"));
  REQUIRE((first && second));
  REQUIRE(first->write("first"));
  REQUIRE(second->write("second"));
  REQUIRE(second->commit());
  REQUIRE(first->commit());
  CHECK(read_file(folder.file("out")) == "first");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a replaced file keeps its access rights, and a link to it stays a link") {
  const TemporaryFolder folder;
  write_file(folder.file("real"), "old");
  REQUIRE(::chmod(folder.file("real").c_str(), 0640) == 0);
  std::filesystem::create_symlink("real", folder.file("link"));
  auto file = AtomicFile::create(folder.file("link"));
  REQUIRE(file);
  REQUIRE(file->write("new"));
  REQUIRE(file->commit());
  CHECK(std::filesystem::is_symlink(folder.file("link")));
  CHECK(read_file(folder.file("real")) == "new");
  struct stat status {};
  REQUIRE(::stat(folder.file("real").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("a device is written directly and stays a device") {
  auto null = AtomicFile::create("/dev/null");
  REQUIRE(null);
  CHECK(null->write("away"));
  CHECK(null->commit());
  CHECK(std::filesystem::is_character_file("/dev/null"));

  auto full = AtomicFile::create("/dev/full");
  REQUIRE(full);
  const Status written = full->write("no room");
  REQUIRE(!written);
  CHECK(written.error().kind == ErrorKind::retry);
  CHECK(written.error().message == "/dev/full: cannot write: No space left on device");
}

TEST_CASE("a folder, or a file in an absent folder, is refused by name") {
  const TemporaryFolder folder;
  const auto in_nowhere = AtomicFile::create(folder.file("absent/out"));
  REQUIRE(!in_nowhere);
  CHECK(in_nowhere.error().kind == ErrorKind::refuse);
  CHECK(in_nowhere.error().message.starts_with(folder.file("absent/out")));
  CHECK(AtomicFile::create(folder.file("")).error().message.ends_with("Is a directory"));
}
