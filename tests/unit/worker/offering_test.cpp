// Offers: what is sent, how far ahead, and again after a loss.

#include "tests/unit/worker/worker_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

// Step 1 as attempt 2.1 in run 1.
struct Ordered : Working {
  Ordered() { order(1, "1"); }
};

}  // namespace

TEST_CASE("tokens are offered once, as they come") {
  Ordered w;
  w.generated(1, 0, 2);
  CHECK(w.offered() == Lines{"offer 2.1 from 0 +2"});
  CHECK(w.offered().empty());
  w.generated(1, 2, 3);
  CHECK(w.offered() == Lines{"offer 2.1 from 2 +1"});
}

TEST_CASE("nothing is offered before there is a link") {
  ProtocolLimits limits;
  WorkerCore core(limits, {"a", 1}, kSlots, 0);
  Order order;
  order.term = 2;
  order.attempt = {2, 1};
  order.step.path = "1";
  core.on_message(order, 0);
  core.on_token(1, 7, std::nullopt);
  CHECK(core.offer_tokens().empty());
}

TEST_CASE("an attempt whose window is full is paused, and goes on when there is room") {
  Ordered w;
  CHECK(w.generated(1, 0, kWindow - 1).empty());
  CHECK(w.generated(1, kWindow - 1, kWindow) == Lines{"pause 1"});
  CHECK(w.offered() == Lines{"offer 2.1 from 0 +4"});
  CHECK(w.committed(1, 0).empty());
  CHECK(w.committed(1, 2) == Lines{"resume 1"});
  CHECK(w.generated(1, 4, 6) == Lines{"pause 1"});
  CHECK((w.times(WorkerEvent::filled) == 2 && w.times(WorkerEvent::went_on) == 1));
}

TEST_CASE("never more than the window is offered beyond what is committed") {
  Ordered w;
  w.generated(1, 0, kWindow + 2);  // an engine step under way when the pause came
  CHECK(w.offered() == Lines{"offer 2.1 from 0 +4"});
  w.committed(1, 1);
  CHECK(w.offered() == Lines{"offer 2.1 from 4 +1"});
}

TEST_CASE("the last token of a step pauses nothing") {
  Ordered w;
  CHECK(w.generated(1, 0, kWindow, true).empty());
  CHECK(w.offered() == Lines{"offer 2.1 from 0 +4 end"});
}

TEST_CASE("a long offer goes in pieces, and the end with the last one") {
  Ordered w;
  w.limits.window_tokens = 1'000;
  w.generated(1, 0, 600, true);
  CHECK(w.offered() ==
        Lines{"offer 2.1 from 0 +256", "offer 2.1 from 256 +256", "offer 2.1 from 512 +88 end"});
}

TEST_CASE("a committed that brings nothing new sends the worker back to what is committed") {
  Ordered w;
  w.generated(1, 0, 3);
  w.offered();
  w.committed(1, 1);
  CHECK(w.offered().empty());
  w.committed(1, 1);
  CHECK(w.times(WorkerEvent::went_back) == 1);
  CHECK(w.offered() == Lines{"offer 2.1 from 1 +2"});
}

TEST_CASE("a committed that was overtaken takes back nothing") {
  Ordered w;
  w.generated(1, 0, 3);
  w.offered();
  w.committed(1, 2);
  w.committed(1, 1);
  CHECK(w.offered() == Lines{"offer 2.1 from 2 +1"});
}

TEST_CASE("a committed of an attempt that is not held is ignored") {
  Ordered w;
  CHECK(w.committed(9, 3).empty());
  CHECK(w.core.held() == 1);
}

TEST_CASE("at report time all that is not committed is offered again") {
  Ordered w;
  w.generated(1, 0, 3);
  w.offered();
  w.committed(1, 1);
  CHECK(w.pass(w.limits.report_ms) ==
        Lines{"report 2.1 has 3 committed 1, free 1", "offer 2.1 from 1 +2"});
  CHECK(w.offered().empty());
}

TEST_CASE("the end is offered again until the attempt is dropped") {
  Ordered w;
  w.generated(1, 0, 3, true);
  CHECK(w.offered() == Lines{"offer 2.1 from 0 +3 end"});
  w.committed(1, 3);
  CHECK(w.offered().empty());
  for (int reports = 0; reports < 3; ++reports)
    CHECK(w.pass(w.limits.report_ms).back() == "offer 2.1 from 3 +0 end");
  w.dropped(1);
  CHECK(w.pass(w.limits.report_ms) == Lines{"report free 2"});
}

TEST_CASE("the end is offered again after a committed that brings nothing new") {
  Ordered w;
  w.generated(1, 0, 3, true);
  w.offered();
  w.committed(1, 3);
  w.committed(1, 3);
  CHECK(w.offered() == Lines{"offer 2.1 from 3 +0 end"});
}

TEST_CASE("a step that another attempt has taken further is offered from where it stands") {
  Ordered w;
  w.generated(1, 0, 2);
  w.committed(1, 5);  // by a second attempt elsewhere
  CHECK(w.offered().empty());
  CHECK(w.pass(w.limits.report_ms) == Lines{"report 2.1 has 2 committed 2, free 1"});
  w.generated(1, 2, 7);
  const Lines lines = w.offered();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with(std::to_string(2) + " +5"));
}

TEST_CASE("how far the worker is ahead of the durable tokens is never above the window") {
  Ordered w;
  w.generated(1, 0, kWindow);
  CHECK(w.core.uncommitted_max() == kWindow);
  w.committed(1, 3);
  CHECK(w.core.uncommitted_max() == 1);
}
