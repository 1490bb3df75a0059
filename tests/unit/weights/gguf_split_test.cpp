// Models in several files: read as one, or refused by the part that does not fit.
#include "kernels/weights/gguf_split.hpp"

#include <filesystem>
#include <functional>

#include "kernels/weights/convert.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/gguf_bytes.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;

namespace {

constexpr std::uint32_t kU16 = 2, kI32 = 5, kText = 8;  // numbers of value types

// What one part says; a test makes it wrong.
struct Part {
  std::uint16_t number = 0;
  std::uint16_t count = 3;
  std::int32_t tensors = 2;  // of all parts
  std::string tensor{};      // its own; none where empty
  std::string name = "folio";
};

// A part with one tensor of four floats, all equal to the part's number.
std::string bytes_of(const Part& part) {
  GgufBytes bytes;
  bytes.header(part.tensor.empty() ? 0 : 1, 4);
  bytes.key("general.name", kText).text(part.name);
  bytes.key(kSplitNumberKey, kU16).number(part.number);
  bytes.key(kSplitCountKey, kU16).number(part.count);
  bytes.key(kSplitTensorsKey, kI32).number(part.tensors);
  if (part.tensor.empty()) return bytes.bytes();
  bytes.tensor(part.tensor, {2, 2}, 0, 0).tensor_data(0);
  for (int i = 0; i < 4; ++i) bytes.number(static_cast<float>(part.number));
  return bytes.bytes();
}

std::vector<Part> right_parts() {
  return {{.number = 0}, {.number = 1, .tensor = "a"}, {.number = 2, .tensor = "b"}};
}

const TemporaryFolder& write_parts(const TemporaryFolder& folder, const std::vector<Part>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    write_file(folder.file(fmt::format("m-{:05}-of-00003.gguf", i + 1)), bytes_of(parts[i]));
  }
  return folder;
}

std::string message_for(const std::function<void(std::vector<Part>&)>& spoil) {
  const TemporaryFolder folder;
  std::vector<Part> parts = right_parts();
  spoil(parts);
  write_parts(folder, parts);
  const auto file = ModelFile::open(folder.file("m-00001-of-00003.gguf"));
  REQUIRE(!file);
  CHECK(file.error().kind == ErrorKind::refuse);
  CHECK(file.error().message.find('\n') == std::string::npos);
  return file.error().message;
}

bool says(const std::string& message, std::string_view words) {
  INFO(message);
  return message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("whichever part is named, the whole model is read") {
  const TemporaryFolder folder;
  write_parts(folder, right_parts());
  for (const char* named : {"m-00001-of-00003.gguf", "m-00003-of-00003.gguf"}) {
    const auto file = ModelFile::open(folder.file(named));
    REQUIRE(file);
    CHECK(file->path() == folder.file(named));
    CHECK(file->format() == "GGUF version 3 in 3 parts");
    CHECK(file->find_text("general.name").value() == "folio");
    CHECK(file->find(kSplitCountKey) == nullptr);
    CHECK(file->metadata().size() == 1);
    REQUIRE(file->tensors().size() == 2);
    const auto bytes = file->tensor("b")->bytes;
    std::vector<std::byte> copy(bytes.size());
    REQUIRE(file->read(bytes, copy.data()));  // past the map of the third file
    float value = 0;
    std::memcpy(&value, copy.data(), sizeof value);
    CHECK(value == 2.0f);
    file->drop_pages(bytes);
    CHECK(std::equal(bytes.begin(), bytes.end(), copy.begin()));
  }
}

TEST_CASE("a split model converts to one file without a word of its parts") {
  const TemporaryFolder folder;
  write_parts(folder, right_parts());
  const auto source = ModelFile::open(folder.file("m-00002-of-00003.gguf"));
  REQUIRE(source);
  REQUIRE(convert_gguf(*source, TensorType::f16, folder.file("one.gguf")));
  const auto made = ModelFile::open(folder.file("one.gguf"));
  REQUIRE(made);
  CHECK(made->format() == "GGUF version 3");
  CHECK(made->tensors().size() == 2);
  CHECK(made->find(kSplitCountKey) == nullptr);
  CHECK(made->find_text("general.name").value() == "folio");
}

TEST_CASE("a part that is missing, doubled or of another model is named") {
  CHECK(says(message_for([](auto& parts) { parts.pop_back(); }),
             "m-00003-of-00003.gguf: cannot open: No such file or directory; it is part 3 of 3"));
  CHECK(says(message_for([](auto& parts) { parts[2].number = 1; }),
             "m-00003-of-00003.gguf: says it is part 2 of 3 with 2 tensors in all, expected part "
             "3 of 3 with 2"));
  CHECK(says(message_for([](auto& parts) { parts[1].count = 4; }), "says it is part 2 of 4"));
  CHECK(says(message_for([](auto& parts) { parts[1].tensors = 9; }), "with 9 tensors in all"));
  CHECK(says(message_for([](auto& parts) { parts[2].tensor = "a"; }),
             "tensor 'a' stands in two parts"));
  CHECK(says(message_for([](auto& parts) { parts[2].tensor = ""; }),
             "its 3 parts hold 1 tensors, metadata 'split.tensors.count' says 2"));
  CHECK(says(message_for([](auto& parts) { parts[1].name = "octavo"; }),
             "m-00002-of-00003.gguf: metadata 'general.name' is not what"));
}

TEST_CASE("a part under a name that does not lead to the others is refused") {
  const TemporaryFolder folder;
  write_file(folder.file("renamed.gguf"), bytes_of({.number = 1, .tensor = "a"}));
  write_file(folder.file("m-00001-of-00003.gguf"), bytes_of({.number = 1, .tensor = "a"}));
  for (const char* name : {"renamed.gguf", "m-00001-of-00003.gguf"}) {
    const auto file = ModelFile::open(folder.file(name));
    REQUIRE(!file);
    CHECK(says(file.error().message, "its name does not end in '-00002-of-00003.gguf'"));
  }
}

TEST_CASE("numbers of parts beyond any model are refused before a file is looked for") {
  const TemporaryFolder folder;
  for (const Part& part :
       {Part{.number = 3}, Part{.number = 0, .count = 513}, Part{.number = 1, .count = 0}}) {
    write_file(folder.file("m.gguf"), bytes_of(part));
    const auto file = ModelFile::open(folder.file("m.gguf"));
    REQUIRE(!file);
    CHECK(says(file.error().message, "at most 512 parts are supported"));
  }
}

TEST_CASE("a model that says it is the only part needs no special name") {
  const TemporaryFolder folder;
  write_file(folder.file("m.gguf"), bytes_of({.count = 1, .tensors = 1, .tensor = "a"}));
  CHECK(ModelFile::open(folder.file("m.gguf")));
}

TEST_CASE("the name of a part leads to the others and no other name does") {
  CHECK(split_part_name("d/m-00001-of-00002.gguf", 1, 2) == "d/m-00002-of-00002.gguf");
  for (const char* other : {"", ".gguf", "m.gguf", "m-00001-of-00003.gguf", "m-00000-of-00002.gguf",
                            "m-00003-of-00002.gguf", "m-1-of-2.gguf"}) {
    CHECK(split_part_name(other, 0, 2).empty());
  }
}
