#include "kernels/engine/batcher.hpp"

#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

std::vector<BatchPart> planned(const std::vector<BatchCandidate>& candidates, int chunk_tokens) {
  std::vector<BatchPart> parts;
  plan_batch(candidates, chunk_tokens, parts);
  return parts;
}

BatchCandidate generating() { return {.rows_left = 1, .generating = true}; }
BatchCandidate prompt(int rows) { return {.rows_left = rows}; }

TEST_CASE("generating sequences come first, the prompt behind them gets one chunk") {
  CHECK(planned({prompt(100), generating(), generating()}, 32) ==
        std::vector<BatchPart>{{1, 1}, {2, 1}, {0, 32}});
}

TEST_CASE("prompts share a chunk in order of arrival") {
  CHECK(planned({prompt(10), prompt(100), prompt(5)}, 64) ==
        std::vector<BatchPart>{{0, 10}, {1, 54}});
  CHECK(planned({prompt(10), prompt(20), prompt(5)}, 64) ==
        std::vector<BatchPart>{{0, 10}, {1, 20}, {2, 5}});
}

TEST_CASE("more generating sequences than chunk rows starve no prompt") {
  std::vector<BatchCandidate> crowd(8, generating());
  crowd.push_back(prompt(3));
  const std::vector<BatchPart> parts = planned(crowd, 1);
  REQUIRE(parts.size() == 9);
  CHECK(parts.back() == BatchPart{8, 1});
}

TEST_CASE("a prompt waits while an earlier one computes the page it could take") {
  const Id page{1};
  BatchCandidate first = prompt(40), twin = prompt(40), other = prompt(40);
  first.computes = first.takes = page;
  twin.computes = twin.takes = page;
  other.computes = other.takes = Id{2};
  CHECK(planned({first, twin, other}, 512) == std::vector<BatchPart>{{0, 40}, {2, 40}});
  twin.takes.reset();  // it needs the logits of that page
  CHECK(planned({first, twin}, 512) == std::vector<BatchPart>{{0, 40}, {1, 40}});
}

TEST_CASE("a sequence without a known token gets no row") {
  CHECK(planned({{.rows_left = 0, .generating = true}, prompt(0)}, 64).empty());
}

}  // namespace
}  // namespace pecia::kernels
