#include "kernels/weights/convert.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "kernels/weights/bfloat.hpp"
#include "kernels/weights/file_type.hpp"
#include "kernels/weights/half.hpp"
#include "kernels/weights/quantise.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/random_tensor.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;
namespace testing = pecia::kernels::testing;

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

ModelFile opened(const std::string& path) {
  auto file = ModelFile::open(path);
  REQUIRE(file);
  return std::move(file).value();
}

std::vector<float> values_of(const ModelFile& file, std::string_view name) {
  const Tensor& tensor = *file.tensor(name);
  std::vector<float> values(tensor.cols() * tensor.rows());
  dequantise_row(tensor.type, tensor.bytes, values);
  return values;
}

}  // namespace

TEST_CASE("matrices take the target's format, norms stay F32, odd rows fall back to F16") {
  const TemporaryFolder folder;
  write_source(folder.file("in"));
  const ModelFile source = opened(folder.file("in"));
  for (const TensorType target : {TensorType::q8_0, TensorType::q4_0}) {
    const auto report = convert_gguf(source, target, folder.file("out"));
    REQUIRE(report);
    const ModelFile made = opened(folder.file("out"));
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
  const ModelFile source = opened(folder.file("in"));
  const auto report = convert_gguf(source, TensorType::f16, folder.file("out"));
  REQUIRE(report);
  CHECK(report->fallbacks.empty());
  const ModelFile made = opened(folder.file("out"));
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
  const ModelFile once = opened(folder.file("once"));
  CHECK(once.find_text("general.name").value() == "source");
  CHECK(once.find_unsigned("general.file_type").value() == 7u);
  CHECK(once.find_unsigned("general.quantization_version").value() == 2u);
  REQUIRE(convert_gguf(once, TensorType::q8_0, folder.file("twice")));
  CHECK(read_file(folder.file("once")) == read_file(folder.file("twice")));
}

TEST_CASE("a file may be converted onto itself") {
  const TemporaryFolder folder;
  write_source(folder.file("model"));
  const ModelFile source = opened(folder.file("model"));
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
  header.add_tensor("t", TensorType::q3_k, shape);
  auto writer = GgufWriter::create(folder.file("in"), header);
  REQUIRE(writer);
  REQUIRE(writer->write(std::vector<std::byte>(110)));
  REQUIRE(writer->finish());
  const ModelFile source = opened(folder.file("in"));
  CHECK(convert_gguf(source, TensorType::f16, folder.file("out"))
            .error()
            .message.find("tensor 't' is Q3_K, which is not supported; F32, F16, BF16, Q8_0") !=
        std::string::npos);
  CHECK(convert_gguf(source, TensorType::q4_k, folder.file("out"))
            .error()
            .message.find("is F32, F16, BF16, Q8_0 or Q4_0, not Q4_K") != std::string::npos);
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

TEST_CASE("every readable format converts to F32 as it dequantises, and to BF16 rounded") {
  const TemporaryFolder folder;
  for (const TensorType type :
       {TensorType::bf16, TensorType::q4_1, TensorType::q5_0, TensorType::q5_1, TensorType::q4_k,
        TensorType::q5_k, TensorType::q6_k}) {
    const auto tensor = testing::random_tensor(type, 3, 512, 5);
    GgufHeader header;
    header.add_tensor("t", type, tensor.tensor.shape);
    auto writer = GgufWriter::create(folder.file("in"), header);
    REQUIRE(writer);
    REQUIRE(writer->write(tensor.bytes));
    REQUIRE(writer->finish());
    const ModelFile source = opened(folder.file("in"));
    REQUIRE(convert_gguf(source, TensorType::f32, folder.file("f32")));
    REQUIRE(convert_gguf(source, TensorType::bf16, folder.file("bf16")));
    const auto expected = values_of(source, "t");
    INFO(traits_of(type)->name);
    const ModelFile wide = opened(folder.file("f32"));
    CHECK(wide.tensor("t")->type == TensorType::f32);
    CHECK(values_of(wide, "t") == expected);
    const ModelFile rounded = opened(folder.file("bf16"));
    CHECK(rounded.find_unsigned("general.file_type").value() == 32u);
    const auto after = values_of(rounded, "t");
    for (std::size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(after[i] == bfloat_to_float(float_to_bfloat(expected[i])));
    }
  }
}

TEST_CASE("weight formats and mixes are known by name in any case") {
  CHECK(recipe_named("q8_0") == WeightRecipe(TensorType::q8_0));
  CHECK(recipe_named("Q4_0") == WeightRecipe(TensorType::q4_0));
  CHECK(recipe_named("bf16") == WeightRecipe(TensorType::bf16));
  CHECK(recipe_named("q4_k") == WeightRecipe(TensorType::q4_k));
  CHECK(recipe_named("q4_k_m") == WeightRecipe(TensorType::q4_k, TensorType::q6_k));
  for (const WeightRecipe& recipe : known_recipes()) CHECK(recipe_named(name_of(recipe)) == recipe);
  CHECK(name_of({TensorType::q4_0, TensorType::f16}).empty());
  for (const char* other : {"", "q8", "q3_k", "q4_k_s", "f32 "}) CHECK(!recipe_named(other));
}

TEST_CASE("Q4_K_M gives the head and the layers that llama.cpp chooses a better format") {
  const WeightRecipe recipe = *recipe_named("Q4_K_M");
  const std::uint64_t shape[] = {512, 4};
  const auto type_of = [&](const char* name, bool tied = false) {
    return weight_type_for(name, shape, recipe, 22, tied);
  };
  CHECK(type_of("output.weight") == TensorType::q6_k);
  CHECK(type_of("token_embd.weight") == TensorType::q4_k);
  CHECK(type_of("token_embd.weight", true) == TensorType::q6_k);
  CHECK(type_of("blk.0.attn_q.weight") == TensorType::q4_k);
  std::string better;  // of 22 layers: the first 2, the last 3, every third between
  for (int layer = 0; layer < 22; ++layer) {
    const std::string name = fmt::format("blk.{}.ffn_down.weight", layer);
    better += type_of(name.c_str()) == TensorType::q6_k ? '1' : '0';
    const std::string value = fmt::format("blk.{}.attn_v.weight", layer);
    CHECK(type_of(value.c_str()) == type_of(name.c_str()));
  }
  CHECK(better == "1100100100100100100111");
  CHECK(type_of("blk.x.ffn_down.weight") == TensorType::q4_k);
}

TEST_CASE("rows that do not divide take the next simpler format") {
  const auto type_for = [](std::uint64_t cols, TensorType target) {
    const std::uint64_t shape[] = {cols, 4};
    return weight_type_for(shape, target);
  };
  CHECK(type_for(288, TensorType::q4_k) == TensorType::q5_0);
  CHECK(type_for(288, TensorType::q5_k) == TensorType::q5_1);
  CHECK(type_for(288, TensorType::q6_k) == TensorType::q8_0);
  CHECK(type_for(290, TensorType::q4_k) == TensorType::f16);
  CHECK(type_for(290, TensorType::q5_1) == TensorType::f16);
  CHECK(type_for(290, TensorType::bf16) == TensorType::bf16);
}
