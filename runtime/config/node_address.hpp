#pragma once
// Where a node listens: a numeric IPv4 or IPv6 address and a port, in its one written form. Names
// are not looked up: a config must mean the same on every machine, with no server in between.
// Errors: refuse; the message says what is wrong with the text, without a place.
// Thread rule: values, pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"

namespace pecia::runtime {

struct NodeAddress {
  std::string host;  // as inet_ntop writes it, without brackets
  std::uint16_t port = 0;
  bool is_ipv6 = false;
  bool is_loopback = false;  // reached from this machine only
  bool operator==(const NodeAddress&) const = default;
};

// "127.0.0.1:7401" or "[::1]:7401"; a port from 1 on, and an address that others can dial.
kernels::Expected<NodeAddress> parse_address(std::string_view text);
// In the same form; two spellings of one address give the same text.
std::string to_string(const NodeAddress& address);

}  // namespace pecia::runtime
