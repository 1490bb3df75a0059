#include "kernels/weights/model_file.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/weights/model_params.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/gguf_bytes.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;

namespace {

// Two tensors, the second first in the data, and a metadata entry of every value type.
GgufBytes complete_file(std::uint32_t version = 3) {
  GgufBytes file;
  file.header(2, 14, version);
  file.key("u8", 0).number(std::uint8_t{200});
  file.key("i8", 1).number(std::int8_t{-100});
  file.key("u16", 2).number(std::uint16_t{60'000});
  file.key("i16", 3).number(std::int16_t{-30'000});
  file.key("u32", 4).u32(4'000'000'000);
  file.key("i32", 5).number(std::int32_t{-2'000'000'000});
  file.key("f32", 6).number(0.5f);
  file.key("bool", 7).number(std::uint8_t{1});
  file.key("text", 8).text("folio");
  file.key("texts", 9).u32(8).u64(2).text("recto").text("");
  file.key("ints", 9).u32(5).u64(3).number(std::int32_t{-1}).number(2).number(3);
  file.key("u64", 10).u64(UINT64_MAX);
  file.key("i64", 11).number(INT64_MIN);
  file.key("f64", 12).number(0.1);
  file.tensor("b", {32, 2}, 8, 64).tensor("a", {3, 2, 2}, 0, 0);
  return file.tensor_data(64 + 68);
}

template <class T>
T value(const ModelFile& file, std::string_view key) {
  REQUIRE(file.find(key) != nullptr);
  return std::get<T>(*file.find(key));
}

}  // namespace

TEST_CASE("every value type of a complete file reads back") {
  auto bytes = complete_file();
  const auto file = parse(bytes);
  REQUIRE(file);
  CHECK(value<std::uint64_t>(*file, "u8") == 200);
  CHECK(value<std::int64_t>(*file, "i8") == -100);
  CHECK(value<std::uint64_t>(*file, "u16") == 60'000);
  CHECK(value<std::int64_t>(*file, "i16") == -30'000);
  CHECK(value<std::uint64_t>(*file, "u32") == 4'000'000'000);
  CHECK(value<std::int64_t>(*file, "i32") == -2'000'000'000);
  CHECK(value<double>(*file, "f32") == 0.5);
  CHECK(value<bool>(*file, "bool"));
  CHECK(value<std::string_view>(*file, "text") == "folio");
  CHECK(value<GgufArray>(*file, "texts").texts == std::vector<std::string_view>{"recto", ""});
  CHECK(value<GgufArray>(*file, "ints").raw.size() == 12);
  CHECK(value<std::uint64_t>(*file, "u64") == UINT64_MAX);
  CHECK(value<std::int64_t>(*file, "i64") == INT64_MIN);
  CHECK(value<double>(*file, "f64") == 0.1);
  CHECK(file->metadata()[9].first == "texts");
}

TEST_CASE("tensors are found by name and lie where their offsets say") {
  auto bytes = complete_file();
  const auto file = parse(bytes);
  REQUIRE(file);
  REQUIRE(file->tensors().size() == 2);
  CHECK(file->tensors()[0].name == "b");
  const Tensor* a = file->tensor("a");
  const Tensor* b = file->tensor("b");
  REQUIRE((a != nullptr && b != nullptr));
  CHECK(a->cols() == 3);
  CHECK(a->rows() == 4);
  CHECK(a->row_bytes() == 12);
  CHECK(b->type == TensorType::q8_0);
  CHECK(b->row_bytes() == 34);
  CHECK(b->bytes.data() - a->bytes.data() == 64);
  CHECK(file->tensor("c") == nullptr);
  CHECK(file->find("") == nullptr);
}

TEST_CASE("a version 2 file reads like version 3") {
  auto bytes = complete_file(2);
  const auto file = parse(bytes);
  REQUIRE(file);
  CHECK(file->version() == 2);
}

TEST_CASE("a file without tensors needs no padding behind its metadata") {
  GgufBytes bytes;
  bytes.header(0, 1).key("k", 7).number(std::uint8_t{0});
  const auto file = parse(bytes);
  REQUIRE(file);
  CHECK(file->tensors().empty());
}

TEST_CASE("general.alignment moves the tensor data") {
  GgufBytes bytes;
  bytes.header(1, 1).key("general.alignment", 4).u32(256);
  bytes.tensor("t", {1}, 0, 256).tensor_data(256, 256).number(2.5f);
  const auto file = parse(bytes);
  REQUIRE(file);
  float number = 0;
  std::memcpy(&number, file->tensors()[0].bytes.data(), sizeof number);
  CHECK(number == 2.5f);
}

TEST_CASE("a record is the entry's bytes as they lie in the file") {
  GgufBytes bytes;
  bytes.header(0, 2).key("a", 4).u32(7);
  const std::size_t first_end = bytes.size();
  bytes.key("b", 8).text("x");
  const auto file = parse(bytes);
  REQUIRE(file);
  const auto record = file->record(1);
  CHECK(record.data() == std::as_bytes(std::span(bytes.bytes())).data() + first_end);
  CHECK(record.size() == bytes.size() - first_end);
}

TEST_CASE("a file cut at any byte is refused with one line that names it") {
  auto bytes = complete_file();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::string cut = bytes.bytes().substr(0, length);
    const auto file = parse(cut);
    INFO("length " << length);
    REQUIRE(!file);
    REQUIRE(file.error().kind == ErrorKind::refuse);
    REQUIRE(file.error().message.starts_with("t.gguf: "));
    REQUIRE(file.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("flipped bits never lead outside the file") {
  auto original = complete_file();
  std::mt19937 random(1);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = original.bytes();
    for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    }
    const auto file = parse(bytes);
    if (!file) continue;
    ++accepted;
    for (const Tensor& tensor : file->tensors()) {
      const auto* begin = reinterpret_cast<const char*>(tensor.bytes.data());
      REQUIRE(begin >= bytes.data());
      REQUIRE(begin + tensor.bytes.size() <= bytes.data() + bytes.size());
    }
    REQUIRE(!read_model_params(*file));
  }
  CHECK(accepted > 0);
}

TEST_CASE("a mapped file outlives the path it was opened by, and dropped pages come back") {
  const TemporaryFolder folder;
  auto bytes = complete_file();
  bytes.bytes().append(1 << 16, 'x');
  write_file(folder.file("m.gguf"), bytes.bytes());
  auto file = ModelFile::open(folder.file("m.gguf"));
  REQUIRE(file);
  std::filesystem::remove(folder.file("m.gguf"));
  CHECK(file->file_bytes() == bytes.size());
  const std::span whole(file->tensors()[1].bytes.data(), 1 << 16);
  file->drop_pages(whole);
  CHECK(static_cast<char>(whole.back()) == 'x');
  file->drop_pages(std::as_bytes(std::span(bytes.bytes())));  // not of this map: ignored
}

TEST_CASE("bytes of a file are read past its map, and no others") {
  const TemporaryFolder folder;
  write_file(folder.file("m.gguf"), complete_file().bytes());
  const auto file = ModelFile::open(folder.file("m.gguf"));
  REQUIRE(file);
  const std::span<const std::byte> part = file->tensors()[0].bytes.subspan(3, 40);
  std::vector<std::byte> copy(part.size());
  REQUIRE(file->read(part, copy.data()));
  CHECK(std::equal(part.begin(), part.end(), copy.begin()));
  CHECK_FALSE(file->read(std::as_bytes(std::span("no part of the map")), copy.data()));

  std::filesystem::resize_file(folder.file("m.gguf"), 16);  // cut while it is open
  CHECK_FALSE(file->read(part, copy.data()));
}

TEST_CASE("what is no readable regular file is refused by name") {
  const TemporaryFolder folder;
  CHECK(ModelFile::open(folder.file("absent")).error().message.find("absent: cannot open") !=
        std::string::npos);
  CHECK(ModelFile::open(folder.file("")).error().message.find("is a folder without config.json") !=
        std::string::npos);
  CHECK(ModelFile::open("/dev/zero").error().message == "/dev/zero: is no regular file");
  write_file(folder.file("empty"), "");
  CHECK(!ModelFile::open(folder.file("empty")));
}
