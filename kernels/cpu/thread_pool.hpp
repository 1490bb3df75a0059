#pragma once
// A fixed team of threads that works through numbered pieces. The caller is member 0. Pieces are
// handed out by an atomic counter, so a preempted thread holds back one piece, not its share; the
// others spin for a few microseconds and then block. Every member sets MXCSR to the default mode
// (round to nearest, denormals on), whatever a library did to it, and a piece must leave it so.
// Thread rule: run() from one thread at a time; pieces may not call run().

#include <cstdint>
#include <functional>
#include <memory>

namespace pecia::kernels {

class ThreadPool {
 public:
  // About 30 microseconds of pause instructions: longer than the serial gap between two parallel
  // sections of a decode step, far shorter than a scheduler's time slice.
  static constexpr int kSpinRounds = 600;

  // REQUIRES 1 <= threads <= 1024. Throws std::system_error where the system gives no thread.
  explicit ThreadPool(int threads, int spin_rounds = kSpinRounds);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;
  // Calls piece(index, member) for every index in [0, pieces), member in [0, threads()); returns
  // when all are done. A single piece runs on the caller. Where pieces throw (bad_alloc), the first
  // exception is rethrown here, after no member works on the job any more.
  void run(std::int64_t pieces, const std::function<void(std::int64_t, int)>& piece);

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace pecia::kernels
