#include "kernels/text/document_release.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "kernels/base/philox.hpp"
#include "kernels/text/repeated_prefix.hpp"
#include "kernels/text/visible_text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

using Ids = std::vector<TokenId>;

Outline three_sections() {
  return {"About birds.", {{1, "# Owls", "at night"}, {1, "# Larks", ""}, {2, "## Song", ""}}};
}

// One token a byte, whatever the bytes are.
const Tokenizer& byte_tokenizer() {
  static const Tokenizer kTokenizer = test::byte_vocabulary({}).load().value();
  return kTokenizer;
}

Ids bytes_of(std::string_view text) { return byte_tokenizer().encode(text, {.add_bos = false}); }

DocumentRelease release_of(ReleaseRules rules = {}) {
  return {three_sections(), byte_tokenizer(), std::move(rules)};
}

// The same rules over whole slices, by plain search and without a state.
std::string cut_at_stop(std::string text, const std::vector<std::string>& stops) {
  for (std::size_t end = 1; end <= text.size(); ++end) {
    std::size_t longest = 0;
    for (const std::string& stop : stops) {
      if (text.substr(0, end).ends_with(stop)) longest = std::max(longest, stop.size());
    }
    if (longest > 0) return text.substr(0, end - longest);
  }
  return text;
}

std::string whole_document(const Outline& outline, const Tokenizer& tokenizer,
                           const ReleaseRules& rules, const std::vector<Ids>& slices) {
  std::string document = document_start(outline), before;
  for (std::size_t k = 0; k < slices.size(); ++k) {
    std::string text;
    for (const TokenId id : slices[k]) text += tokenizer.piece(id);
    text = cut_at_stop(std::move(text), rules.stop);
    const std::string visible(visible_text(text));
    const std::string_view last = last_characters(before, rules.overlap_characters_max);
    std::string rest = visible.substr(repeated_prefix(last, visible));
    rest.erase(0, std::min(rest.find_first_not_of(" \t\n"), rest.size()));
    document += slice_start(outline, k) + rest + slice_end(outline, k);
    before = visible;
  }
  return document;
}

// Folds the slices' records in the order and the pieces that the seed says; every state on the way
// must be a prefix of `document`, and the pieces given out must be its growth.
void check_fold(std::uint64_t seed, DocumentRelease release, const std::vector<Ids>& slices,
                std::size_t piece_max, const std::string& document) {
  std::vector<std::size_t> next(slices.size(), 0);
  std::vector<bool> ended(slices.size(), false);
  std::string given = release.document();
  for (std::uint64_t draw = 0; !release.complete(); ++draw) {
    const std::size_t k = philox64(seed, draw, 0) % slices.size();
    if (ended[k]) continue;
    const std::size_t left = slices[k].size() - next[k];
    if (left == 0) {
      given += release.end(k);
      ended[k] = true;
    } else {
      const std::size_t piece = std::min(1 + philox64(seed, draw, 1) % piece_max, left);
      given += release.add(k, std::span(slices[k]).subspan(next[k], piece));
      next[k] += piece;
    }
    REQUIRE(given == release.document());
    REQUIRE(document.starts_with(given));
  }
  REQUIRE(release.document() == document);
  const std::size_t offset = philox64(seed, 0, 2) % (document.size() + 1);
  REQUIRE(release.chain_at(offset) == document_chain(document.substr(0, offset)));
}

// White space, words that repeat, whole and broken characters, and parts of the stop strings.
std::string random_text(std::uint64_t seed, std::size_t pieces_max) {
  constexpr std::string_view kPieces[] = {
      " ",    "\n",   "\t ",          "owl ", "owl",          "see ", "e",   "\u00E9", "\u4ECA",
      "\xE4", "\x80", "\xF0\x9F\x90", "\x9D", "\u65E5\u306F", "EN",   "END", "\n\n#",  "\xFF"};
  std::string text;
  const std::size_t pieces = philox64(seed, 0, 3) % (pieces_max + 1);
  for (std::size_t i = 0; i < pieces; ++i) {
    text += kPieces[philox64(seed, i, 4) % std::size(kPieces)];
  }
  return text;
}

ReleaseRules random_rules(std::uint64_t seed) {
  constexpr std::size_t kOverlaps[] = {0, 0, 1, 3, 12, 200};
  ReleaseRules rules;
  if (philox64(seed, 0, 5) % 2 != 0) rules.stop = {"END", "\n\n#", "\x9D"};
  rules.overlap_characters_max = kOverlaps[philox64(seed, 0, 6) % std::size(kOverlaps)];
  return rules;
}

}  // namespace

TEST_CASE("text of a later slice waits until all before it have ended") {
  DocumentRelease release = release_of();
  CHECK(release.document() == "About birds.\n\n# Owls\n\n");
  CHECK(release.add(1, bytes_of("larks fly")) == "");
  CHECK(release.add(0, bytes_of("owls see")) == "owls see");
  CHECK(release.end(1) == "");
  CHECK(release.end(0) == "\n\n# Larks\n\nlarks fly\n\n## Song\n\n");
  CHECK_FALSE(release.complete());
  CHECK(release.end(2) == "\n");
  CHECK(release.complete());
  CHECK(release.ended() == 3);
}

