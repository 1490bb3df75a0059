#include "actors/cache/page_trade_core.hpp"

#include <fmt/format.h>

#include "tests/catch.hpp"

namespace pecia::actors {
namespace {

constexpr std::uint64_t kWaitUs = TradeLimits{}.wait_us;

Page page(std::uint8_t name) {
  Page made{Id{name}, std::nullopt,
            std::make_shared<const std::vector<std::byte>>(1'000, std::byte{name})};
  if (name > 1) made.parent = Id{static_cast<std::uint8_t>(name - 1)};
  return made;
}
Pages pages(std::uint8_t first, std::uint8_t last) {
  Pages made;
  for (std::uint8_t n = first; n <= last; ++n) made.pages.push_back(page(n));
  return made;
}
PageNames names(std::uint8_t first, std::uint8_t last) {
  PageNames made;
  for (std::uint8_t n = first; n <= last; ++n) made.names.push_back(Id{n});
  return made;
}

// Some nodes, each with its cache, and a network that delivers when it is told to.
class Caches {
 public:
  explicit Caches(std::vector<std::string> nodes) {
    for (const std::string& node : nodes) caches_.emplace(node, std::make_unique<One>(node));
    for (const auto& [a, one] : caches_) {
      for (const auto& [b, other] : caches_) {
        if (a != b) carry(a, one->trade.on_peer_up({b, 1}, now_us));
      }
    }
    deliver();
  }

  void put(const std::string& node, const Pages& given) {
    carry(node, at(node).trade.on_put(given, now_us));
  }
  void fetch(const std::string& node, FetchKey key, const PageNames& asked) {
    carry(node, at(node).trade.on_fetch(key, asked, now_us));
  }
  void down(const std::string& node) {
    caches_.erase(node);
    for (const auto& [name, one] : caches_) carry(name, one->trade.on_peer_down({node, 1}, now_us));
  }
  void tick() {
    for (const auto& [name, one] : caches_) carry(name, one->trade.on_tick(now_us));
  }
  void deliver() {
    while (!sent_.empty()) {
      const auto [from, told] = sent_.front();
      sent_.erase(sent_.begin());
      const auto to = caches_.find(told.to.node);
      if (to == caches_.end()) continue;
      const PagePacket packet = encode(told.message);
      carry(to->first,
            to->second->trade.on_message(
                {from, 1}, decode_page_message(packet.kind, *packet.bytes).value(), now_us));
    }
  }
  // How many pages it was answered with; -1: not yet.
  int answered(FetchKey key) const {
    const auto at = answers_.find(key);
    return at == answers_.end() ? -1 : static_cast<int>(at->second.pages.size());
  }
  const Pages& answer(FetchKey key) const { return answers_.at(key); }
  PageTradeCore& trade(const std::string& node) { return at(node).trade; }

  std::uint64_t now_us = 1'000;

 private:
  struct One {
    explicit One(const std::string& name) : trade(cache, {}, {name, "head"}) {
      // A prefill slow enough that fetching pays.
      cache.cost().prefilled(32, 1'000'000);
    }
    CacheCore cache{{}, {}, [](const Id& name, const auto&, std::span<const std::byte> bytes) {
                      return bytes[0] == std::byte{name[0]};
                    }};
    PageTradeCore trade;
  };

  One& at(const std::string& node) { return *caches_.at(node); }
  void carry(const std::string& from, const TradeEffects& effects) {
    for (const TradeEffect& effect : effects) {
      if (const auto* told = std::get_if<TellCache>(&effect)) sent_.emplace_back(from, *told);
      if (const auto* answer = std::get_if<AnswerFetch>(&effect))
        answers_[answer->key] = answer->pages;
    }
  }

  std::map<std::string, std::unique_ptr<One>> caches_;
  std::vector<std::pair<std::string, TellCache>> sent_;
  std::map<FetchKey, Pages> answers_;
};

}  // namespace

TEST_CASE("what one node has another fetches, as far as it goes") {
  Caches caches({"head", "w1", "w2"});
  caches.put("w1", pages(1, 3));
  caches.deliver();
  caches.fetch("w2", 7, names(1, 4));
  CHECK(caches.answered(7) == -1);
  caches.deliver();
  REQUIRE(caches.answered(7) == 3);
  CHECK(*caches.answer(7).pages[2].bytes == *page(3).bytes);
  CHECK(caches.trade("w2").pages_fetched() == 3);
  CHECK(caches.trade("w1").pages_given() == 3);
  CHECK(caches.trade("w2").fetches() == 0);
}

TEST_CASE("a node that joins learns what the others have") {
  Caches caches({"head", "w1"});
  caches.put("w1", pages(1, 2));
  caches.deliver();
  caches.fetch("head", 1, names(1, 2));
  caches.deliver();
  CHECK(caches.answered(1) == 2);
}

TEST_CASE("of several who need a prefix one computes it and the others wait for its pages") {
  Caches caches({"head", "w1", "w2", "w3"});
  for (const int n : {1, 2, 3}) {
    caches.fetch(fmt::format("w{}", n), static_cast<FetchKey>(n), names(1, 3));
    caches.deliver();
  }
  CHECK(caches.answered(1) == 0);  // computes
  CHECK(caches.answered(2) == -1);
  CHECK(caches.answered(3) == -1);
  CHECK(caches.trade("head").parked() == 2);
  caches.put("w1", pages(1, 2));
  caches.deliver();
  CHECK(caches.answered(2) == 2);
  CHECK(caches.answered(3) == 2);
  CHECK(caches.trade("head").parked() == 0);
}

TEST_CASE("where the one who computes goes down, another does") {
  Caches caches({"head", "w1", "w2", "w3"});
  for (const int n : {1, 2, 3}) {
    caches.fetch(fmt::format("w{}", n), static_cast<FetchKey>(n), names(1, 3));
    caches.deliver();
  }
  caches.down("w1");
  caches.deliver();
  CHECK(caches.answered(2) == 0);
  CHECK(caches.answered(3) == 0);
}

TEST_CASE("nobody waits longer than the limit, whoever is silent") {
  Caches caches({"head", "w1", "w2"});
  caches.put("w1", pages(1, 3));
  caches.deliver();
  caches.fetch("w2", 1, names(1, 3));  // and its question is never delivered
  caches.now_us += kWaitUs - 1;
  caches.tick();
  CHECK(caches.answered(1) == -1);
  caches.now_us += 1;
  caches.tick();
  CHECK(caches.answered(1) == 0);
}

TEST_CASE("a holder that goes down, or the arbiter, costs its answer and no more") {
  Caches caches({"head", "w1", "w2"});
  caches.put("w1", pages(1, 3));
  caches.deliver();
  caches.fetch("w2", 1, names(1, 3));
  caches.down("w1");
  caches.deliver();
  CHECK(caches.answered(1) == 0);  // the arbiter said: compute
  caches.fetch("w2", 2, names(9, 9));
  caches.down("head");
  CHECK(caches.answered(2) == 0);
}

TEST_CASE("the arbiter asks itself as it asks others") {
  Caches caches({"head", "w1"});
  caches.fetch("w1", 1, names(1, 2));
  caches.deliver();
  caches.fetch("head", 2, names(1, 2));
  CHECK(caches.answered(1) == 0);
  CHECK(caches.answered(2) == -1);
  caches.put("w1", pages(1, 2));
  caches.deliver();
  CHECK(caches.answered(2) == 2);
}

TEST_CASE("bytes that are not the page of their name are not taken, and not asked for again") {
  Caches caches({"head", "w1"});
  Pages lie = pages(1, 1);
  caches.put("w1", lie);
  caches.deliver();
  PageTradeCore& head = caches.trade("head");
  const auto asked = head.on_fetch(1, names(1, 1), caches.now_us);
  REQUIRE(asked.size() == 1);
  const auto& wanted = std::get<PagesWanted>(std::get<TellCache>(asked[0]).message);
  Page wrong = page(1);
  wrong.bytes = page(2).bytes;
  head.on_message({"w1", 1}, PageGiven{wanted.request, wrong}, caches.now_us);
  const auto answer = head.on_message({"w1", 1}, PagesEnd{wanted.request}, caches.now_us);
  REQUIRE(answer.size() == 1);
  CHECK(std::get<AnswerFetch>(answer[0]).pages.pages.empty());
  CHECK(head.pages_fetched() == 0);
}

TEST_CASE("answers that nobody waits for, and messages of nobody who is up, change nothing") {
  Caches caches({"head", "w1"});
  PageTradeCore& head = caches.trade("head");
  CHECK(head.on_message({"w1", 1}, PageGiven{99, page(1)}, 1).empty());
  CHECK(head.on_message({"w1", 1}, PagesEnd{99}, 1).empty());
  CHECK(head.on_message({"w1", 2}, PagesWanted{1, false, {Id{1}}}, 1).empty());
  CHECK(head.on_message({"w1", 1}, PagesWanted{1, true, {}}, 1).size() == 1);
}

TEST_CASE("messages of caches come back as they were, and nothing else is one") {
  const auto again = [](const PageMessage& message) {
    const PagePacket packet = encode(message);
    return decode_page_message(packet.kind, *packet.bytes).value();
  };
  CHECK(std::get<PagesHeld>(again(PagesHeld{{Id{1}, Id{2}}})).names.size() == 2);
  const auto wanted = std::get<PagesWanted>(again(PagesWanted{77, true, {Id{5}}}));
  CHECK(wanted.request == 77);
  CHECK(wanted.arbitrate);
  CHECK(wanted.names == std::vector<Id>{Id{5}});
  const auto given = std::get<PageGiven>(again(PageGiven{78, page(3)}));
  CHECK(given.page.parent == Id{2});
  CHECK(*given.page.bytes == *page(3).bytes);
  CHECK_FALSE(std::get<PageGiven>(again(PageGiven{78, page(1)})).page.parent);
  CHECK(std::get<PagesEnd>(again(PagesEnd{79})).request == 79);

  const PagePacket packet = encode(PagesWanted{77, true, {Id{5}}});
  for (std::size_t cut = 0; cut < packet.bytes->size(); ++cut)
    CHECK_FALSE((cut != 9 && decode_page_message(1, std::span(*packet.bytes).first(cut)).ok()));
  CHECK_FALSE(decode_page_message(4, {}).ok());
  CHECK_FALSE(decode_page_message(3, std::vector<std::byte>(9)).ok());
  std::vector<std::byte> flag = *packet.bytes;
  flag[8] = std::byte{2};
  CHECK_FALSE(decode_page_message(1, flag).ok());
}

}  // namespace pecia::actors
