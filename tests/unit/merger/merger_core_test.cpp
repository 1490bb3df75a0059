#include "actors/merger/merger_core.hpp"

#include "kernels/text/document_chain.hpp"
#include "runtime/wire/codec.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::actors {
namespace {

using namespace runtime;

constexpr JobId kJob{7};

std::shared_ptr<const kernels::Tokenizer> byte_tokenizer() {
  static const auto kTokenizer =
      std::make_shared<const kernels::Tokenizer>(kernels::test::byte_vocabulary({}).load().value());
  return kTokenizer;
}

class Merging {
 public:
  explicit Merging(JobSpec spec = {}) {
    if (spec.outline.empty()) spec.outline = "About birds.\n# Owls\n# Larks\n";
    core.follow(OpenedRecord{kJob, encode(spec), 1, {}, "cpu", 5});
  }
  void write(const Path& path, std::string_view text) {
    const TokenIds ids = byte_tokenizer()->encode(text, {.add_bos = false});
    core.follow(TokensRecord{{kJob, path}, written_[path], ids, {}, {1, 1}});
    written_[path] += ids.size();
  }
  void end(const Path& path) {
    core.follow(EndedRecord{{kJob, path}, StepEnd::eos, written_[path], 0, {}});
  }
  void close(JobEnd end, std::string why = {}) {
    core.follow(ClosedRecord{kJob, end, std::move(why)});
  }
  // All that a reader gets who has `had`; "-": nothing yet.
  std::string read(std::string_view had = {}) const {
    const auto answer =
        core.read({kJob, had.size(), kernels::document_chain(had)}, JobState::running);
    if (!answer) return "-";
    if (const auto* refused = std::get_if<Refused>(&*answer)) return "refused: " + refused->why;
    return std::get<Text>(*answer).bytes;
  }
  Text answer(std::string_view had = {}) const {
    return std::get<Text>(
        core.read({kJob, had.size(), kernels::document_chain(had)}, JobState::running).value());
  }

  Viewed view() const { return core.view({kJob}, JobState::stalled, "disk full"); }

  MergerCore core{byte_tokenizer()};

 private:
  std::map<Path, std::uint64_t> written_;
};

}  // namespace

TEST_CASE("a reader is shown the document in order, however slices grow and end") {
  Merging merging;
  const std::string begun = merging.read();
  CHECK(begun == "About birds.\n\n# Owls\n\n");
  merging.write("2", "They sing.");
  CHECK(merging.read(begun) == "-");
  merging.write("1", "They hunt");
  CHECK(merging.read(begun) == "They hunt");
  merging.write("1", " at night.");
  merging.end("1");
  CHECK(merging.read(begun + "They hunt") == " at night.\n\n# Larks\n\nThey sing.");
  merging.end("2");
  merging.close(JobEnd::done);
  const std::string document = merging.read();
  CHECK(document == begun + "They hunt at night.\n\n# Larks\n\nThey sing.\n");
  CHECK(merging.answer().state == JobState::done);
  CHECK(merging.answer(document).state == JobState::done);
  CHECK(merging.read(document).empty());
}

TEST_CASE("a reader that has other text, or more than there is, is told so") {
  Merging merging;
  CHECK(merging.read("About bards") == "refused: that is not the text of this job");
  const std::string more = merging.read() + "x";
  CHECK(merging.read(more) == "-");  // it may be of an earlier process; what it read was durable
  merging.close(JobEnd::cancelled);
  CHECK(merging.read(more) == "refused: there is less text than that");
  const auto unknown = merging.core.read({JobId{9}, 0, {}}, JobState::running);
  CHECK(std::get<Refused>(*unknown).kind == RefusalKind::unknown);
}

TEST_CASE("a long document is read in pieces, and its end is told with the last") {
  JobSpec spec;
  spec.outline = "# One\n";
  Merging merging(spec);
  for (int i = 0; i < 3; ++i) merging.write("1", std::string(400'000, 'a'));
  merging.end("1");
  merging.close(JobEnd::done);
  const Text first = merging.answer();
  CHECK(first.bytes.size() == kTextBytesMax);
  CHECK(first.state == JobState::running);
  const Text second = merging.answer(first.bytes);
  CHECK(second.state == JobState::done);
  CHECK(first.bytes + second.bytes == "# One\n\n" + std::string(1'200'000, 'a') + "\n");
}

TEST_CASE("a job that failed is told with its reason, and one that has no outline has no text") {
  Merging merging;
  merging.close(JobEnd::failed, "poison");
  const std::string shown = merging.read();
  CHECK(merging.answer(shown).state == JobState::failed);
  CHECK(merging.answer(shown).why == "poison");

  MergerCore core(byte_tokenizer());
  core.follow(OpenedRecord{kJob, {}, 1, {}, "cpu", 5});
  CHECK_FALSE(core.read({kJob, 0, {}}, JobState::running));
  core.follow(ClosedRecord{kJob, JobEnd::failed, "no spec"});
  CHECK(std::get<Text>(*core.read({kJob, 0, {}}, JobState::running)).why == "no spec");
}

TEST_CASE("steps that write no slice, and tokens that no slice can take, change no text") {
  Merging merging;
  const std::string before = merging.read();
  merging.write("1.1", "a synopsis");
  merging.write("01", "a second writer of the first slice");
  merging.write("3", "no third section");
  merging.core.follow(TokensRecord{{kJob, "1"}, 0, {-5}, {}, {1, 1}});
  merging.core.follow(TokensRecord{{JobId{9}, "1"}, 0, {65}, {}, {1, 1}});
  CHECK(merging.read() == before);
  CHECK(tokens_of(merging.view()) == 0);
}

TEST_CASE("a view counts tokens and ends of slices") {
  Merging merging;
  merging.write("1", "abc");
  merging.write("2", "de");
  merging.end("1");
  const Viewed view = merging.view();
  CHECK(view.state == JobState::stalled);
  CHECK(view.why == "disk full");
  CHECK(tokens_of(view) == 5);
  CHECK(slices_ended(view) == 1);
  REQUIRE(view.slices.size() == 2);
  CHECK(view.slices[0].end == StepEnd::eos);
  CHECK_FALSE(view.slices[1].end);
  CHECK(view.bytes_released == merging.read().size());
  CHECK(merging.core.view({JobId{9}}, JobState::opened, {}).slices.empty());
  merging.close(JobEnd::failed, "poison");
  CHECK(merging.view().state == JobState::failed);
  CHECK(merging.view().why == "poison");
}

TEST_CASE("a document in one stream has its first heading alone") {
  JobSpec spec;
  spec.outline = "About birds.\n# Owls\n# Larks\n";
  spec.one_stream = true;
  Merging merging(spec);
  merging.write("1", "All.");
  merging.end("1");
  merging.close(JobEnd::done);
  CHECK(merging.read() == "About birds.\n\n# Owls\n\nAll.\n");
}

}  // namespace pecia::actors