TEST_CASE("white space, half characters and beginnings of stop strings wait for what follows") {
  DocumentRelease release = release_of({.stop = {"END"}});
  CHECK(release.add(0, bytes_of("\n owls ")) == "owls");
  CHECK(release.add(0, bytes_of("see \xC3")) == " see");
  CHECK(release.add(0, bytes_of("\xA9")) == " \u00E9");
  CHECK(release.add(0, bytes_of(" EN")) == "");
  CHECK(release.add(0, bytes_of("T")) == " ENT");
  CHECK(release.add(0, bytes_of(" END behind")) == "");
  CHECK(release.end(0) == "\n\n# Larks\n\n");
  CHECK(release.add(1, bytes_of("larks EN")) == "larks");
  CHECK(release.end(1) == " EN\n\n## Song\n\n");
  CHECK(release.add(2, bytes_of("la \xE4\xB8")) == "la");
  CHECK(release.end(2) == "\n");
}

TEST_CASE("what a slice repeats of the one before is dropped, with the white space behind it") {
  DocumentRelease release = release_of({.stop = {}, .overlap_characters_max = 8});
  release.add(0, bytes_of("the owls see"));
  release.end(0);
  CHECK(release.add(1, bytes_of(" owls see")) == "");  // may be repeated, may go on as "seen"
  CHECK(release.add(1, bytes_of(" by night")) == "by night");
  CHECK(release.end(1) == "\n\n## Song\n\n");
  CHECK(release.add(2, bytes_of("nights")) == "");
  CHECK(release.end(2) == "nights\n");
  CHECK(release.digest(1) == digest_of("owls see by night"));
}

TEST_CASE("broken bytes that white space stands behind stay, with an overlap and without") {
  for (const std::size_t overlap : {0, 8}) {
    DocumentRelease release = release_of({.stop = {}, .overlap_characters_max = overlap});
    release.add(0, bytes_of("owls"));
    release.end(0);
    release.add(1, bytes_of("larks \xF0\x9F \n"));
    release.end(1);
    CHECK(release.document().ends_with("larks \xF0\x9F\n\n## Song\n\n"));
  }
}

TEST_CASE("a slice's digest is that of its visible text") {
  DocumentRelease release = release_of({.stop = {"END"}});
  release.add(2, bytes_of(" la\nla \xE4 END la"));
  release.end(2);
  CHECK(release.digest(2).bytes == 7);
  CHECK(release.digest(2) == digest_of("la\nla \xE4"));
  Sha256 plain;
  plain.update("la\nla \xE4");
  const Digest digest = plain.finish();
  CHECK(std::equal(release.digest(2).hash.begin(), release.digest(2).hash.end(), digest.begin()));
}

TEST_CASE("tokens that no slice can take are refused by name") {
  DocumentRelease release = release_of();
  release.end(1);
  CHECK(release.check(0, bytes_of("owls")).ok());
  CHECK(release.check(3, {}).error().message == "slice 4 of a document of 3");
  CHECK(release.check(1, {}).error().message == "slice 2 has ended; nothing can follow");
  for (const TokenId id : {-1, 256}) {
    CHECK(release.check(0, Ids{0, id}).error().message ==
          fmt::format("slice 1: token id {}, the vocabulary has 0..255", id));
  }
}

TEST_CASE("any order of slices and any pieces release the same document, never taken back") {
  const Outline outline = three_sections();
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    CAPTURE(seed);
    const ReleaseRules rules = random_rules(seed);
    std::vector<Ids> slices;
    for (std::size_t k = 0; k < outline.sections.size(); ++k) {
      slices.push_back(bytes_of(random_text(seed * 3 + k, 16)));
    }
    const std::string document = whole_document(outline, byte_tokenizer(), rules, slices);
    for (std::uint64_t order = 0; order < 3; ++order) {
      const std::size_t piece_max = order == 0 ? 1 : 7;
      check_fold(seed * 3 + order, {outline, byte_tokenizer(), rules}, slices, piece_max, document);
    }
  }
}

TEST_CASE("the built-in model's tokens, drawn at random, release the same document") {
  const auto file = ModelFile::open(PECIA_SOURCE_DIR "/config/chronicle/pecia-chronicle-q8_0.gguf");
  REQUIRE(file.ok());
  const Tokenizer tokenizer = Tokenizer::load(*file).value();
  const Outline outline = three_sections();
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const ReleaseRules rules = random_rules(seed);
    std::vector<Ids> slices(outline.sections.size());
    for (std::size_t k = 0; k < slices.size(); ++k) {
      for (std::size_t i = 0; i < philox64(seed, k, 7) % 60; ++i) {
        // The first 256 ids are mostly single bytes: broken characters of every kind.
        const auto among = static_cast<std::uint64_t>(i % 2 == 0 ? tokenizer.size() : 256);
        slices[k].push_back(static_cast<TokenId>(philox64(seed, i, 8 + k) % among));
      }
    }
    check_fold(seed, {outline, tokenizer, rules}, slices, 9,
               whole_document(outline, tokenizer, rules, slices));
  }
}

TEST_CASE("tokens are shared evenly and none is lost") {
  for (const int total : {0, 1, 2, 3, 100, 101}) {
    const std::vector<int> shares = share_tokens(total, 3);
    CHECK(std::accumulate(shares.begin(), shares.end(), 0) == total);
    CHECK(shares.front() - shares.back() <= 1);
    CHECK(shares.front() >= shares.back());
  }
}

}  // namespace pecia::kernels
