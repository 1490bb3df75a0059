// Pages that leave one engine and come into another.

#include "kernels/engine/page_codec.hpp"
#include "tests/unit/engine/engine_fixture.hpp"

namespace pecia::kernels {
namespace {

constexpr int kPromptTokens = 75;

Request request() { return request_of(random_tokens(kPromptTokens), 30); }

struct Exported {
  std::vector<Id> names;
  std::vector<std::vector<std::byte>> pages;
  Outcome outcome;
};

// All full pages of prompt and answer.
Exported exported(TensorType type = TensorType::f32) {
  TestEngine engine({}, type);
  Exported result;
  result.outcome = engine.run(request());
  std::vector<TokenId> tokens = random_tokens(kPromptTokens);
  tokens.insert(tokens.end(), result.outcome.tokens.begin(), result.outcome.tokens.end() - 1);
  result.names = engine.engine.page_names(tokens);
  for (const Id& name : result.names) {
    CHECK(engine.engine.has_page(name));
    result.pages.push_back(checked(engine.engine.export_page(name)));
  }
  return result;
}

TEST_CASE("pages carried to another engine replace the prompt's computation, bit for bit") {
  for (const TensorType type :
       {TensorType::f32, TensorType::f16, TensorType::q8_0, TensorType::q4_0}) {
    const Exported source = exported(type);
    REQUIRE(source.pages.size() == 3);
    TestEngine engine({}, type);
    for (const auto& page : source.pages) CHECK(engine.engine.import_page(page));
    CHECK(engine.run(request()) == source.outcome);
    CHECK(engine.engine.stats().prompt_tokens_reused == 2 * kPageTokens);
  }
}

TEST_CASE("pages may arrive more than once, but none before its parent") {
  const Exported source = exported();
  TestEngine engine;
  const auto too_early = [&](std::size_t page) {
    const Status status = engine.engine.import_page(source.pages[page]);
    return !status && status.error().kind == ErrorKind::retry;
  };
  CHECK(too_early(1));
  CHECK(too_early(2));
  CHECK(engine.engine.stats().pages_cached == 0);
  for (const std::size_t page : {0, 0, 1, 0, 2, 2, 1}) {
    CHECK(engine.engine.import_page(source.pages[page]));
  }
  CHECK(engine.engine.stats().pages_cached == 3);
  for (const Id& name : source.names) CHECK(engine.engine.has_page(name));
  CHECK(engine.run(request()) == source.outcome);
  CHECK(engine.engine.stats().prompt_tokens_reused == 2 * kPageTokens);
}

TEST_CASE("a page that does not follow its parent is refused") {
  const Exported source = exported();
  TestEngine engine;
  CHECK(engine.engine.import_page(source.pages[0]));
  const DecodedPage second = checked(decode_page(source.pages[1]));
  PageHeader third = second.header;
  third.index = 2;
  const Status status = engine.engine.import_page(encode_page(third, second.payload));
  REQUIRE_FALSE(status);
  CHECK(status.error().kind == ErrorKind::refuse);
  CHECK(status.error().message.find("has index 2, its parent has 0") != std::string::npos);
  CHECK(engine.engine.stats().pages_cached == 1);
}

TEST_CASE("a page of a text computed here is taken in behind it") {
  const Exported source = exported();
  TestEngine engine;
  engine.run(request_of(random_tokens(33), 1));  // the first page, by its own work
  CHECK(engine.engine.import_page(source.pages[1]));
  CHECK(engine.run(request()) == source.outcome);
  CHECK(engine.engine.stats().prompt_tokens_reused == 2 * kPageTokens);
}

TEST_CASE("a page travels on from an engine that never computed it") {
  const Exported source = exported();
  TestEngine relay;
  CHECK(relay.engine.import_page(source.pages[0]));
  CHECK(relay.engine.import_page(source.pages[1]));
  CHECK(checked(relay.engine.export_page(source.names[1])) == source.pages[1]);
  const auto absent = relay.engine.export_page(source.names[2]);
  CHECK(absent.error().kind == ErrorKind::elsewhere);
}

TEST_CASE("a sequence resumed from carried pages recomputes only the last of its rows") {
  const Exported source = exported();
  TestEngine engine;
  for (const auto& page : source.pages) CHECK(engine.engine.import_page(page));
  Request resumed = request();
  resumed.resume.assign(source.outcome.tokens.begin(), source.outcome.tokens.begin() + 25);
  const Outcome rest = engine.run(resumed);
  CHECK(std::ranges::equal(rest.tokens, std::span(source.outcome.tokens).subspan(25)));
  CHECK(engine.engine.stats().prompt_tokens_reused == 3 * kPageTokens);
}

TEST_CASE("a page with a flipped bit is refused and the engine stays as it was") {
  const Exported source = exported();
  TestEngine engine;
  for (std::size_t bit = 0; bit < source.pages[0].size() * 8; bit += 4001) {
    std::vector<std::byte> page = source.pages[0];
    page[bit / 8] ^= std::byte(1 << bit % 8);
    const Status status = engine.engine.import_page(page);
    CHECK_FALSE(status);
    CHECK(status.error().kind == ErrorKind::refuse);
  }
  CHECK(engine.engine.stats().pages_cached == 0);
  CHECK_FALSE(engine.engine.has_page(source.names[0]));
  CHECK(engine.run(request()) == source.outcome);
}

TEST_CASE("pages of another model, salt or layer range are refused") {
  const Exported source = exported();
  TestEngine salted({.salt = "another cluster"});
  CHECK_FALSE(salted.engine.import_page(source.pages[0]));
  TestEngine other({}, TensorType::f16);
  CHECK_FALSE(other.engine.import_page(source.pages[0]));
  Engine front(tiny_model().front, nullptr, test_pool(), best_isa(), {});
  CHECK_FALSE(front.import_page(source.pages[0]));
  CHECK(front.stats().pages_cached == 0);
}

TEST_CASE("an import finds no place while all pages are in use, and one later") {
  const Exported source = exported();
  const std::uint64_t page_bytes = kv_page_bytes(tiny_model().whole->params(), kTinyShape.layers);
  TestEngine engine({.kv_bytes_max = 2 * page_bytes});
  const SequenceId id = engine.add(request_of(random_tokens(40, 77), 20));
  engine.step();
  const Status full = engine.engine.import_page(source.pages[0]);
  REQUIRE_FALSE(full);
  CHECK(full.error().kind == ErrorKind::retry);
  engine.engine.cancel(id);
  CHECK(engine.engine.import_page(source.pages[0]));
}

TEST_CASE("page names are those of the tokens, before and after the pages exist") {
  TestEngine engine;
  const std::vector<TokenId> tokens = random_tokens(kPromptTokens);
  const std::vector<Id> names = engine.engine.page_names(tokens);
  REQUIRE(names.size() == 2);
  CHECK_FALSE(engine.engine.has_page(names[0]));
  engine.run(request());
  CHECK(engine.engine.has_page(names[0]));
  CHECK(engine.engine.has_page(names[1]));
  CHECK(engine.engine.page_names(tokens) == names);
  CHECK(tiny_model().front->id() == tiny_model().whole->id());
}

}  // namespace
}  // namespace pecia::kernels
