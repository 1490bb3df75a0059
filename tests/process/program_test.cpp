// Every command as a user meets it: help, JSON, tokenizers, conversion, measuring.

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using pecia::kernels::TensorType;
using Json = nlohmann::json;

namespace {

// Exactly one object and a newline; throws otherwise.
Json one_object(const Ended& ended) {
  INFO(ended.err);
  CHECK(ended.code == 0);
  CHECK(is_one_line(ended.out));
  Json object = Json::parse(ended.out);
  CHECK(object.is_object());
  return object;
}

}  // namespace

TEST_CASE("every command explains itself with examples") {
  for (const char* command :
       {"run", "chat", "write", "models", "tokenize", "perplexity", "bench", "inspect", "convert",
        "synth", "corpus", "score-facts", "train-tokenizer", "train"}) {
    const Ended help = run_pecia({command, "--help"});
    CHECK(help.code == 0);
    CHECK(help.out.find(std::string("pecia ") + command) != std::string::npos);
    CHECK(help.out.find("Examples:") != std::string::npos);
  }
  CHECK(run_pecia({"--version"}).out.starts_with("pecia "));
}

TEST_CASE("a wrong command line is one line on stderr and exit code 2") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"fly"},
      {"inspect", "-m", model, "tokenize", "-m", model, "-p", "a"},
      {"run"},
      {"run", "-m", model},
      {"run", "-m", model, "-p", "a", "--temp", "-1"},
      {"run", "-m", model, "-p", "a", "--temp", "warm"},
      {"run", "-m", model, "-p", "a", "-s", "tomorrow"},
      {"run", "-m", model, "-p", "a", "-t", "0"},
      {"run", "-m", model, "-p", "a", "--logit-bias", "12"},
      {"run", "-m", model, "-p", "a", "--logit-bias", "999999=1", "-n", "2"},
      {"run", "-m", model, "-p", "a", "-n", "50", "-c", "8"},
      {"perplexity", "-m", model, "-p", "a b c", "--chunk", "513"},
      {"perplexity", "-m", model, "-p", "a b c", "-b", "65"},
      {"perplexity", "-m", model, "-p", "a b c", "-c", "2049"},
      {"synth", "--shape", "gpt-9", "--quant", "q8_0", "-o", shop.path("x.gguf")},
      {"convert", model, shop.path("x.gguf"), "--to", "q9_0"},
      {"tokenize", "-m", model, "--decode", "-p", "1 x 2"},
      {"chaos", "write"},
      {"chaos", "write", "--kills", "0", "--", "--outline", "o.md"},
      {"chaos", "write", "--", "--outline", "o.md", "-o", "x.md"},
      {"chaos", "write", "--", "--outline", shop.path("absent.md")}};
  for (const auto& arguments : wrong) {
    const Ended ended = run_pecia(arguments);
    INFO(ended.err);
    CHECK(ended.code == 2);
    CHECK(is_one_line(ended.err));
    CHECK(ended.err.starts_with("pecia: "));
    CHECK(ended.out == "");
  }
  CHECK(shop.files() == 1);
}

TEST_CASE("PECIA_CPU naming what does not exist is one line and exit code 2") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"run", "-m", model, "-p", "a", "-n", "1"},
        std::vector<std::string>{"perplexity", "-m", model, "-p", "a b c"},
        std::vector<std::string>{"bench", "-m", model}}) {
    const Ended ended = run_pecia(command, {.environment = {"PECIA_CPU=unknown"}});
    CHECK(ended.code == 2);
    CHECK(is_one_line(ended.err));
    CHECK(ended.err.find("unknown") != std::string::npos);
  }
}

TEST_CASE("tokenize gives the published ids of the shared vocabularies") {
  for (const char* name : {"llama-spm", "gpt-2", "starcoder", "deepseek-coder"}) {
    const std::string vocabulary = shared_file(std::string("vocab/ggml-vocab-") + name + ".gguf");
    if (vocabulary.empty()) PECIA_SKIP("needs shared/vocab");
    INFO(name);
    const Ended ended = run_pecia({"tokenize", "-m", vocabulary, "--vectors", vocabulary + ".inp"});
    CHECK(ended.code == 0);
    CHECK(ended.out == read_file(vocabulary + ".out"));
    CHECK(one_object(run_pecia({"inspect", "-m", vocabulary, "--json"}))["tensors"] == 0);
  }
}

TEST_CASE("tokenize and decode are inverse") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string text = "two words \xC3\xA9";
  const Ended ids = run_pecia({"tokenize", "-m", model, "-p", text, "--ids"});
  REQUIRE(ids.code == 0);
  CHECK(run_pecia({"tokenize", "-m", model, "--decode", "-p", ids.out}).out == text + "\n");
  const Json encoded = one_object(run_pecia({"tokenize", "-m", model, "-p", text, "--json"}));
  CHECK(encoded["count"] == encoded["ids"].size());
  CHECK(encoded["pieces"].size() == encoded["ids"].size());
}

