#pragma once
// A job that a host submitted, on its way: the thread that reads it, the callbacks of the host, and
// the promise of its document. The states are wishes of the host; the job's own are the node's.
//
//   read --cancel()--> cancel --node has ended it--> the end
//     |                  |
//     '--- detach(), close() ---> left: no callback any more
//
// Thread rule: follow() on one thread, the rest on any.

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "actors/node/node.hpp"
#include "pecia/document_job.hpp"
#include "pecia/job.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia {

// As the host knows it.
Error host_error(const kernels::Error& error);

struct FollowedNode {
  actors::Node& node;
  std::chrono::seconds answer_within;
  std::function<std::optional<Error>()> failure;  // of the node, beyond what it answers
  std::function<void(std::string_view line)> log;
};

class Following {
 public:
  // REQUIRES a submit whose spec is that of the job.
  Following(Job job, runtime::Submit submit);

  std::future<Document> document() { return document_.get_future(); }  // once
  // To the end of the job, or until it is left; then the future is ready.
  void follow(const FollowedNode& followed) noexcept;
  // Instead of follow(): the future throws it.
  void refuse(const Error& error) noexcept;
  bool is_over() const noexcept { return over_; }

  void cancel() noexcept;
  void detach() noexcept;
  void close() noexcept;  // as detach(), without a wait

 private:
  enum class Wish { read, cancel, left };

  Document read_to_end(const FollowedNode& followed);
  Course submit_and_read(const FollowedNode& followed, DocumentJob& job);
  void cancel_there(const FollowedNode& followed);
  DocumentJob::Reader reader(const FollowedNode& followed);
  bool leaves(const FollowedNode& followed) const;
  void tell_progress(const runtime::Viewed& view);
  template <class Call>
  void call(const Call& host);
  [[noreturn]] void throw_why_left(const FollowedNode& followed) const;

  const Job job_;
  const runtime::Submit submit_;
  std::promise<Document> document_;
  std::atomic<Wish> wish_ = Wish::read;
  std::atomic<bool> over_ = false;
  std::mutex calling_;  // held while the host is called
  std::atomic<std::thread::id> follower_;
  // Of the follower alone.
  bool submitted_ = false;
  bool cancelled_ = false;
  std::uint64_t tokens_ = 0;  // when the job was last looked at
};

}  // namespace pecia
