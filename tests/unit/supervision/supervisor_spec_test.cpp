#include "runtime/supervision/supervisor_spec.hpp"

#include <functional>

#include "tests/catch.hpp"

using namespace pecia::runtime;

namespace {

SupervisorSpec two_workers() {
  SupervisorSpec spec;
  spec.name = "workers";
  spec.children.resize(2);
  spec.children[0].id = "worker-1";
  spec.children[1].id = "worker-2";
  return spec;
}

std::string refusal(const std::function<void(SupervisorSpec&)>& spoil) {
  SupervisorSpec spec = two_workers();
  spoil(spec);
  const pecia::kernels::Status status = check_spec(spec);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == pecia::kernels::ErrorKind::refuse);
  CHECK(status.error().message.find('\n') == std::string::npos);
  return status.error().message;
}

}  // namespace

TEST_CASE("a sound spec passes, at the edges of every limit too") {
  SupervisorSpec spec = two_workers();
  CHECK(check_spec(spec).ok());
  spec.limit = {kIntensityMax, kRestartPeriodMsMax};
  spec.children[0].shutdown_ms = kShutdownMsMax;
  spec.children[0].backoff = {kBackoffMsMax, kBackoffMsMax};
  spec.children[1].id = std::string(kChildIdBytesMax, 'w');
  CHECK(check_spec(spec).ok());
  spec.limit = {0, 1};
  spec.children[0].shutdown_ms = 0;
  spec.children[0].backoff = {0, 0};
  CHECK(check_spec(spec).ok());
  spec.children.clear();
  CHECK(check_spec(spec).ok());
}

TEST_CASE("a wrong field of a spec is refused with its place, its value and what is allowed") {
  CHECK(refusal([](auto& spec) { spec.name = ""; }) ==
        "name of a supervisor must be 1 to 64 printable ASCII characters without a space");
  CHECK(refusal([](auto& spec) { spec.limit.intensity = -1; }) ==
        "supervisor 'workers': intensity is -1, allowed are 0 to 1000");
  CHECK(refusal([](auto& spec) { spec.limit.intensity = kIntensityMax + 1; }) ==
        "supervisor 'workers': intensity is 1001, allowed are 0 to 1000");
  CHECK(refusal([](auto& spec) { spec.limit.period_ms = 0; }) ==
        "supervisor 'workers': period_ms is 0, allowed are 1 to 86400000");
  CHECK(refusal([](auto& spec) { spec.children[1].shutdown_ms = kShutdownMsMax + 1; }) ==
        "supervisor 'workers': child 'worker-2': shutdown_ms is 600001, allowed are 0 to 600000");
  CHECK(refusal([](auto& spec) {
          spec.children[0].backoff = {0, kBackoffMsMax + 1};
        }) ==
        "supervisor 'workers': child 'worker-1': backoff max_ms is 600001, allowed are 0 to "
        "600000");
  CHECK(refusal([](auto& spec) {
          spec.children[0].backoff = {51, 50};
        }) ==
        "supervisor 'workers': child 'worker-1': backoff first_ms is 51, allowed are 0 to 50");
  CHECK(refusal([](auto& spec) { spec.children.resize(kChildrenMax + 1); }) ==
        "supervisor 'workers': number of children is 1025, allowed are 0 to 1024");
}

TEST_CASE("an id of a child is printable, short and one of a kind") {
  for (const std::string& id : {std::string(), std::string("a b"), std::string("a\n"),
                                std::string("\xC3\xA4"), std::string(kChildIdBytesMax + 1, 'w')}) {
    CHECK(refusal([&](auto& spec) { spec.children[1].id = id; }) ==
          "supervisor 'workers': id of child 2 must be 1 to 64 printable ASCII characters without "
          "a space");
  }
  CHECK(refusal([](auto& spec) { spec.children[1].id = "worker-1"; }) ==
        "supervisor 'workers': child 2 has the id 'worker-1' of one before it");
}
