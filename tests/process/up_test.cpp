// `pecia up` over scripts that stand for good and for bad nodes. Nothing here is timed: each test
// waits for what is printed.

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "tests/process/node_scripts.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::apps;
using namespace pecia::tests;

namespace {

// Where a process holds the pipe at `path` open for writing: readable ends when it is gone.
class Watched {
 public:
  explicit Watched(std::string path) : path_(std::move(path)) {
    REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
    reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader_ >= 0);
  }
  ~Watched() { ::close(reader_); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  const std::string& path() const { return path_; }
  void wait_until_gone() const {
    pollfd watched = {reader_, 0, 0};
    REQUIRE(::poll(&watched, 1, -1) == 1);
    CHECK((watched.revents & POLLHUP) != 0);
  }

 private:
  std::string path_;
  int reader_ = -1;
};

// The beginning of a script that goes on once the file is there.
std::string waits_for(const std::string& file) {
  return "until [ -e " + file + " ]; do sleep 0.01; done; ";
}

bool lives(pid_t pid) { return ::kill(pid, 0) == 0; }

}  // namespace

TEST_CASE("nodes are started, said to be ready, and drained together when up is asked to end") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    UpProcess up(order_of({{"a", kLives}, {"b", kLives}}));
    const pid_t a = up.pid_of("a"), b = up.pid_of("b");
    up.wait_for("all 2 nodes are ready");
    CHECK(lives(a));
    CHECK(::getpgid(a) == a);  // Ctrl-C of a terminal reaches up alone
    CHECK(up.has("a: pecia node a: ready on 127.0.0.1:1\n"));
    up.send(signal);
    CHECK(up.end() == code_of(NodesEnd::drained));
    CHECK(up.has("pecia up: asked to end\n"));
    for (const char* line : {"\na: drained\n", "\nb: drained\n", "a: has ended\n"}) {
      CHECK(up.has(line));
    }
    CHECK_FALSE(lives(a));
    CHECK_FALSE(lives(b));
  }
}

TEST_CASE("a node that is killed starts again, and the others never notice") {
  UpProcess up(order_of({{"a", kLives}, {"b", kLives}}));
  const pid_t a = up.pid_of("a");
  up.wait_for("all 2 nodes are ready");
  REQUIRE(::kill(a, SIGKILL) == 0);
  CHECK(up.wait_for("pecia up: a: ") == "killed by signal 9");
  CHECK(up.wait_for("pecia up: a: starts again in ").ends_with(" ms"));
  CHECK(up.pid_of("a") != a);
  CHECK_FALSE(lives(a));  // reaped before it came back
  up.wait_for("all 2 nodes are ready");
  up.send(SIGTERM);
  CHECK(up.end() == code_of(NodesEnd::drained));
  CHECK(up.count("b: started") == 1);
}

TEST_CASE("what a dead node left running is ended before it starts again") {
  const Workshop shop;
  const Watched left(shop.path("left"));
  const std::string second = shop.path("second");
  UpProcess up(order_of({{"a", "[ -e " + second + " ] && exec sleep 1000; : >" + second +
                                   "; exec 9>" + left.path() + "; sleep 1000 & exit 3"}}));
  up.wait_for("exit code 3");
  up.pid_of("a");
  left.wait_until_gone();
  up.send(SIGTERM);
  CHECK(up.end() == code_of(NodesEnd::drained));
}

TEST_CASE("a node that dies at once is given up within its intensity, and all others drain") {
  const Workshop shop;
  NodesOrder order =
      order_of({{"a", kLives}, {"b", waits_for(shop.path("go")) + "echo why I died >&2; exit 1"}});
  order.limits.intensity = 2;
  UpProcess up(order);
  up.wait_for("pecia node a: ready");
  shop.write("go", "");
  CHECK(up.end() == code_of(NodesEnd::gave_up));
  CHECK(
      up.has("why: supervisor 'up' gives up: 3 restarts within 600000 ms are more than 2, the "
             "last of child 'b': exit code 1\n"));
  CHECK(up.has("b: why I died\n"));
  CHECK(up.has("a: drained\n"));
  CHECK(up.count("b: started") == 3);
}

TEST_CASE("a node that refuses its config is not started again, and its line is told") {
  const Workshop shop;
  const std::string refuses =
      waits_for(shop.path("go")) + "echo first >&2; echo 'c.toml:1:1: no; yes' >&2; exit 2";
  UpProcess up(order_of({{"a", kLives}, {"b", refuses}, {"c", kLives}}));
  up.wait_for_all({"pecia node a: ready", "pecia node c: ready"});
  shop.write("go", "");
  CHECK(up.end() == code_of(NodesEnd::refused));
  CHECK(up.has("b: c.toml:1:1: no; yes\n"));
  CHECK(up.has("why: node 'b' refused its config, and all were ended: c.toml:1:1: no; yes\n"));
  CHECK(up.count("b: started") == 1);
  CHECK_FALSE(up.has("starts again"));
  CHECK(up.has("a: drained\n"));
  CHECK(up.has("c: drained\n"));
}

