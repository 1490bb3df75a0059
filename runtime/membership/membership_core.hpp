#pragma once
// Who is up, as one node knows it: a list of events, folded. Every NodeUp is answered by exactly
// one NodeDown that names the same boot and link, before the next NodeUp of that name.
//
// A node, by its name:
//
//                 Joined                    Silent
//     unknown ------------> up ----------------------------> silent
//        |                  ^ |  <---------------------------  |
//        |   Joined: higher | |            Heard               |
//        |   link, new boot | | Left                           | Left
//        |                  | v                                |
//        '------Left-----> down <------------------------------'
//
// While a node is up or silent, a Joined with a higher link or a new boot is both: down, then up.
//
// Events may come twice, late, and in any order. What makes that harmless:
//   link    Joined and Left of one boot carry its link number, and (link, joined before left) only
//           ever grows: an event that is not beyond the last one has been overtaken. So the state
//           of a boot is the same for every order and any repetition of its events.
//   boot    boots are random, hence without order; but a name has one process at a time, so a boot
//           not seen before is the newer one, and one that was followed by another never returns.
//           The last kPastBootsMax of a name are remembered.
//
// Silent and Heard are the verdicts of is_silent() (silence.hpp) about a node whose link stands.
// Thread rule: one thread.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "runtime/wire/names.hpp"

namespace pecia::runtime {

inline constexpr std::size_t kPastBootsMax = 16;
// Names that are down and still remembered; clients dial under ever new ones.
inline constexpr std::size_t kDownNodesMax = 1'024;

using LinkNumber = std::uint32_t;  // per (node, boot) pair, +1 a connection, from 1; 0: none yet

// What a node can do; matched when work is placed, not demanded when it joins.
struct Capabilities {
  std::vector<std::string> roles;
  std::vector<Id> models;
  std::vector<std::string> numerics;
  bool operator==(const Capabilities&) const = default;
};

// -- events --------------------------------------------------------------------------------------

struct Joined {
  NodeBoot node;
  LinkNumber link = 0;
  Capabilities capabilities;
};
struct Left {
  NodeBoot node;
  LinkNumber link = 0;
  std::string why;
};
struct Silent {
  NodeBoot node;
};
struct Heard {
  NodeBoot node;
};
using MembershipEvent = std::variant<Joined, Left, Silent, Heard>;

// -- effects -------------------------------------------------------------------------------------

struct NodeUp {
  NodeBoot node;
  LinkNumber link = 0;
  bool operator==(const NodeUp&) const = default;
};
struct NodeDown {  // what was open there is lost
  NodeBoot node;
  LinkNumber link = 0;
  std::string why;
  bool operator==(const NodeDown&) const = default;
};
using MembershipEffect = std::variant<NodeUp, NodeDown>;
using MembershipEffects = std::vector<MembershipEffect>;

// -- the core ------------------------------------------------------------------------------------

struct Member {
  enum class State : std::uint8_t { up, silent, down };

  NodeBoot node;
  LinkNumber link = 0;  // the highest heard of, of this boot
  State state = State::down;
  Capabilities capabilities;  // as it last joined
  bool operator==(const Member&) const = default;
};

class MembershipCore {
 public:
  MembershipEffects take(const MembershipEvent& event);

  std::vector<Member> up() const;  // by name
  // The latest boot of a name, up or not; nullptr where none is known. Valid until the next take().
  const Member* find(const NodeName& name) const;

 private:
  struct Entry {
    Member member;
    std::deque<Boot> past;        // boots that were followed by another, the latest last
    std::uint64_t went_down = 0;  // the how many-th to do so
  };

  void on(const Joined& event);
  void on(const Left& event);
  void on(const Silent& event);
  void on(const Heard& event);

  Entry* follow(const NodeBoot& node);
  Entry* current(const NodeBoot& node);
  void go_down(Entry& entry, std::string why);
  void forget_longest_down();

  std::map<NodeName, Entry> entries_;
  std::uint64_t downs_ = 0;    // so far
  MembershipEffects effects_;  // of the event at hand
};

MembershipCore fold(std::span<const MembershipEvent> events);

}  // namespace pecia::runtime
