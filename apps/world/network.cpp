#include "apps/world/network.hpp"

namespace pecia::world {

namespace {

constexpr std::uint64_t kDelayMsMax = 3;          // usual
constexpr std::uint64_t kLongDelayMsMax = 1'500;  // of a message that is overtaken
constexpr std::uint64_t kStormPerMille = 250;

}  // namespace

void Network::send(Place from, Place to, std::function<void()> arrive) {
  const auto happens = [&](std::uint64_t per_mille) {
    return !healed_ && chance_.per_mille(storm_ ? kStormPerMille : per_mille);
  };
  if (is_cut(from, to)) return coverage_.note("message_cut");
  if (happens(scenario_.loss_per_mille)) return coverage_.note("message_lost");
  const auto delay = [&] {
    if (!happens(scenario_.delay_per_mille)) return chance_.between(1, kDelayMsMax);
    coverage_.note("message_delayed");
    return chance_.between(1, kLongDelayMsMax);
  };
  if (happens(scenario_.double_per_mille)) {
    coverage_.note("message_doubled");
    queue_.after(delay(), arrive);
  }
  queue_.after(delay(), std::move(arrive));
}

void Network::heal() {
  healed_ = true;
  storm_ = false;
  cuts_.clear();
}

}  // namespace pecia::world
