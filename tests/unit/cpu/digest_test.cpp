// One pinned digest per operation on fixed inputs: a change that moves the bits of all instruction
// sets together shows here. Whoever means such a change raises the kernel version and notes it in
// the changelog.

#include <map>
#include <string>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/cpu/attention.hpp"
#include "kernels/cpu/gemm.hpp"
#include "kernels/cpu/ops.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/random_tensor.hpp"

namespace {

using namespace pecia::kernels;
using pecia::kernels::testing::fill_random;
using pecia::kernels::testing::random_tensor;

template <class Number>
std::string digest(const Number* numbers, std::size_t count) {
  return hex(xxh3_128(std::as_bytes(std::span(numbers, count))));
}

std::string digest(const Rows& rows) { return digest(rows.data, rows.floats()); }

struct Batch {
  RowsBuffer memory;
  Rows rows;
  Batch(int count, int cols, std::uint64_t seed) : rows(memory.shaped(count, cols)) {
    fill_random(rows, seed);
  }
};

std::string product_digest(const KernelTable& kernels, ThreadPool& pool, TensorType type) {
  const int inputs = traits_of(type)->block_elements == 256 ? 768 : 576;
  const Batch x(9, inputs, 21), out(9, 70, 22);
  const testing::OwnedTensor weights = random_tensor(type, 70, inputs, 23);
  const PackedMatrix packed = PackedMatrix::pack(pool, weights.tensor);
  GemmScratch scratch;
  const Product product{&packed, out.rows};
  multiply(pool, kernels, scratch, x.rows, {&product, 1});
  return digest(out.rows);
}

// Codes, their sums and scales, or what formats with minimums and 16-blocks read beside them.
std::string quantiser_digest(const KernelTable& kernels, bool beside) {
  constexpr std::size_t kFirst = 6 * kPackedSum;
  const Batch x(6, 32, 24);
  std::vector<std::uint8_t> packed(packed_i8_block_bytes(6));
  kernels.quantise(x.rows.data, 6, packed.data());
  return beside ? digest(packed.data() + kFirst, packed.size() - kFirst)
                : digest(packed.data(), kFirst);
}

std::string norm_digest(const KernelTable& kernels, ThreadPool& pool) {
  const Batch x(5, 90, 25), out(5, 90, 26), weights(1, 96, 27);
  rms_norm(pool, kernels, x.rows, out.rows, std::span(weights.rows.data, 90), 1e-5f);
  return digest(out.rows);
}

std::string layer_norm_digest(const KernelTable& kernels, ThreadPool& pool) {
  const Batch x(5, 90, 34), out(5, 90, 35), weights(1, 96, 36), bias(1, 96, 37);
  layer_norm(pool, kernels, x.rows, out.rows, std::span(weights.rows.data, 90),
             std::span(bias.rows.data, 90), 1e-5f);
  return digest(out.rows);
}

std::string geglu_digest(const KernelTable& kernels, ThreadPool& pool) {
  const Batch gate(5, 90, 38), up(5, 90, 39);
  geglu(pool, kernels, gate.rows, up.rows, up.rows);
  gelu(pool, kernels, gate.rows);
  return digest(up.rows) + digest(gate.rows);
}

std::string bias_digest(const KernelTable& kernels, ThreadPool& pool) {
  const Batch x(5, 96, 40), bias(1, 96, 41);
  add_bias(pool, kernels, x.rows, std::span(bias.rows.data, 96));
  return digest(x.rows);
}

std::string swiglu_digest(const KernelTable& kernels, ThreadPool& pool) {
  const Batch gate(5, 90, 28), up(5, 90, 29);
  swiglu(pool, kernels, gate.rows, up.rows, gate.rows);
  return digest(gate.rows);
}

std::string rope_table_digest() {
  const std::vector<float> divisors{1, 1, 1.5f, 2, 4, 8, 8, 8};
  RopeTable table(16, 500'000, 2, divisors);
  table.extend(1000);
  return digest(table.cosines(0), 8000) + digest(table.sines(0), 8000);
}

// With head norms, a window, a part of each head turned and cosines with a magnitude.
std::string ruled_attention_digest(const KernelTable& kernels, ThreadPool& pool) {
  const AttentionShape shape{4, 2, 24};
  const Batch q(70, 96, 42), k(70, 48, 43), v(70, 48, 44), out(70, 96, 45), norms(2, 24, 46);
  RopeTable rope(16, 10'000, 1, {}, 1.125);
  rope.extend(70);
  std::vector<std::vector<std::uint16_t>> pages(
      3, std::vector<std::uint16_t>(shape.layer_page_halves()));
  const AttentionSpan span{0, 70, 0, {pages[0].data(), pages[1].data(), pages[2].data()}};
  AttentionScratch scratch;
  const HeadRules rules{.q_norm = {norms.rows.block(0, 0), 24},
                        .k_norm = {norms.rows.block(0, 1), 24},
                        .norm_epsilon = 1e-6f,
                        .query_scale = 0.25f,
                        .window = 29};
  attend(pool, kernels, scratch, shape, rope, {&span, 1}, q.rows, k.rows, v.rows, out.rows, rules);
  return digest(out.rows) + digest(pages[2].data(), pages[2].size());
}

std::string attention_digest(const KernelTable& kernels, ThreadPool& pool) {
  const AttentionShape shape{4, 2, 24};
  const Batch q(70, 96, 30), k(70, 48, 31), v(70, 48, 32), out(70, 96, 33);
  RopeTable rope(24, 10'000, 1, {});
  rope.extend(70);
  std::vector<std::vector<std::uint16_t>> pages(
      3, std::vector<std::uint16_t>(shape.layer_page_halves()));
  const AttentionSpan span{0, 70, 0, {pages[0].data(), pages[1].data(), pages[2].data()}};
  AttentionScratch scratch;
  attend(pool, kernels, scratch, shape, rope, {&span, 1}, q.rows, k.rows, v.rows, out.rows);
  return digest(out.rows) + digest(pages[2].data(), pages[2].size());
}

const std::map<std::string, TensorType> kProducts = {
    {"bf16", TensorType::bf16}, {"f16", TensorType::f16},   {"f32", TensorType::f32},
    {"q4_0", TensorType::q4_0}, {"q4_1", TensorType::q4_1}, {"q4_k", TensorType::q4_k},
    {"q5_0", TensorType::q5_0}, {"q5_1", TensorType::q5_1}, {"q5_k", TensorType::q5_k},
    {"q6_k", TensorType::q6_k}, {"q8_0", TensorType::q8_0}};

using Digests = std::map<std::string, std::string>;

Digests all_digests(const KernelTable& kernels) {
  ThreadPool pool(2);
  Digests digests = {{"attention", attention_digest(kernels, pool)},
                     {"attention by rules", ruled_attention_digest(kernels, pool)},
                     {"bias", bias_digest(kernels, pool)},
                     {"geglu and gelu", geglu_digest(kernels, pool)},
                     {"layer_norm", layer_norm_digest(kernels, pool)},
                     {"quantiser", quantiser_digest(kernels, false)},
                     {"quantiser sums", quantiser_digest(kernels, true)},
                     {"rms_norm", norm_digest(kernels, pool)},
                     {"rope table", rope_table_digest()},
                     {"swiglu", swiglu_digest(kernels, pool)}};
  for (const auto& [name, type] : kProducts) {
    digests[name + " product"] = product_digest(kernels, pool, type);
  }
  return digests;
}

const Digests kPinned = {
    {"attention", "aa7348e52e9572382991f32a544d2c2132cffdd1875bd91945798f3825cb79b1"},
    {"attention by rules", "d4072341d670be84006c5544310db4021c09281c636507b615258e4e61364e69"},
    {"bf16 product", "a1a28e32b83257987be6e9a105dea866"},
    {"bias", "7f223669f3ba76461aeace5a6c446bef"},
    {"f16 product", "234873539d6538d925e8760072a7d2f6"},
    {"f32 product", "701e8b8f4a3c4400ff794dee1755c062"},
    {"geglu and gelu", "e4451d81e38a1a620d22be34bca70b6c17c5a0a604796e7c3620e67e4b0107a7"},
    {"layer_norm", "9bf278a3a64f722ffd838a98700f23c2"},
    {"q4_0 product", "aea364118c7f68d3b125b51c0fa6cf23"},
    {"q4_1 product", "b7c2beeb37738b599af25414573a41b8"},
    {"q4_k product", "241dc1fc7095d2f4395635d20a3f4933"},
    {"q5_0 product", "07c889e59109039b873cbb5eaaf4e553"},
    {"q5_1 product", "ed9365efd35ac549f1cc825d47458fdb"},
    {"q5_k product", "c2849720208a8061646631f9fc9dc114"},
    {"q6_k product", "79c1731e69d389b6bb8ce836866b0e56"},
    {"q8_0 product", "28550c4d2773b321d54d849ae86fd887"},
    {"quantiser sums", "a7eb2f2ab875debf20ceb04e9f1d7c35"},
    {"quantiser", "6cac1af8f68a4cc2710c931e51427aee"},
    {"rms_norm", "85329a89544b12a68518b93d5bc6a251"},
    {"rope table", "f01e03ae5a9097ad31561f0fe6d8cc53a60471a79c6643f9a3d3f59eb07cb70f"},
    {"swiglu", "b028191e8c6509e81b204fcd3afd08bf"},
};

TEST_CASE("every operation has its pinned bits on every instruction set") {
  const KernelTableList list = runnable_kernel_tables();
  for (int i = 0; i < list.count; ++i) {
    for (const auto& [operation, value] : all_digests(*list.tables[i])) {
      INFO(list.tables[i]->name << ", " << operation);
      CHECK(value == kPinned.at(operation));
    }
  }
}

}  // namespace
