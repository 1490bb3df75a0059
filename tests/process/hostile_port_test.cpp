// A node at work whose port is known to strangers: it goes on, in bounded memory, and its document
// is the same.

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "tests/catch.hpp"
#include "tests/loopback_listener.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;

namespace {

constexpr int kStrangers = 3'000;
constexpr int kSilent = 600;  // more than a gate lets in at once
constexpr std::uint64_t kMemoryKibMax = 64 * 1024;
constexpr std::size_t kLinesMax = 600;  // of as many as there are strangers

int connection_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

// What strangers say: noise, the words of others, a length beyond all memory, CAF's crash header.
std::string words_of(int stranger, std::mt19937_64& random) {
  std::string words(1 + random() % 4'000, '\0');
  for (char& each : words) each = static_cast<char>(random());
  switch (stranger % 4) {
    case 0:
      return words;
    case 1:
      return "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + words;
    case 2:
      return std::string(4, '\xff') + words;
    default:
      std::string header(32, '\0');  // a frame to an actor, of no bytes
      header[0] = '\x02';
      return header + words;
  }
}

void attack(std::uint16_t port) {
  std::mt19937_64 random(11);
  std::vector<int> silent;
  for (int i = 0; i < kStrangers; ++i) {
    const int fd = connection_to(port);
    const std::string words = words_of(i, random);
    [[maybe_unused]] const ssize_t sent =
        ::send(fd, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(fd);
    if (i % (kStrangers / kSilent) == 0) silent.push_back(connection_to(port));
  }
  for (const int fd : silent) ::close(fd);
}

std::uint64_t peak_kib(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

// Of one seed, in a file of its name.
std::vector<std::string> write_of(const std::string& name, const std::string& seed,
                                  const Workshop& shop) {
  return {"write",        "--outline", shop.path("book.md"), "-n",     "600",
          "--ignore-eos", "-o",        shop.path(name),      "--seed", seed};
}

}  // namespace

TEST_CASE("a node among strangers writes its document in bounded memory") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  shop.write("book.md", "a book\n# one\n# two\n# three\n");
  for (const char* seed : {"1", "2"}) {
    auto alone = write_of(std::string("alone-") + seed, seed, shop);
    alone.insert(alone.end(), {"-m", model});
    REQUIRE(run_pecia(alone).code == 0);
  }
  const std::uint16_t port = pecia::test::Listener().port();  // let go again
  const std::string config =
      shop.write("one.toml",
                 "[cluster]\nname = \"one\"\ndata_dir = \"data\"\n[[node]]\nname = \"all\"\n"
                 "address = \"127.0.0.1:" +
                     std::to_string(port) + "\"\nmodel = \"" + model +
                     "\"\nroles = [\"coordinator\", \"cache\", \"worker\"]\n");

  bool is_done = false;
  std::uint64_t before_kib = 0, after_kib = 0;
  Ended during;
  const Ended node =
      run_pecia({"node", "--config", config, "--name", "all"},
                {.watch = [&](int pid, const std::string& out) {
                  if (is_done || out.find("ready") == out.npos) return;
                  is_done = true;
                  auto before = write_of("before", "1", shop);
                  before.insert(before.end(), {"--cluster", config});
                  REQUIRE(run_pecia(before).code == 0);  // in peace: buffers have their size
                  before_kib = peak_kib(pid);
                  std::atomic<bool> is_over{false};
                  std::thread strangers([port, &is_over] { attack(port), is_over = true; });
                  auto amid = write_of("amid", "2", shop);
                  amid.insert(amid.end(), {"--cluster", config});
                  during = run_pecia(amid);
                  CHECK_FALSE(is_over);  // they were still at it
                  strangers.join();
                  after_kib = peak_kib(pid);
                  ::kill(pid, SIGTERM);
                }});
  INFO(node.err);
  CHECK(node.code == 0);
  INFO(during.err);
  CHECK(during.code == 0);
  CHECK(read_file(shop.path("amid")) == read_file(shop.path("alone-2")));
  CHECK(read_file(shop.path("before")) == read_file(shop.path("alone-1")));
  CHECK(read_file(shop.path("amid")).size() > 100);
  CHECK(before_kib > 0);
  INFO("memory from " << before_kib << " to " << after_kib << " KiB");
  CHECK(after_kib - before_kib < kMemoryKibMax);
  const auto lines = std::count(node.err.begin(), node.err.end(), '\n');
  CHECK(lines > 0);
  CHECK(static_cast<std::size_t>(lines) < kLinesMax);
}
