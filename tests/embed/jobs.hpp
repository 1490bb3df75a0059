#pragma once
// Jobs and waits that the tests of the front door share.

#include <functional>
#include <optional>
#include <string>

#include "pecia/node.hpp"
#include "tests/catch.hpp"

namespace pecia::tests {

inline Job job_of(int sections, int tokens) {
  Job job;
  job.outline = "A guide to birds.\n";
  for (int k = 1; k <= sections; ++k) job.outline += "# Bird " + std::to_string(k) + "\n";
  job.tokens = tokens;
  job.ignore_eos = true;
  return job;
}
inline Job short_job() { return job_of(3, 300); }
// Nobody waits for its end.
inline Job endless_job() { return job_of(100, 200'000); }

// As one fresh node writes it.
inline std::string text_of(Job job, NodeOptions options = {}) {
  Node node{std::move(options)};
  return node.submit(std::move(job)).document.get().text;
}

// The Error that `act` throws; a failure where it throws none.
inline Error error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no Error was thrown");
  return {ErrorKind::bug, ""};
}
inline Error error_of(Submission& submission) {
  return error_of([&] { submission.document.get(); });
}

inline bool says(const Error& error, std::string_view words) {
  UNSCOPED_INFO(error.what());
  return std::string_view(error.what()).find(words) != std::string_view::npos;
}

}  // namespace pecia::tests
