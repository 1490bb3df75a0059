#include "apps/pecia/document_writer.hpp"

#include <numeric>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

using namespace pecia;

namespace {

kernels::Outline three_sections() {
  return {"About birds.", {{1, "# Owls", "at night"}, {1, "# Larks", ""}, {2, "## Song", ""}}};
}

}  // namespace

TEST_CASE("text of a later slice waits until all before it have ended") {
  apps::DocumentWriter writer(three_sections());
  writer.start();
  CHECK(writer.add(1, "larks fly") == "");
  CHECK(writer.add(0, "owls see") == "owls see");
  CHECK(writer.end(1) == "");
  const std::string released(writer.end(0));
  CHECK(released.find("# Larks") < released.find("larks fly"));
  CHECK(released.find("larks fly") < released.find("## Song"));
  CHECK_FALSE(writer.complete());
  writer.end(2);
  CHECK(writer.complete());
}

TEST_CASE("whatever order slices grow in, the released text is the merged document") {
  const std::vector<std::string> slices = {"\n owls see\nby night ", "larks", "  la\n\nla la\n"};
  const kernels::Outline outline = three_sections();
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    apps::DocumentWriter writer(outline);
    std::string released(writer.start());
    std::vector<std::size_t> next(slices.size(), 0);
    for (std::uint64_t draw = 0; !writer.complete(); ++draw) {
      const std::size_t slice = kernels::philox64(seed, draw, 0) % slices.size();
      if (next[slice] > slices[slice].size()) continue;
      if (next[slice] == slices[slice].size()) {
        released += writer.end(slice);
      } else {
        released += writer.add(slice, slices[slice].substr(next[slice], 1));
      }
      ++next[slice];
      REQUIRE(writer.document() == released);
    }
    REQUIRE(released == kernels::merge(outline, slices));
  }
}

TEST_CASE("tokens are shared evenly and none is lost") {
  for (const int total : {0, 1, 2, 3, 100, 101}) {
    const std::vector<int> shares = apps::share_tokens(total, 3);
    CHECK(std::accumulate(shares.begin(), shares.end(), 0) == total);
    CHECK(shares.front() - shares.back() <= 1);
    CHECK(shares.front() >= shares.back());
  }
}
