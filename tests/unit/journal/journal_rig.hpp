#pragma once
// What tests need around a journal: answers to wait for, and the same faults for every kind, so
// that one text tests them all.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/journal/memory_journal.hpp"
#include "runtime/journal/sqlite_journal.hpp"

namespace pecia::runtime::test {

// Every answer in order, from whichever thread.
class Answers {
 public:
  void listen_to(Journal& journal);
  const std::vector<AppendAnswer>& wait_for(std::size_t count);  // in all
  std::vector<AppendAnswer> now() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<AppendAnswer> answers_;
};

class JournalRig {
 public:
  virtual ~JournalRig() = default;
  // A new process's journal on the same disk, which has no other writer by what it can see.
  virtual std::unique_ptr<Journal> open() = 0;
  virtual void run(Journal& journal) = 0;  // lets it work on what was appended
  virtual void set_full(bool full) = 0;
  virtual void set_broken(bool broken) = 0;
  // Now; the journal open at this moment may only be destroyed.
  virtual void lose_power() = 0;
};

std::unique_ptr<JournalRig> memory_rig();
std::unique_ptr<JournalRig> sqlite_rig();

}  // namespace pecia::runtime::test
