// Real actor systems behind gates: their frames pass the filter, and what would end CAF does not.

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/basp_broker.hpp>

#include "runtime/wire/frame.hpp"
#include "tests/unit/gate/gate_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;

namespace {

using Kind = Told::Kind;
using Tell = caf::atom_constant<caf::atom("tell")>;

struct SystemConfig : caf::actor_system_config {
  SystemConfig() {
    load<caf::io::middleman>();
    add_message_type<Frame>("Frame");
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2);
    set("middleman.workers", 0);
  }
};

Frame frame_of(std::size_t bytes) { return Frame(std::vector<std::byte>(bytes)); }

caf::behavior echo(caf::event_based_actor* self) {
  self->set_default_handler(caf::drop);
  return {[](Tell, const Frame& frame) { return caf::make_message(Tell::value, frame); },
          [=](const std::string&) { self->quit(caf::sec::bad_function_call); }};
}

// An actor system, and the sockets that a gate gives it.
struct System {
  SystemConfig config;
  caf::actor_system actors{config};
  caf::actor broker = actors.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));

  caf::io::scribe_ptr scribe(const Told& up) {
    const int fd = up.actors->release();
    caf::io::network::nonblocking(fd, true);
    return actors.middleman().backend().new_scribe(fd);
  }
  void publish(const Told& up, const caf::actor& root) {
    caf::anon_send(broker, caf::publish_atom::value, scribe(up), std::uint16_t{1},
                   caf::actor_cast<caf::strong_actor_ptr>(root), std::set<std::string>{});
  }
  caf::actor connect(const Told& up) {
    caf::scoped_actor self{actors};
    caf::actor there;
    self->request(broker, std::chrono::minutes(1), caf::connect_atom::value, scribe(up),
                  std::uint16_t{1})
        .receive([&](caf::node_id&, caf::strong_actor_ptr& root,
                     std::set<std::string>&) { there = caf::actor_cast<caf::actor>(root); },
                 [&](const caf::error& error) { FAIL(actors.render(error)); });
    return there;
  }
};

// How many bytes the echo of a Frame has; 0: none came.
std::size_t echo_through(System& from, const caf::actor& there, std::size_t bytes) {
  caf::scoped_actor self{from.actors};
  std::size_t echoed = 0;
  self->request(there, std::chrono::minutes(1), Tell::value, frame_of(bytes))
      .receive([&](Tell, const Frame& frame) { echoed = frame.bytes().size(); },
               [&](const caf::error& error) { FAIL(from.actors.render(error)); });
  return echoed;
}

GateOptions strict(GateOptions options) {
  options.message_types_allowed = {"@<>+@atom+Frame"};
  return options;
}

}  // namespace

TEST_CASE("actors behind two gates ask and answer, and no type but those listed gets through") {
  System of_b, of_a;
  const caf::actor root = of_b.actors.spawn(echo);
  TestGate b(strict(options_of_b()));
  TestGate a(strict(options_of_a(b->port())));
  of_b.publish(b.next(Kind::up), root);
  const caf::actor there = of_a.connect(a.next(Kind::up));
  caf::scoped_actor self{of_a.actors};
  // A string would end the echo, but it is not listed. The largest message is beyond what may wait
  // for a peer that takes nothing, and passes.
  self->send(there, std::string("end"));
  for (const std::size_t bytes : {8UL, 64 * 1024UL, 8 * 1024 * 1024UL, 64 * 1024 * 1024UL}) {
    CHECK(echo_through(of_a, there, bytes) == bytes);
  }
  // Monitors pass, and so does the news that an actor has ended.
  self->monitor(there);
  CHECK(echo_through(of_a, there, 8) == 8);
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  self->receive([&](const caf::down_msg& down) {
    CHECK(down.reason == caf::error(caf::exit_reason::user_shutdown));
  });
  CHECK(a.is_quiet());
  a.end();
  b.next(Kind::down);
  const BaspFilterCounts frames = b->stats().frames;
  CHECK(frames.types >= 1);
  CHECK(frames.routed == 0);
}

