#include "kernels/cpu/thread_pool.hpp"

#include <atomic>
#include <cassert>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "kernels/base/float_mode.hpp"

namespace pecia::kernels {
namespace {

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Spins, then blocks, until the value differs from `old`; returns the new value.
template <class T>
T wait_while_equal(const std::atomic<T>& value, T old, int spin_rounds) {
  for (int round = 0; round < spin_rounds; ++round) {
    const T now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

using PieceFunction = std::function<void(std::int64_t, int)>;

}  // namespace

// The ticket holds (job number << 32 | next piece). A member claims a piece by exchanging the very
// ticket it saw, so a late member cannot claim from a job that is over: the caller first closes the
// ticket, then writes the job, then opens it under the next number. The caller waits for finished
// pieces, never for members: a preempted member that holds no piece delays nobody.
struct ThreadPool::Shared {
  static constexpr std::uint64_t kJob = std::uint64_t{1} << 32;
  static constexpr std::uint64_t kNextMask = kJob - 1;

  const int spin_rounds;

  // guarded by the ticket protocol above
  std::atomic<const PieceFunction*> function{nullptr};
  std::atomic<std::uint32_t> pieces{0};

  alignas(64) std::atomic<std::uint64_t> ticket{kNextMask};
  alignas(64) std::atomic<std::uint32_t> finished{0};
  alignas(64) std::atomic<std::uint32_t> wake{0};  // bumped per job and at the end
  std::atomic<bool> stop{false};
  std::atomic<bool> failed{false};
  std::exception_ptr failure;        // written by whoever sets failed, read when all is finished
  std::vector<std::thread> members;  // 1..threads-1

  explicit Shared(int rounds) : spin_rounds(rounds) {}
  ~Shared() {
    stop.store(true, std::memory_order_release);
    wake.fetch_add(1, std::memory_order_release);
    wake.notify_all();
    for (std::thread& member : members) member.join();
  }

  bool claim(const PieceFunction*& claimed, std::uint32_t& index) {
    std::uint64_t seen = ticket.load(std::memory_order_acquire);
    for (;;) {
      const auto next = static_cast<std::uint32_t>(seen & kNextMask);
      claimed = function.load(std::memory_order_acquire);
      if (next >= pieces.load(std::memory_order_acquire)) return false;
      if (ticket.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) {
        index = next;
        return true;
      }
    }
  }

  void work(int member) {
    const PieceFunction* job = nullptr;
    std::uint32_t index = 0;
    while (claim(job, index)) {
      assert(is_default_float_mode());
      try {
        (*job)(index, member);
      } catch (...) {
        if (!failed.exchange(true, std::memory_order_relaxed)) failure = std::current_exception();
      }
      const std::uint32_t total = pieces.load(std::memory_order_relaxed);
      if (finished.fetch_add(1, std::memory_order_acq_rel) + 1 == total) finished.notify_one();
    }
  }

  void open(const PieceFunction& job, std::uint32_t count) {
    const std::uint64_t number = (ticket.load(std::memory_order_relaxed) & ~kNextMask) + kJob;
    ticket.store(number | kNextMask, std::memory_order_release);  // closed
    function.store(&job, std::memory_order_release);
    pieces.store(count, std::memory_order_release);
    finished.store(0, std::memory_order_relaxed);
    ticket.store(number + kJob, std::memory_order_release);
    wake.fetch_add(1, std::memory_order_release);
    wake.notify_all();
  }

  void wait_until_finished(std::uint32_t count) {
    std::uint32_t seen = finished.load(std::memory_order_acquire);
    while (seen != count) seen = wait_while_equal(finished, seen, spin_rounds);
  }

  void rethrow_failure() {
    if (!failed.exchange(false, std::memory_order_relaxed)) return;
    std::rethrow_exception(std::exchange(failure, nullptr));
  }

  void member_loop(int member) {
    const FloatModeGuard float_mode;
    std::uint32_t seen = 0;
    for (;;) {
      seen = wait_while_equal(wake, seen, spin_rounds);
      if (stop.load(std::memory_order_acquire)) return;
      work(member);
    }
  }
};

ThreadPool::ThreadPool(int threads, int spin_rounds)
    : shared_(std::make_unique<Shared>(spin_rounds)) {
  assert(threads >= 1 && threads <= 1024);
  for (int member = 1; member < threads; ++member) {
    shared_->members.emplace_back(
        [shared = shared_.get(), member] { shared->member_loop(member); });
  }
}

ThreadPool::~ThreadPool() = default;

int ThreadPool::threads() const { return static_cast<int>(shared_->members.size()) + 1; }

void ThreadPool::run(std::int64_t pieces, const PieceFunction& piece) {
  assert(pieces >= 0 && pieces < static_cast<std::int64_t>(Shared::kNextMask));
  const FloatModeGuard float_mode;
  if (pieces <= 1 || shared_->members.empty()) {
    for (std::int64_t index = 0; index < pieces; ++index) piece(index, 0);
    return;
  }
  const auto count = static_cast<std::uint32_t>(pieces);
  shared_->open(piece, count);
  shared_->work(0);
  shared_->wait_until_finished(count);
  shared_->rethrow_failure();
}

}  // namespace pecia::kernels
