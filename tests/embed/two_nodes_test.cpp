// Nodes of a cluster, all of them in this process, on loopback.

#include <sys/socket.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "pecia/node.hpp"
#include "tests/catch.hpp"
#include "tests/embed/jobs.hpp"
#include "tests/loopback_listener.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia;
using namespace pecia::tests;

namespace {

// A head that coordinates and caches, and a worker, on ports that were free just now.
class TwoNodes {
 public:
  explicit TwoNodes(std::string_view more = "") {
    pecia::test::Listener head, worker;
    head_port_ = head.port();
    const std::string address = "\"\naddress = \"127.0.0.1:";
    file_ = shop_.write("two.toml",
                        "[cluster]\nname = \"two\"\ndata_dir = \"state\"\n" + std::string(more) +
                            "[write]\ncache = \"cluster\"\n[[node]]\nname = \"head" + address +
                            std::to_string(head.port()) +
                            "\"\nroles = [\"coordinator\", \"cache\"]\n[[node]]\nname = "
                            "\"worker-1" +
                            address + std::to_string(worker.port()) + "\"\nroles = [\"worker\"]\n");
  }
  const std::string& file() const { return file_; }
  NodeOptions node(const std::string& name) const { return NodeOptions::from_file(file_, name); }
  NodeOptions client() const { return NodeOptions::client_of(file_); }
  std::uint16_t head_port() const { return head_port_; }

 private:
  const Workshop shop_;
  std::string file_;
  std::uint16_t head_port_ = 0;
};

}  // namespace

TEST_CASE("two nodes in one process write what one node writes, asked by a third or by the head") {
  const TwoNodes cluster;
  Node head{cluster.node("head")}, worker{cluster.node("worker-1")}, client{cluster.client()};
  const std::string text = text_of(short_job());
  std::string heard;
  Job job = short_job();
  job.id = "birds";
  job.on_text = [&](std::string_view piece) { heard += piece; };
  CHECK(client.submit(job).document.get().text == text);
  CHECK(heard == text);
  CHECK(head.submit(short_job()).document.get().text == text);
  CHECK(worker.submit(job).document.get().text == text);  // attaches, through the directory
}

TEST_CASE("a worker of this process ends and comes back, and its document is the same") {
  const TwoNodes cluster;
  Node head{cluster.node("head")};
  auto worker = std::make_unique<Node>(cluster.node("worker-1"));
  std::promise<void> begun;
  Job job = job_of(4, 4'000);
  Job heard = job;
  heard.on_text = [&, told = false](std::string_view) mutable {
    if (!std::exchange(told, true)) begun.set_value();
  };
  Submission submission = head.submit(std::move(heard));
  begun.get_future().wait();
  worker->drain(std::chrono::milliseconds(1));
  worker.reset();
  worker = std::make_unique<Node>(cluster.node("worker-1"));
  CHECK(submission.document.get().text == text_of(job));
}

TEST_CASE("a client whose cluster is not there gets an error from the future, in its time") {
  const TwoNodes cluster;
  NodeOptions options = cluster.client();
  options.answer_within = std::chrono::seconds(1);
  Node client{options};
  Submission submission = client.submit(short_job());
  CHECK(error_of(submission).kind() == ErrorKind::retry);
}

TEST_CASE("a node of a name or a port that it cannot have is refused with the place") {
  const TwoNodes cluster;
  const Error name = error_of([&] { Node node{cluster.node("worker-2")}; });
  CHECK(name.kind() == ErrorKind::refuse);
  CHECK(says(name, "worker-1"));  // the nearest
  Node head{cluster.node("head")};
  const Error port = error_of([&] { Node node{cluster.node("head")}; });
  CHECK(port.kind() == ErrorKind::refuse);
  CHECK(says(port, "in use"));
}

// The host's own log is what keeps the gate here: it holds the line of a peer that is none.
TEST_CASE("a node whose loop stands still says so and leaves the host alone") {
  const TwoNodes cluster("[supervision]\nloop_ms = 1000\n");
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future();
  NodeOptions options = cluster.node("head");
  options.log = [released](std::string_view) { released.wait(); };
  {
    Node head{options};
    const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(cluster.head_port());
    REQUIRE(::connect(peer, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    const std::string words(4'096, 'x');
    REQUIRE(::send(peer, words.data(), words.size(), MSG_NOSIGNAL) > 0);
    while (!head.failure()) std::this_thread::yield();
    CHECK(says(*head.failure(), "stands still"));
    Submission submission = head.submit(short_job());
    CHECK(error_of(submission).kind() == ErrorKind::retry);
    release.set_value();
    ::close(peer);
  }
  CHECK(text_of(short_job()).size() > 100);  // another node works
}
