#include "runtime/config/node_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "runtime/config/foreign_words.hpp"

namespace pecia::runtime {

using kernels::Error;
using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

constexpr std::string_view kRight = R"(give "127.0.0.1:7401" or "[::1]:7401")";
constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;

struct Parts {
  std::string host;
  std::string_view port;
  bool is_ipv6 = false;
};

std::optional<Parts> split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return {};
  std::string_view host = text.substr(0, colon);
  const bool is_ipv6 = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (is_ipv6) host = host.substr(1, host.size() - 2);
  return Parts{std::string(host), text.substr(colon + 1), is_ipv6};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, port);
  if (text.empty() || stop != end || fault != std::errc() || port == 0) return {};
  return port;
}

bool all_zero(const std::uint8_t* first, std::size_t count) {
  return std::all_of(first, first + count, [](std::uint8_t byte) { return byte == 0; });
}

// No one machine: any (all zero), multicast and beyond.
bool is_nobodys(const std::uint8_t* bytes, bool is_ipv6) {
  if (is_ipv6) return all_zero(bytes, kIpv6Bytes) || bytes[0] == 0xFF;
  return bytes[0] == 0 || bytes[0] >= 224;
}

bool is_loopback(const std::uint8_t* bytes, bool is_ipv6) {
  if (!is_ipv6) return bytes[0] == 127;
  return all_zero(bytes, kIpv6Bytes - 1) && bytes[kIpv6Bytes - 1] == 1;
}

// ::ffff:a.b.c.d, a second name of an IPv4 address.
bool is_mapped(const std::uint8_t* bytes) {
  return all_zero(bytes, 10) && bytes[10] == 0xFF && bytes[11] == 0xFF;
}

}  // namespace

Expected<NodeAddress> parse_address(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return fail(ErrorKind::refuse, "{} has no port; {}", quoted(text), kRight);
  const int family = parts->is_ipv6 ? AF_INET6 : AF_INET;
  std::array<std::uint8_t, kIpv6Bytes> bytes{};
  static_assert(kIpv4Bytes <= kIpv6Bytes);
  // A zero byte would end the text for inet_pton().
  if (parts->host.find('\0') != std::string::npos ||
      ::inet_pton(family, parts->host.c_str(), bytes.data()) != 1) {
    return fail(ErrorKind::refuse, "{} is no numeric address; {}", quoted(text), kRight);
  }
  const auto port = parse_port(parts->port);
  if (!port) {
    return fail(ErrorKind::refuse, "{}: {} is no port; give 1 to 65535", quoted(text),
                quoted(parts->port));
  }
  if (is_nobodys(bytes.data(), parts->is_ipv6)) {
    return fail(ErrorKind::refuse,
                "{} is no address that others can dial; give one address of the machine",
                quoted(text));
  }
  if (parts->is_ipv6 && is_mapped(bytes.data())) {
    return fail(ErrorKind::refuse, "{} is an IPv4 address in IPv6; give it as IPv4", quoted(text));
  }
  std::array<char, INET6_ADDRSTRLEN> host{};
  ::inet_ntop(family, bytes.data(), host.data(), host.size());
  return NodeAddress{host.data(), *port, parts->is_ipv6, is_loopback(bytes.data(), parts->is_ipv6)};
}

std::string to_string(const NodeAddress& address) {
  if (address.is_ipv6) return fmt::format("[{}]:{}", address.host, address.port);
  return fmt::format("{}:{}", address.host, address.port);
}

}  // namespace pecia::runtime
