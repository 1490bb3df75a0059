#include "tests/unit/journal/journal_rig.hpp"

#include <filesystem>
#include <string>

#include "tests/catch.hpp"
#include "tests/unit/journal/faulty_vfs.hpp"
#include "tests/unit/journal/test_codec.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace pecia::runtime::test {

namespace fs = std::filesystem;

void Answers::listen_to(Journal& journal) {
  journal.on_answer([this](std::span<const AppendAnswer> answers) {
    const std::lock_guard guard(mutex_);
    answers_.insert(answers_.end(), answers.begin(), answers.end());
    changed_.notify_all();
  });
}

const std::vector<AppendAnswer>& Answers::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return answers_.size() >= count; });
  return answers_;
}

std::vector<AppendAnswer> Answers::now() const {
  const std::lock_guard guard(mutex_);
  return answers_;
}

namespace {

class MemoryRig final : public JournalRig {
 public:
  std::unique_ptr<Journal> open() override { return std::make_unique<MemoryJournal>(disk_); }
  void run(Journal& journal) override {
    while (dynamic_cast<MemoryJournal&>(journal).step()) {
    }
  }
  void set_full(bool full) override { disk_.set_full(full); }
  void set_broken(bool broken) override { disk_.set_broken(broken); }
  void lose_power() override { disk_.power_loss(); }

 private:
  JournalDisk disk_;
};

class SqliteRig final : public JournalRig {
 public:
  SqliteRig() {
    fs::create_directory(folder_.file("image"));
    vfs_.image = folder_.file("image");
    vfs_.reserve = path_ + ".reserve";
    vfs_.reserve_bytes = 1024 * 1024;
  }
  std::unique_ptr<Journal> open() override {
    if (std::exchange(lost_, false)) restore();
    fs::remove(path_ + ".lock");  // as a lock that was lost
    auto journal = SqliteJournal::open(path_, test_codec());
    INFO((journal ? "" : journal.error().message));
    REQUIRE(journal.ok());
    return std::move(*journal);
  }
  void run(Journal&) override {}
  void set_full(bool full) override { full ? vfs_.set_room(0) : vfs_.set_endless_room(); }
  void set_broken(bool broken) override { vfs_.writes_fail = broken; }
  void lose_power() override {
    fs::copy(folder_.file("image"), folder_.file("lost"));
    lost_ = true;
  }

 private:
  // What was synced last is all that is left of each file.
  void restore() {
    for (const char* end : {"", "-wal", "-shm"}) {
      fs::remove(path_ + end);
      const fs::path synced = folder_.file("lost/journal" + std::string(end));
      if (fs::exists(synced)) fs::copy_file(synced, path_ + end);
    }
    fs::remove_all(folder_.file("lost"));
  }

  FaultyVfs vfs_;
  TemporaryFolder folder_;
  std::string path_ = folder_.file("journal");
  bool lost_ = false;
};

}  // namespace

std::unique_ptr<JournalRig> memory_rig() { return std::make_unique<MemoryRig>(); }
std::unique_ptr<JournalRig> sqlite_rig() { return std::make_unique<SqliteRig>(); }

}  // namespace pecia::runtime::test