TEST_CASE("a node that does not drain in time is killed, and that is told") {
  NodesOrder order = order_of({{"a", kDeaf}, {"b", kLives}});
  order.drain_ms = 20;
  UpProcess up(order);
  up.wait_for("all 2 nodes are ready");
  up.send(SIGTERM);
  CHECK(up.end() == code_of(NodesEnd::overdue));
  CHECK(up.has("why: killed, not drained within 20 ms: "));
  CHECK(up.has("a: killed by signal 9\n"));
}

TEST_CASE("a second signal kills all nodes at once") {
  UpProcess up(order_of({{"a", kDeaf}, {"b", kDeaf}}));
  up.wait_for("all 2 nodes are ready");
  up.send(SIGINT);
  up.wait_for("asked to end");
  up.send(SIGINT);
  CHECK(up.end() == code_of(NodesEnd::killed));
  CHECK(up.has("a: killed by signal 9\n"));
  CHECK(up.has("b: killed by signal 9\n"));
}

TEST_CASE("a killed up takes its nodes with it") {
  const Workshop shop;
  const Watched a(shop.path("a")), b(shop.path("b"));
  const auto holds = [](const Watched& pipe) {
    return "exec 9>" + pipe.path() + "; echo \"pecia node $0: ready\"; exec sleep 1000";
  };
  UpProcess up(order_of({{"a", holds(a)}, {"b", holds(b)}}));
  up.wait_for("all 2 nodes are ready");
  up.send(SIGKILL);
  a.wait_until_gone();
  b.wait_until_gone();
  CHECK(up.end() == -1);
}

TEST_CASE("nodes that have drained by themselves stay down, and without any up ends") {
  UpProcess up(order_of({{"a", "exit 0"}, {"b", "echo last; exit 0"}}));
  CHECK(up.end() == code_of(NodesEnd::drained));
  CHECK(up.has("b: last\n"));
  CHECK_FALSE(up.has("starts again"));
}

TEST_CASE("a program that is not there is given up in words") {
  NodesOrder order = order_of({{"a", ""}});
  order.program = "/nowhere/program";
  order.limits.intensity = 0;
  UpProcess up(order);
  CHECK(up.end() == code_of(NodesEnd::gave_up));
  CHECK(up.has("exit code 127, the program could not be started\n"));
}

TEST_CASE("a node waits for its restart no longer once all are to end") {
  NodesOrder order = order_of({{"a", kLives}, {"b", "exit 1"}});
  order.limits.backoff_ms = order.limits.backoff_ms_max = 600'000;
  UpProcess up(order);
  up.wait_for("b: starts again");
  up.send(SIGTERM);
  CHECK(up.end() == code_of(NodesEnd::drained));
}

TEST_CASE("what nodes print is passed on line by line behind their names") {
  UpProcess up(order_of(
      {{"a", "printf 'one\\ntwo \\033[1m\\n\\n'; printf 'err\\nno newline' >&2; exit 0"}}));
  CHECK(up.end() == code_of(NodesEnd::drained));
  for (const char* line :
       {"\na: one\n", "\na: two \\x1b[1m\n", "\na: \n", "a: err\n", "\na: no newline\n"}) {
    INFO(line);
    CHECK(up.has(line));
  }
}

TEST_CASE("a node that prints without end keeps nobody waiting") {
  UpProcess up(order_of({{"a", "trap 'exit 0' TERM; yes & yes >&2"}, {"b", kLives}}));
  up.wait_for("pecia node b: ready");
  up.send(SIGINT);
  up.send(SIGTERM);  // `yes` is in the foreground of a
  up.end();
  CHECK(up.has("b: "));
}

TEST_CASE("the signals of up are no matter of its nodes") {
  UpProcess up(order_of({{"a", "grep -E 'Sig(Blk|Ign)' /proc/self/status; exit 0"}}));
  CHECK(up.end() == code_of(NodesEnd::drained));
  CHECK(up.has("a: SigBlk:\t0000000000000000\n") == false);  // a tab is shown as \x09
  CHECK(up.has("a: SigBlk:\\x090000000000000000\n"));
  const std::size_t ignored = up.text().find("SigIgn:");
  REQUIRE(ignored != std::string::npos);
  const unsigned long long mask = std::stoull(up.text().substr(ignored + 11, 16), nullptr, 16);
  CHECK((mask & (1ULL << (SIGPIPE - 1))) == 0);
}
