#include "runtime/supervision/restart_policy.hpp"

#include <limits>

#include "tests/catch.hpp"

using namespace pecia::runtime;

TEST_CASE("a permanent child always comes back, a transient one after a fault, a temporary never") {
  struct Row {
    RestartType type;
    bool after_normal, after_abnormal;
  };
  for (const Row& row :
       {Row{RestartType::permanent, true, true}, Row{RestartType::transient, false, true},
        Row{RestartType::temporary, false, false}}) {
    CHECK(does_restart(row.type, ChildExit::normal) == row.after_normal);
    CHECK(does_restart(row.type, ChildExit::abnormal) == row.after_abnormal);
  }
}

TEST_CASE("the strategy says who goes down and comes back with a child") {
  CHECK(restart_group(RestartStrategy::one_for_one, 2, 5) == ChildRange{2, 3});
  CHECK(restart_group(RestartStrategy::one_for_all, 2, 5) == ChildRange{0, 5});
  CHECK(restart_group(RestartStrategy::rest_for_one, 2, 5) == ChildRange{2, 5});
}

TEST_CASE("stamps leave once they are a whole period old, and now stands before the rest") {
  const RestartStamps stamps = {900, 500, 401, 400, 100};
  CHECK(add_restart(stamps, 1'400, 1'000) == RestartStamps{1'400, 900, 500, 401});
  CHECK(add_restart({}, 7, 1'000) == RestartStamps{7});
  CHECK(add_restart({0}, 5, 10) == RestartStamps{5, 0});
}

TEST_CASE("a clock that repeats or steps back makes no restart look old") {
  CHECK(add_restart({1'000}, 1'000, 100) == RestartStamps{1'000, 1'000});
  CHECK(add_restart({1'000}, 10, 100) == RestartStamps{10, 1'000});
}

TEST_CASE("as many restarts as the intensity are allowed, and none where it is 0") {
  const RestartLimit two{2, 1'000};
  CHECK(is_within({2, 1}, two));
  CHECK_FALSE(is_within({3, 2, 1}, two));
  CHECK_FALSE(is_within({1}, RestartLimit{0, 1'000}));
}

TEST_CASE("the backoff doubles up to its cap and never overflows") {
  const Backoff backoff{100, 5'000};
  CHECK(backoff_ms(backoff, 0) == 100);
  CHECK(backoff_ms(backoff, 1) == 200);
  CHECK(backoff_ms(backoff, 5) == 3'200);
  CHECK(backoff_ms(backoff, 6) == 5'000);
  for (const int many : {60, 63, 64, 1'000, std::numeric_limits<int>::max()}) {
    INFO(many << " restarts in a row");
    CHECK(backoff_ms(backoff, many) == 5'000);
  }
  CHECK(backoff_ms(Backoff{0, 5'000}, 40) == 0);
  CHECK(backoff_ms(Backoff{7, 7}, 0) == 7);
}