TEST_CASE("when a link goes down actors hear of it, and the next link gives a new handle") {
  System of_b, of_a;
  const caf::actor root = of_b.actors.spawn(echo);
  TestGate b(strict(options_of_b()));
  TestGate a(strict(options_of_a(b->port())));
  of_b.publish(b.next(Kind::up), root);
  const caf::actor there = of_a.connect(a.next(Kind::up));
  caf::scoped_actor self{of_a.actors};
  self->monitor(there);
  CHECK(echo_through(of_a, there, 8) == 8);
  b->close("a", 1, "enough");
  self->receive([&](const caf::down_msg& down) {
    CHECK(down.reason == caf::error(caf::exit_reason::remote_link_unreachable));
  });
  a.next(Kind::down);
  b.next(Kind::down);
  of_b.publish(b.next(Kind::up), root);
  const caf::actor again = of_a.connect(a.next(Kind::up));
  CHECK(echo_through(of_a, again, 8) == 8);
  caf::anon_send_exit(root, caf::exit_reason::kill);
}

TEST_CASE("messages nested 100,000 deep and endless ones, well framed, do nothing") {
  System of_b;
  const caf::actor root = of_b.actors.spawn(echo);
  TestGate b(strict(options_of_b()));
  const GateSelf self = options_of("a").self;
  Stranger control(b->port()), bulk(b->port());
  for (const Part part : {Part::control, Part::bulk}) {
    auto core = HandshakeCore::dial(self, {"b", 1, part}, {},
                                    [](const PeerIdentity&) { return pecia::kernels::Status(); });
    REQUIRE(shake_hands(part == Part::control ? control : bulk, core));
  }
  of_b.publish(b.next(Kind::up), root);
  const GateBytes server = control.read(32);
  REQUIRE(server.size() == 32);
  const GateBytes greeting = control.read(std::to_integer<std::size_t>(server[7]));
  // Of the server's handshake: its node, the applications, then the published actor.
  REQUIRE(greeting.size() > 58 - 9);
  const GateBytes root_id(greeting.end() - 9, greeting.end() - 1);

  const auto frame = [&](std::uint8_t operation, const GateBytes& payload) {
    GateBytes bytes(24);
    bytes[0] = std::byte{operation};
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[4 + i] = static_cast<std::byte>((payload.size() >> (8 * (3 - i))) & 0xFF);
    }
    const GateBytes to = operation == 2 ? root_id : GateBytes(8);
    bytes.insert(bytes.end(), to.begin(), to.end());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
  };
  GateBytes node(greeting.begin(), greeting.begin() + 32);
  node[31] ^= std::byte{0xFF};  // another than its own
  std::uint64_t sent = 0;
  const auto send = [&](const GateBytes& bytes) {
    control.send(bytes);
    sent += bytes.size();
  };
  send(frame(1, node));
  using namespace std::string_view_literals;
  std::string nested("\0"sv);
  for (int i = 0; i < 100'000; ++i) nested += "\x00\x00\x0c@<>+@message"sv;
  send(frame(2, bytes_of(nested)));
  send(frame(2, bytes_of("\x00\x00\x00\x0c@<>+@charbuf\xFF\xFF\xFF\xFF"sv)));
  send(frame(6, {}));
  b.stats_when([&](const GateStats& s) { return s.control_bytes_in == sent; });
  control.close();
  b.next(Kind::down);
  const BaspFilterCounts frames = b->stats().frames;
  CHECK(frames.types == 2);
  CHECK(frames.passed == 2);
  // The node serves others as before.
  System of_a;
  TestGate a(strict(options_of_a(b->port())));
  of_b.publish(b.next(Kind::up), root);
  const caf::actor there = of_a.connect(a.next(Kind::up));
  CHECK(echo_through(of_a, there, 8) == 8);
  caf::anon_send_exit(root, caf::exit_reason::kill);
}
