#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/weights/model_file.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/gguf_bytes.hpp"

using namespace pecia::kernels;

namespace {

struct File {
  GgufBytes bytes;
  std::optional<ModelFile> gguf;
  explicit File(GgufBytes made) : bytes(std::move(made)) {
    auto parsed = parse(bytes);
    REQUIRE(parsed);
    gguf = std::move(parsed).value();
  }
  const ModelFile* operator->() const { return &*gguf; }
};

File sample() {
  GgufBytes bytes;
  bytes.header(0, 9);
  bytes.key("count", 4).u32(7);
  bytes.key("signed", 5).number(std::int32_t{7});
  bytes.key("negative", 11).number(std::int64_t{-7});
  bytes.key("fraction", 6).number(1.5f);
  bytes.key("flag", 7).number(std::uint8_t{1});
  bytes.key("name", 8).text("folio");
  bytes.key("names", 9).u32(8).u64(2).text("a").text("bc");
  bytes.key("floats", 9).u32(6).u64(2).number(0.5f).number(NAN);
  bytes.key("wide", 9).u32(10).u64(2).u64(3).u64(std::uint64_t{1} << 31);
  return File(std::move(bytes));
}

template <class T>
std::string message(const Expected<T>& found) {
  return found ? "found" : found.error().message;
}

}  // namespace

TEST_CASE("an absent key is no fault") {
  const File file = sample();
  CHECK(!file->find_unsigned("x").value().has_value());
  CHECK(!file->find_number("x").value().has_value());
  CHECK(!file->find_bool("x").value().has_value());
  CHECK(!file->find_text("x").value().has_value());
  CHECK(!file->find_texts("x").value().has_value());
  CHECK(!file->find_floats("x").value().has_value());
  CHECK(!file->find_ints("x").value().has_value());
}

TEST_CASE("a key of the asked type gives its value") {
  const File file = sample();
  CHECK(file->find_unsigned("count").value() == 7u);
  CHECK(file->find_unsigned("signed").value() == 7u);
  CHECK(file->find_number("negative").value() == -7.0);
  CHECK(file->find_number("fraction").value() == 1.5);
  CHECK(file->find_number("count").value() == 7.0);
  CHECK(file->find_bool("flag").value() == true);
  CHECK(file->find_text("name").value() == "folio");
  CHECK((*file->find_texts("names").value())[1] == "bc");
  const auto floats = file->find_floats("floats").value();
  CHECK((*floats)[0] == 0.5f);
  CHECK(std::isnan((*floats)[1]));
}

TEST_CASE("a key of another type is refused and both types are named") {
  const File file = sample();
  CHECK(message(file->find_unsigned("name")) ==
        "t.gguf: metadata 'name' is a text, expected a whole number");
  CHECK(message(file->find_unsigned("fraction")) ==
        "t.gguf: metadata 'fraction' is a fraction, expected a whole number");
  CHECK(message(file->find_unsigned("negative")) ==
        "t.gguf: metadata 'negative' is -7, expected 0 or more");
  CHECK(message(file->find_number("flag")) ==
        "t.gguf: metadata 'flag' is a bool, expected a number");
  CHECK(message(file->find_bool("count")) ==
        "t.gguf: metadata 'count' is a whole number, expected a bool");
  CHECK(message(file->find_text("names")) ==
        "t.gguf: metadata 'names' is an array of text, expected a text");
  CHECK(message(file->find_texts("floats")) ==
        "t.gguf: metadata 'floats' is an array of f32, expected an array of text");
  CHECK(message(file->find_floats("wide")) ==
        "t.gguf: metadata 'wide' is an array of u64, expected an array of f32");
  CHECK(message(file->find_ints("floats")) ==
        "t.gguf: metadata 'floats' is an array of f32, expected an array of whole numbers");
}

TEST_CASE("whole numbers of every width become 32 bits, or are refused when they do not fit") {
  GgufBytes bytes;
  bytes.header(0, 8);
  bytes.key("u8", 9).u32(0).u64(1).number(std::uint8_t{255});
  bytes.key("i8", 9).u32(1).u64(1).number(std::int8_t{-1});
  bytes.key("u16", 9).u32(2).u64(1).number(std::uint16_t{65'535});
  bytes.key("i16", 9).u32(3).u64(1).number(std::int16_t{-2});
  bytes.key("i32", 9).u32(5).u64(1).number(std::numeric_limits<std::int32_t>::min());
  bytes.key("u32", 9).u32(4).u64(1).u32(0x80000000u);
  bytes.key("i64", 9).u32(11).u64(1).number(std::int64_t{-2'147'483'649});
  bytes.key("u64", 9).u32(10).u64(1).u64(UINT64_MAX);
  const File file(std::move(bytes));
  using Ints = std::vector<std::int32_t>;
  CHECK(file->find_ints("u8").value() == Ints{255});
  CHECK(file->find_ints("i8").value() == Ints{-1});
  CHECK(file->find_ints("u16").value() == Ints{65'535});
  CHECK(file->find_ints("i16").value() == Ints{-2});
  CHECK(file->find_ints("i32").value() == Ints{std::numeric_limits<std::int32_t>::min()});
  for (const char* key : {"u32", "i64", "u64"}) {
    CHECK(message(file->find_ints(key)).find("element 0 does not fit 32 bits") !=
          std::string::npos);
  }
}
