#include "kernels/weights/safetensors.hpp"

#include <functional>
#include <random>

#include "tests/catch.hpp"
#include "tests/unit/weights/hf_writer.hpp"

using namespace pecia::kernels;
using test::SafetensorsBytes;

namespace {

// `bytes` must outlive the result.
auto read(const std::string& bytes, const SafetensorsLimits& limits = {}) {
  return read_safetensors(std::as_bytes(std::span(bytes)), "m.safetensors", limits);
}

SafetensorsBytes two_tensors() {
  SafetensorsBytes file;
  file.add("b", {2, 3}, {0, 1, 2, 3, 4, 5}).add("a", "BF16", {2}, "abcd");
  return file;
}

void check_refused(const std::string& bytes, std::string_view reason) {
  const auto tensors = read(bytes);
  REQUIRE(!tensors);
  INFO(tensors.error().message);
  CHECK(tensors.error().kind == ErrorKind::refuse);
  CHECK(tensors.error().message.starts_with("m.safetensors: "));
  CHECK(tensors.error().message.find('\n') == std::string::npos);
  CHECK(tensors.error().message.find(reason) != std::string::npos);
}

// Two tensors with one member of the first one's facts changed.
std::string changed(const std::function<void(test::Json&)>& change) {
  SafetensorsBytes file = two_tensors();
  change(file.header()["b"]);
  return file.bytes();
}

}  // namespace

TEST_CASE("tensors come in the order of their data, with their bytes") {
  SafetensorsBytes file = two_tensors();
  file.header()["__metadata__"] = {{"format", "pt"}};
  const std::string bytes = file.bytes();
  const auto tensors = read(bytes);
  REQUIRE(tensors);
  REQUIRE(tensors->size() == 2);
  CHECK((*tensors)[0].name == "b");
  CHECK((*tensors)[0].dtype == "F32");
  CHECK((*tensors)[0].shape == std::vector<std::uint64_t>{2, 3});
  CHECK((*tensors)[0].bytes.size() == 24);
  const auto last = (*tensors)[1].bytes;
  CHECK(std::string_view(reinterpret_cast<const char*>(last.data()), last.size()) == "abcd");
}

TEST_CASE("a header may end in spaces, a shape may be empty or hold 0") {
  SafetensorsBytes file;
  file.add("none", {3, 0}, {}).add("one", {}, {2.5f}).add("zero", {0}, {});
  const std::string bytes = file.bytes_with(file.header().dump() + "    ");
  const auto tensors = read(bytes);
  REQUIRE(tensors);
  CHECK(tensors->size() == 3);
}

TEST_CASE("a file without tensors reads, a file that is cut anywhere does not") {
  const std::string none = SafetensorsBytes().bytes();
  CHECK(read(none));
  const std::string whole = two_tensors().bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string cut = whole.substr(0, length);
    INFO("length " << length);
    REQUIRE(!read(cut));
  }
  CHECK(!read(whole + "x"));
}

TEST_CASE("what is no safetensors file is refused by its length or its first byte") {
  check_refused("", "too few for the length");
  check_refused("GGUF\x03...and more", "is it a safetensors file?");
  check_refused(SafetensorsBytes().bytes_with("[1]"), "does not begin with '{'");
  check_refused(SafetensorsBytes().bytes_with("{\"a\":"), "is no JSON at byte");
  check_refused(SafetensorsBytes().bytes_with(R"({"a":{"b":{"c":{"d":{}}}}})"), "nests deeper");
  check_refused(SafetensorsBytes().bytes_with(R"({"a":{},"a":{}})"), "key 'a' stands there twice");
  check_refused(SafetensorsBytes().bytes_with("{\"\xff\":1}"), "is no JSON at byte");
}

TEST_CASE("a tensor whose facts do not fit is refused by name") {
  using test::Json;
  const auto with = [](const char* key, Json value) {
    return changed([&](Json& facts) { facts[key] = std::move(value); });
  };
  check_refused(with("dtype", "F32X"), "tensor 'b': dtype 'F32X' is unknown");
  check_refused(with("dtype", 1), "'dtype' is number, expected a text");
  check_refused(with("dtype", "F16"), "24 bytes of data are not F16 times 2 x 3");
  check_refused(with("shape", Json{2, 4}), "24 bytes of data are not F32 times 2 x 4");
  check_refused(with("shape", Json{2, -3}), "'shape' must be a list of at most 8 whole numbers");
  check_refused(with("shape", Json{2, 1.5}), "'shape' must be a list");
  check_refused(with("shape", Json{1, 1, 1, 1, 1, 1, 1, 1, 6}), "'shape' must be a list");
  check_refused(with("shape", Json{UINT64_MAX, UINT64_MAX}), "are not F32 times");
  check_refused(with("data_offsets", Json{0}), "data from 0 does not lie inside");
  check_refused(with("data_offsets", Json{24, 0}), "data from 24 to 0 does not lie inside");
  check_refused(with("data_offsets", Json{0, UINT64_MAX}), "does not lie inside the 28 bytes");
  check_refused(changed([](Json& facts) { facts.erase("shape"); }), "'shape' must be a list");
  check_refused(changed([](Json& facts) { facts = 3; }), "tensor 'b': expected an object");
  SafetensorsBytes nameless;
  nameless.add("", {1}, {1});
  check_refused(nameless.bytes(), "a name of 0 bytes");
}

TEST_CASE("tensors that overlap, or leave a hole, are refused") {
  SafetensorsBytes overlap = two_tensors();
  overlap.header()["a"]["data_offsets"] = {20, 24};
  check_refused(overlap.bytes(),
                "tensor 'a' begins at 20 of the data, the one before it ends at 24");
  SafetensorsBytes hole = two_tensors();
  hole.header().erase("b");
  check_refused(hole.bytes(), "tensor 'a' begins at 24 of the data, the one before it ends at 0");
  SafetensorsBytes rest = two_tensors();
  rest.header().erase("a");
  check_refused(rest.bytes(), "28 bytes of data, its tensors hold 24");
}

TEST_CASE("counts beyond the limits are refused") {
  const std::string bytes = two_tensors().bytes();
  const auto reason = [&](const SafetensorsLimits& limits) {
    const auto tensors = read(bytes, limits);
    return tensors ? std::string() : tensors.error().message;
  };
  CHECK(reason({.header_bytes_max = 20}).find("expected at most 20") != std::string::npos);
  CHECK(reason({.tensors_max = 0}).find("more than 0 values") != std::string::npos);
  CHECK(reason({.name_bytes_max = 0}).find("a name of 1 bytes") != std::string::npos);
  CHECK(reason({.dimensions_max = 1}).find("at most 1 whole numbers") != std::string::npos);
}

TEST_CASE("flipped bits of a safetensors file never lead outside of it") {
  const std::string original = two_tensors().bytes();
  std::mt19937 random(1);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = original;
    for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    }
    const auto tensors = read(bytes);
    if (!tensors) continue;
    ++accepted;
    for (const StoredTensor& tensor : *tensors) {
      const auto* begin = reinterpret_cast<const char*>(tensor.bytes.data());
      REQUIRE(begin >= bytes.data());
      REQUIRE(begin + tensor.bytes.size() <= bytes.data() + bytes.size());
    }
  }
  CHECK(accepted > 0);
}