TEST_CASE("inspect tells parameters, tensor types and shortened metadata") {
  const Workshop shop;
  const Json facts =
      one_object(run_pecia({"inspect", "-m", shop.tiny_model(), "--tensors", "--json"}));
  CHECK(facts["params"]["layers"] == 2);
  CHECK(facts["params"]["width"] == 64);
  CHECK(facts["metadata"]["general.architecture"] == "llama");
  CHECK(facts["metadata"]["tokenizer.ggml.tokens"]["count"] == 300);
  CHECK(facts["tensor_list"].size() == facts["tensors"]);
  std::size_t counted = 0;
  for (const Json& type : facts["types"]) counted += type["tensors"].get<std::size_t>();
  CHECK(counted == facts["tensors"]);
}

TEST_CASE("convert names the matrices it keeps and its result runs") {
  const Workshop shop;
  const std::string model = shop.tiny_model(TensorType::f16);
  const std::string smaller = shop.path("smaller.gguf");
  const Json report = one_object(run_pecia({"convert", model, smaller, "--to", "q4_0", "--json"}));
  CHECK(report["bytes_out"] < report["bytes_in"]);
  CHECK(run_pecia({"run", "-m", smaller, "-p", "a", "-n", "4"}).code == 0);
}

TEST_CASE("perplexity and its digest do not depend on threads, batch, chunk or instruction set") {
  const Workshop shop;
  std::string text;
  for (int i = 0; i < 60; ++i) text += "line " + std::to_string(i * i) + "\n";
  const std::string file = shop.write("text.txt", text);
  const std::vector<std::string> arguments = {"perplexity", "-m", shop.tiny_model(), "-f", file,
                                              "-c",         "64", "--json"};
  const auto with = [&arguments](const std::vector<std::string>& more) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const Json first = one_object(run_pecia(with({"-t", "1"})));
  CHECK(first.size() == 3);
  CHECK(first["tokens"].get<int>() % 31 == 0);  // positions 32 to 62 of each window of 64
  CHECK(first["tokens"].get<int>() > 31);
  CHECK(first["logits_sha256"].get<std::string>().size() == 64);
  CHECK(one_object(run_pecia(with({"-t", "2", "-b", "5", "--chunk", "7"}))) == first);
  CHECK(one_object(run_pecia(with({"-b", "64", "--chunk", "512"}))) == first);
  CHECK(one_object(run_pecia(with({}), {.environment = {"PECIA_CPU=portable"}})) == first);
  shop.write("text.txt", "another " + text);
  CHECK(one_object(run_pecia(with({})))["logits_sha256"] != first["logits_sha256"]);
}

TEST_CASE("bench prints every figure of its contract") {
  const Workshop shop;
  const Json figures = one_object(
      run_pecia({"bench", "-m", shop.tiny_model(), "-t", "1", "--repetitions", "1", "--json"}));
  for (const char* key : {"bandwidth_gb_s", "pp512_tok_s", "tg128_tok_s", "tg_gb_s",
                          "tg_bandwidth_fraction", "pp_gop_s"}) {
    INFO(key);
    CHECK(figures.at(key).get<double>() > 0);
  }
  const double written = figures["tg128_tok_s"], gb_s = figures["tg_gb_s"];
  const double weights =
      figures["pp_gop_s"].get<double>() * 1e9 / 2 / figures["pp512_tok_s"].get<double>();
  const double expected = weights * 34 / 32 * written / 1e9;  // Q8_0: 32 weights in 34 bytes
  CHECK(gb_s > 0.999 * expected);
  CHECK(gb_s < 1.05 * expected);  // panels are padded to whole rows of vectors
  CHECK(figures["tg_bandwidth_fraction"].get<double>() ==
        Approx(gb_s / figures["bandwidth_gb_s"].get<double>()));
  CHECK(figures["repetitions"] == 1);
  CHECK_FALSE(figures.contains("measuring_error"));  // weights of this size lie in a cache
  std::vector<int> sequences;
  for (const Json& batch : figures.at("batch")) {
    sequences.push_back(batch["sequences"]);
    CHECK(batch["tok_s"].get<double>() > 0);
  }
  CHECK(sequences == std::vector<int>{1, 2, 4, 8, 16, 32});
}

TEST_CASE("bench takes medians of five unless told otherwise") {
  const Workshop shop;
  const Json figures = one_object(
      run_pecia({"bench", "-m", shop.tiny_model(), "-t", "1", "--only", "tg", "--json"}));
  CHECK(figures["repetitions"] == 5);
  CHECK_FALSE(figures.contains("batch"));
}
