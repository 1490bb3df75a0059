#include "runtime/wire/names.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace pecia::runtime {

namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool is_path(std::string_view text) {
  if (text.size() > kPathBytesMax) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_number(text.substr(0, dot))) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

Path path_of_slice(std::size_t slice) { return std::to_string(slice + 1); }

std::optional<std::size_t> slice_of_path(std::string_view path) {
  if (!is_number(path)) return std::nullopt;
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(path.data(), path.data() + path.size(), number);
  if (error != std::errc()) return std::nullopt;  // beyond any count
  assert(rest == path.data() + path.size() && number > 0);
  return number - 1;
}

Chain chain_start(const StepName& step, const Id& input) {
  assert(is_path(step.path));
  return kernels::FieldHash().field(step.job).field(step.path).field(input).id();
}

Chain chain_after(const Chain& before, std::span<const std::int32_t> tokens) {
  Chain chain = before;
  for (const std::int32_t token : tokens) {
    chain = kernels::FieldHash().field(chain).field(static_cast<std::uint32_t>(token)).id();
  }
  return chain;
}

}  // namespace pecia::runtime
