#include "kernels/weights/convert.hpp"

#include <cmath>
#include <cstring>

#include "kernels/weights/file_type.hpp"
#include "kernels/weights/half.hpp"
#include "kernels/weights/quantise.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;

namespace {

const std::uint64_t kMatrix[] = {64, 3};
const std::uint64_t kOdd[] = {20, 2};
const std::uint64_t kVector[] = {5};

float number(std::size_t i) { return std::sin(static_cast<float>(i)) * 2; }

// "matrix", "odd" (rows of 20) and "norm", all F32, with one weight to be spoiled.
void write_source(const std::string& path, float first_weight = 0.25f) {
  GgufHeader header;
  header.add_text("general.name", "source");
  header.add_u32("general.file_type", 0);
  header.add_tensor("matrix", TensorType::f32, kMatrix);
  header.add_tensor("odd", TensorType::f32, kOdd);
  header.add_tensor("norm", TensorType::f32, kVector);
  auto writer = GgufWriter::create(path, header);
  REQUIRE(writer);
  for (const std::size_t count : {64 * 3, 20 * 2, 5}) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = number(i);
    values[0] = first_weight;
    REQUIRE(writer->write(std::as_bytes(std::span(values))));
  }
  REQUIRE(writer->finish());
}

Gguf opened(const std::string& path) {
  auto file = Gguf::open(path);
  REQUIRE(file);
  return std::move(file).value();
}

std::vector<float> values_of(const Gguf& file, std::string_view name) {
  const Tensor& tensor = *file.tensor(name);
  std::vector<float> values(tensor.cols() * tensor.rows());
  dequantise_row(tensor.type, tensor.bytes, values);
  return values;
}

}  // namespace

TEST_CASE("matrices take the target's format, norms stay F32, odd rows fall back to F16") {
  const TemporaryFolder folder;
  write_source(folder.file("in"));
  const Gguf source = opened(folder.file("in"));
  for (const TensorType target : {TensorType::q8_0, TensorType::q4_0}) {
    const auto report = convert_gguf(source, target, folder.file("out"));
    REQUIRE(report);
    const Gguf made = opened(folder.file("out"));
    CHECK(report->tensors == 3);
    CHECK(report->fallbacks == std::vector<std::string>{"odd"});
    CHECK(report->bytes_in == source.file_bytes());
    CHECK(report->bytes_out == made.file_bytes());
    CHECK(made.tensor("matrix")->type == target);
    CHECK(made.tensor("odd")->type == TensorType::f16);
    CHECK(made.tensor("norm")->type == TensorType::f32);
    CHECK(values_of(made, "norm") == values_of(source, "norm"));
    std::vector<std::byte> expected(made.tensor("matrix")->bytes.size());
    REQUIRE(quantise_row(target, values_of(source, "matrix"), expected));
    CHECK(std::memcmp(expected.data(), made.tensor("matrix")->bytes.data(), expected.size()) == 0);
  }
}

TEST_CASE("a conversion to F16 rounds every weight to nearest") {
  const TemporaryFolder folder;
  write_source(folder.file("in"));
  const Gguf source = opened(folder.file("in"));
  const auto report = convert_gguf(source, TensorType::f16, folder.file("out"));
  REQUIRE(report);
  CHECK(report->fallbacks.empty());
  const Gguf made = opened(folder.file("out"));
  const auto before = values_of(source, "odd");
  const auto after = values_of(made, "odd");
  for (std::size_t i = 0; i < before.size(); ++i) {
    REQUIRE(after[i] == half_to_float(float_to_half(before[i])));
  }
}

TEST_CASE("metadata is copied, the file type set, and a second conversion changes no byte") {
  const TemporaryFolder folder;
  write_source(folder.file("in"));
  REQUIRE(convert_gguf(opened(folder.file("in")), TensorType::q8_0, folder.file("once")));
  const Gguf once = opened(folder.file("once"));
  CHECK(once.find_text("general.name").value() == "source");
  CHECK(once.find_unsigned("general.file_type").value() == 7u);
  CHECK(once.find_unsigned("general.quantization_version").value() == 2u);
  REQUIRE(convert_gguf(once, TensorType::q8_0, folder.file("twice")));
  CHECK(read_file(folder.file("once")) == read_file(folder.file("twice")));
}

TEST_CASE("a file may be converted onto itself") {
  const TemporaryFolder folder;
  write_source(folder.file("model"));
  const Gguf source = opened(folder.file("model"));
  REQUIRE(convert_gguf(source, TensorType::q4_0, folder.file("model")));
  CHECK(opened(folder.file("model")).tensor("matrix")->type == TensorType::q4_0);
  CHECK(source.tensor("matrix")->type == TensorType::f32);
}

TEST_CASE("weights that are not finite are refused by tensor and row, and no file is left") {
  const TemporaryFolder folder;
  for (const float bad : {NAN, INFINITY, 70'000.0f}) {
    write_source(folder.file("in"), bad);
    const auto report =
        convert_gguf(opened(folder.file("in")), TensorType::f16, folder.file("out"));
    REQUIRE(!report);
    CHECK(report.error().kind == ErrorKind::refuse);
    CHECK(report.error().message.find("tensor 'matrix' row 0 holds a weight that is not finite") !=
          std::string::npos);
    CHECK(folder.entries() == 1);
  }
}

TEST_CASE("a source format or a target that cannot be converted is named") {
  const TemporaryFolder folder;
  GgufHeader header;
  const std::uint64_t shape[] = {256, 1};
  header.add_tensor("t", TensorType::q4_k, shape);
  auto writer = GgufWriter::create(folder.file("in"), header);
  REQUIRE(writer);
  REQUIRE(writer->write(std::vector<std::byte>(144)));
  REQUIRE(writer->finish());
  const Gguf source = opened(folder.file("in"));
  CHECK(convert_gguf(source, TensorType::f16, folder.file("out"))
            .error()
            .message.find("tensor 't' is Q4_K, which is not supported") != std::string::npos);
  CHECK(!convert_gguf(source, TensorType::f32, folder.file("out")));
  CHECK(folder.entries() == 1);
}

TEST_CASE("progress ends at the number of bytes it announced") {
  const TemporaryFolder folder;
  write_source(folder.file("in"));
  std::uint64_t last = 0;
  std::uint64_t announced = 0;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    CHECK(done >= last);
    last = done;
    announced = total;
    return true;
  };
  REQUIRE(convert_gguf(opened(folder.file("in")), TensorType::q8_0, folder.file("out"), progress));
  CHECK(last > 0);
  CHECK(last == announced);
}

TEST_CASE("a conversion that is told to stop leaves nothing behind") {
  const TemporaryFolder folder;
  write_source(folder.file("in"));
  const auto stop = [](std::uint64_t, std::uint64_t) { return false; };
  CHECK(!convert_gguf(opened(folder.file("in")), TensorType::q8_0, folder.file("out"), stop));
  CHECK(folder.entries() == 1);
}

TEST_CASE("the four weight formats are known by name in any case") {
  CHECK(weight_type_named("q8_0") == TensorType::q8_0);
  CHECK(weight_type_named("Q4_0") == TensorType::q4_0);
  CHECK(weight_type_named("f16") == TensorType::f16);
  CHECK(weight_type_named("F32") == TensorType::f32);
  for (const char* other : {"", "q8", "q4_k", "bf16", "f32 "}) CHECK(!weight_type_named(other));
}
