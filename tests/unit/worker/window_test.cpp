#include "tests/unit/worker/worker_fixture.hpp"
using namespace pecia::actors;
using namespace pecia::runtime;

TEST_CASE("a full attempt that is taken over with room in its window goes on") {
  Working w;
  w.order(1, "1");
  w.generated(1, 0, kWindow);  // paused
  w.offered();
  CHECK(w.order(2, "1", kWindow) == Lines{"resume 1"});  // all of it is durable
}

TEST_CASE("an attempt that is further ahead of its order than the window begins anew") {
  Working w;
  w.order(1, "1");
  w.generated(1, 0, kWindow);
  w.committed(1, kWindow);
  w.generated(1, kWindow, kWindow + 3);
  w.order(2, "1", 0);
  CHECK(w.core.uncommitted_max() == 0);
  CHECK(w.core.held() == 1);
}
