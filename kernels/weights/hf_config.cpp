#include "kernels/weights/hf_config.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "kernels/weights/hf_rope.hpp"
#include "kernels/weights/param_limits.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {
namespace {

// Far above any model, and low enough that no product of two of them overflows.
constexpr std::uint64_t kWindowLayersDefault = 28;  // max_window_layers of Qwen2 and Qwen3

enum class Window : std::uint8_t {
  none,        // the class ignores it
  if_given,    // `sliding_window`
  or_zero,     // the same, and 0 where there is none
  refused,     // supported by the class, not by the GGUF convention of this architecture
  in_pattern,  // every n-th layer has none
};

struct Family {
  std::string_view class_name;  // of `architectures`
  std::string_view model_type;  // where the file names no class
  std::string_view architecture;
  std::string_view activation;
  Window window = Window::none;
  bool tied = false;  // where the file does not say
  double rope_base = 10'000;
};

constexpr std::array<Family, 8> kFamilies{{
    {"LlamaForCausalLM", "llama", "llama", "silu"},
    {"MistralForCausalLM", "mistral", "llama", "silu", Window::if_given},
    {"Qwen2ForCausalLM", "qwen2", "qwen2", "silu", Window::refused},
    {"Qwen3ForCausalLM", "qwen3", "qwen3", "silu", Window::refused},
    {"Gemma3ForCausalLM", "gemma3_text", "gemma3", "gelu_pytorch_tanh", Window::in_pattern, true,
     1'000'000},
    {"Gemma3ForConditionalGeneration", "gemma3", "gemma3", "gelu_pytorch_tanh", Window::in_pattern,
     true, 1'000'000},
    {"Phi3ForCausalLM", "phi3", "phi3", "silu", Window::or_zero},
    {"GPT2LMHeadModel", "gpt2", "gpt2", "gelu_new", Window::none, true},
}};

// Gemma writes only what differs from its defaults.
struct Default {
  const char* key;
  std::uint64_t value;
};
constexpr std::array<Default, 9> kGemmaDefaults{{{"vocab_size", 262'208},
                                                 {"hidden_size", 2'304},
                                                 {"intermediate_size", 9'216},
                                                 {"num_hidden_layers", 26},
                                                 {"num_attention_heads", 8},
                                                 {"num_key_value_heads", 4},
                                                 {"head_dim", 256},
                                                 {"max_position_embeddings", 131'072},
                                                 {"sliding_window", 4'096}}};

std::string class_names() {
  std::string names;
  for (const Family& family : kFamilies) {
    names.append(names.empty() ? "" : ", ").append(family.class_name);
  }
  return names;
}

// The first of `architectures`, or what goes by `model_type`; nullptr where it is not supported.
const Family* family_of(JsonFields& fields) {
  const Json* list = fields.list("architectures");
  const bool named = list != nullptr && !list->empty() && list->front().is_string();
  const std::string name =
      named ? list->front().get<std::string>() : fields.text("model_type").value_or("");
  if (!fields.ok()) return nullptr;
  for (const Family& family : kFamilies) {
    if (!name.empty() && name == (named ? family.class_name : family.model_type)) return &family;
  }
  fields.refuse(
      fmt::format("architecture '{}' is not supported; {} are", quoted(name), class_names()));
  return nullptr;
}

class ConfigReader {
 public:
  ConfigReader(JsonFields& fields, const Family& family, GgufHeader& header)
      : fields_(fields), family_(family), header_(header) {
    config_.architecture = family.architecture;
  }

  HfConfig read() {
    header_.add_text("general.architecture", config_.architecture);
    refuse_what_changes_the_model();
    config_.tied_embeddings = fields_.flag("tie_word_embeddings").value_or(family_.tied);
    if (family_.architecture == "gpt2") {
      read_gpt2();
    } else {
      read_numbers();
    }
    return std::move(config_);
  }

 private:
  std::string key(const char* name) const { return config_.architecture + "." + name; }
  void add(const char* name, std::uint64_t value) {
    header_.add_u32(key(name), static_cast<std::uint32_t>(value));
  }

  std::uint64_t whole(const char* name, std::uint64_t max, std::uint64_t fallback = 0) {
    const auto value = fields_.whole(name, 1, max);
    if (value) return *value;
    if (fallback == 0 && family_.architecture == "gemma3") {
      const auto usual = std::ranges::find_if(kGemmaDefaults, [name](const Default& entry) {
        return std::string_view(entry.key) == name;
      });
      if (usual != kGemmaDefaults.end()) return usual->value;
    }
    if (fallback == 0) fields_.refuse(fmt::format("'{}' is missing", name));
    return std::max<std::uint64_t>(fallback, 1);
  }

  void add_epsilon(const char* name, const char* gguf_name, double fallback) {
    const double epsilon = fields_.number(name).value_or(fallback);
    if (!(epsilon > 0 && epsilon < 1)) {
      fields_.refuse(fmt::format("'{}' is {}, expected a number between 0 and 1", name, epsilon));
    }
    header_.add_f32(key(gguf_name), static_cast<float>(epsilon));
  }

  void refuse_what_changes_the_model() {
    if (const Json* quantised = fields_.object("quantization_config")) {
      const std::string method =
          quantised->contains("quant_method") ? (*quantised)["quant_method"].dump() : "one";
      fields_.refuse(fmt::format("weights quantised by {} are not supported; F32, F16 and BF16 are",
                                 quoted(method)));
    }
    for (const char* name : {"attn_logit_softcapping", "final_logit_softcapping"}) {
      if (fields_.number(name)) fields_.refuse(fmt::format("'{}' is not supported", name));
    }
    for (const char* name : {"hidden_activation", "hidden_act", "activation_function"}) {
      const auto activation = fields_.text(name);
      if (!activation) continue;
      if (*activation == family_.activation) return;
      fields_.refuse(fmt::format("'{}' is '{}', supported is '{}'", name, quoted(*activation),
                                 family_.activation));
    }
  }

  void read_numbers() {
    config_.layers = whole("num_hidden_layers", kLayersMax);
    config_.width = whole("hidden_size", kWidthMax);
    config_.heads = whole("num_attention_heads", kHeadsMax);
    config_.kv_heads =
        fields_.find("num_key_value_heads") == nullptr && family_.architecture != "gemma3"
            ? config_.heads
            : whole("num_key_value_heads", kHeadsMax);
    const std::uint64_t usual_dim = std::max<std::uint64_t>(config_.width / config_.heads, 1);
    config_.head_dim =
        whole("head_dim", kWidthMax, family_.architecture == "gemma3" ? 0 : usual_dim);
    config_.vocabulary = whole("vocab_size", kVocabularyMax);
    const std::uint64_t context = whole("max_position_embeddings", kContextMax);
    add("block_count", config_.layers);
    add("context_length", context);
    add("embedding_length", config_.width);
    add("feed_forward_length", whole("intermediate_size", kFfnWidthMax));
    add("attention.head_count", config_.heads);
    add("attention.head_count_kv", config_.kv_heads);
    add("attention.key_length", config_.head_dim);
    add("attention.value_length", config_.head_dim);
    add("vocab_size", config_.vocabulary);
    add_epsilon("rms_norm_eps", "attention.layer_norm_rms_epsilon", 1e-6);
    read_rotation(context);
    read_window();
    read_query_scale();
  }

  void read_rotation(std::uint64_t context) {
    const double part = rotated_part();
    if (!(part > 0 && part <= 1) || (part < 1 && family_.architecture != "phi3")) {
      fields_.refuse(fmt::format("'partial_rotary_factor' is {}, which is not supported", part));
      return;
    }
    const auto dimensions =
        static_cast<std::uint64_t>(part * static_cast<double>(config_.head_dim));
    add("rope.dimension_count", dimensions);
    if (family_.architecture == "gemma3") {
      const double local = fields_.number("rope_local_base_freq").value_or(local_base());
      if (local != 10'000) header_.add_f32(key("rope.freq_base_swa"), static_cast<float>(local));
    }
    read_hf_rope(fields_, {dimensions, context, family_.rope_base}, config_, header_);
  }

  // Newer writers keep it among the rope_parameters.
  double rotated_part() {
    constexpr const char* kName = "partial_rotary_factor";
    const Json* parameters = fields_.object("rope_parameters");
    if (parameters != nullptr && parameters->contains(kName)) {
      const Json& part = (*parameters)[kName];
      return part.is_number() ? part.get<double>() : 0;
    }
    return fields_.number(kName).value_or(1);
  }

  // Newer writers: rope_parameters.sliding_attention.rope_theta.
  double local_base() {
    constexpr double kUsual = 10'000;
    const Json* parameters = fields_.object("rope_parameters");
    if (parameters == nullptr || !parameters->contains("sliding_attention")) return kUsual;
    const Json& local = (*parameters)["sliding_attention"];
    if (!local.is_object() || !local.contains("rope_theta")) return kUsual;
    return local["rope_theta"].is_number() ? local["rope_theta"].get<double>() : kUsual;
  }

  void read_window() {
    switch (family_.window) {
      case Window::none:
        return;
      case Window::refused:
        return refuse_window();
      case Window::if_given:
      case Window::or_zero: {
        const auto window = fields_.whole("sliding_window", 1, kContextMax);
        if (window) add("attention.sliding_window", *window);
        if (!window && family_.window == Window::or_zero) add("attention.sliding_window", 0);
        return;
      }
      case Window::in_pattern:
        add("attention.sliding_window", whole("sliding_window", kContextMax));
        const std::uint64_t pattern = window_pattern();
        if (pattern != kUsualPattern) add("attention.sliding_window_pattern", pattern);
    }
  }

  // Whether layer i has a window, by `layer_types`.
  std::vector<bool> windowed_layers() {
    const Json* list = fields_.list("layer_types");
    std::vector<bool> windowed;
    if (list == nullptr) return windowed;
    for (const Json& entry : *list) {
      const bool sliding = entry == "sliding_attention";
      if (!sliding && entry != "full_attention") {
        fields_.refuse(
            "'layer_types' holds something else than sliding_attention and "
            "full_attention");
        return {};
      }
      windowed.push_back(sliding);
    }
    if (windowed.size() != config_.layers) {
      fields_.refuse(fmt::format("'layer_types' has {} entries for {} layers", windowed.size(),
                                 config_.layers));
    }
    return windowed;
  }

  std::uint64_t window_pattern() {
    for (const char* name : {"sliding_window_pattern", "_sliding_window_pattern"}) {
      if (const auto pattern = fields_.whole(name, 1, kLayersMax)) return *pattern;
    }
    const std::vector<bool> windowed = windowed_layers();
    if (windowed.empty()) return kUsualPattern;
    const auto first_full = std::ranges::find(windowed, false);
    const auto pattern = static_cast<std::uint64_t>(first_full - windowed.begin()) + 1;
    for (std::size_t layer = 0; layer < windowed.size(); ++layer) {
      if (windowed[layer] == ((layer + 1) % pattern != 0)) continue;
      fields_.refuse("'layer_types' repeats no pattern of windows");
      break;
    }
    return pattern;
  }

  // Of these models those in use have a window in their config and switch it off.
  void refuse_window() {
    const std::vector<bool> windowed = windowed_layers();
    const auto first = fields_.whole("max_window_layers", 0, kLayersMax);
    const bool used = fields_.flag("use_sliding_window").value_or(false) &&
                      fields_.find("sliding_window") != nullptr &&
                      first.value_or(kWindowLayersDefault) < config_.layers;
    if (used || std::ranges::find(windowed, true) != windowed.end()) {
      fields_.refuse(
          fmt::format("sliding windows are not supported in a {} model", family_.architecture));
    }
  }

  void read_query_scale() {
    if (family_.architecture != "gemma3") return;
    const double scalar = fields_.number("query_pre_attn_scalar").value_or(256);
    if (!(scalar > 0)) fields_.refuse("'query_pre_attn_scalar' must be above 0");
    // Named for the 27b model's depth always: a file of that depth without the key has another
    // rule.
    constexpr std::uint64_t kLayersOf27b = 62;
    const bool is_usual = scalar == static_cast<double>(config_.head_dim);
    if (is_usual && config_.layers != kLayersOf27b) return;
    header_.add_f32(key("attention.scale"), 1.0f / std::sqrt(static_cast<float>(scalar)));
  }

  void read_gpt2() {
    config_.layers = whole("n_layer", kLayersMax);
    config_.width = whole("n_embd", kWidthMax);
    config_.heads = config_.kv_heads = whole("n_head", kHeadsMax);
    config_.head_dim = std::max<std::uint64_t>(config_.width / config_.heads, 1);
    config_.vocabulary = whole("vocab_size", kVocabularyMax);
    if (!fields_.flag("scale_attn_weights").value_or(true) ||
        fields_.flag("scale_attn_by_inverse_layer_idx").value_or(false)) {
      fields_.refuse("attention that is scaled by layer or not at all is not supported");
    }
    add("block_count", config_.layers);
    add("context_length", whole("n_positions", kContextMax));
    add("embedding_length", config_.width);
    add("feed_forward_length", whole("n_inner", kFfnWidthMax, 4 * config_.width));
    add("attention.head_count", config_.heads);
    add("vocab_size", config_.vocabulary);
    add_epsilon("layer_norm_epsilon", "attention.layer_norm_epsilon", 1e-5);
  }

  static constexpr std::uint64_t kUsualPattern = 6;

  JsonFields& fields_;
  const Family& family_;
  GgufHeader& header_;
  HfConfig config_;
};

}  // namespace

Expected<HfConfig> read_hf_config(const Json& config, const std::string& name, GgufHeader& header) {
  JsonFields whole(config, name);
  const Family* family = family_of(whole);
  if (family == nullptr) return whole.error();
  const Json* text = whole.object("text_config");  // of a model that also sees images
  JsonFields fields(text != nullptr ? *text : config, name);
  HfConfig read = ConfigReader(fields, *family, header).read();
  if (!whole.ok()) return whole.error();
  if (!fields.ok()) return fields.error();
  return read;
}

}  // namespace pecia::kernels
