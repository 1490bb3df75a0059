#pragma once
// A job, as a host program hands it to a Node: what to write, and who wants to hear of it.
//
// Callbacks. All callbacks of one job come one after the other on one thread of the library's,
// those of different jobs at the same time on different threads. While one runs, its job is written
// on but not read on, so a slow one delays nothing but itself. It may call submit() of its Node,
// cancel() of any Submission and detach() of its own; detach() of another waits for that one's
// callback, which must not wait for this one. It must not destroy the Node. What it throws ends
// the following of its job, and comes out of the future; the job itself goes on. No callback comes
// after the future is ready, after detach() has returned, or after the Node is destroyed.
//
// Thread rule: values, but for Submission, whose members any thread may call.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pecia/error.hpp"

namespace pecia {

// What a slice (the text under one heading) is told of the text before it.
enum class Context {
  none,     // nothing but preamble, outline and its heading: all slices at once
  direct,   // the text of the slice before it: one after the other
  summary,  // a summary of all text before it: in waves of four
};

// How tokens are drawn. The names and defaults are those of the flags of `pecia write`.
struct Sampling {
  float temperature = 0.8f;        // 0: always the most likely token
  int top_k = 40;                  // tokens; 0: all
  float top_p = 0.95f;             // 1: all
  float min_p = 0.05f;             // times the best; 0: none is dropped
  float repeat_penalty = 1.0f;     // 1: off
  float frequency_penalty = 0.0f;  // 0: off
  float presence_penalty = 0.0f;   // 0: off
  int penalty_window = 64;         // tokens that penalties look at; 0: off, -1: all
  // Added to the logit of a token of that id; at most 1,024.
  std::vector<std::pair<std::int32_t, float>> logit_bias;
};

struct Progress {
  std::uint64_t tokens = 0;     // written so far, in all slices; durable
  std::size_t slices_done = 0;  // of
  std::size_t slices = 0;       // 0: the node does not know yet
};

// The same outline, tokens, context, seed, sampling and model give the same bytes, always.
struct Job {
  // 32 lower-case hex digits, or a word of 1 to 64 printable bytes without blanks. Empty: drawn at
  // random. An id that the node knows is that job: the same request attaches to it and reads it
  // from its beginning, whether it runs or is done; another request of that id is refused.
  std::string id;
  std::string outline;  // Markdown, at most 8 MiB; each heading is a slice
  int tokens = -1;      // of the whole document, shared over its slices; -1: 256 a slice
  std::uint64_t seed = 1;
  Context context = Context::none;
  bool one_stream = false;        // preamble and first heading are the only prompt
  bool chat_template = true;      // prompts go inside the model's, where it has one
  bool ignore_eos = false;        // go on behind an end-of-text token
  std::vector<std::string> stop;  // a slice ends before any of these; at most 64 texts, 4 KiB
  Sampling sampling;

  // Each may be empty.
  std::function<void(std::string_view text)> on_text;  // of the document, in its order
  // About five times a second while the job runs, and once when it is done.
  std::function<void(const Progress& progress)> on_progress;
};

struct Document {
  std::string id;  // of its job, 32 hex digits
  std::string text;
  std::uint64_t tokens = 0;
};

class Following;

// A job that was submitted. Dropping it changes nothing: the job is written, and its callbacks
// come.
class PECIA_API Submission {
 public:
  // The document, once it is complete; all that was given to on_text, in one piece. Throws Error.
  std::future<Document> document;

  // 32 hex digits; empty where the job's own id is none, which the future tells.
  const std::string& id() const noexcept { return id_; }
  // Ends the job for everybody. Does not wait: the future throws Error of kind cancelled when the
  // node has done so, or gives the document if that was complete before.
  void cancel() noexcept;
  // Lets the job go on unfollowed: the future throws Error of kind left. Waits for the callback
  // that runs, unless it is called from there; hold no lock that the callback wants. Submit the
  // same Job with this id to follow it again.
  void detach() noexcept;

 private:
  friend class Node;
  Submission(std::string id, std::shared_ptr<Following> following);

  std::string id_;
  std::shared_ptr<Following> following_;
};

}  // namespace pecia
