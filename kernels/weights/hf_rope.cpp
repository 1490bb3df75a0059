#include "kernels/weights/hf_rope.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "kernels/weights/param_limits.hpp"
#include "kernels/weights/quoted.hpp"
#include "kernels/weights/rope_scaling.hpp"

namespace pecia::kernels {
namespace {

constexpr std::uint64_t kDivisorsMax = 4'096;

// Adds rotary keys of one architecture, from one object of settings.
class RopeReader {
 public:
  RopeReader(JsonFields& fields, const Json& scaling, const HfRope& rope, HfConfig& config,
             GgufHeader& header)
      : fields_(fields),
        scaling_(scaling, fields.name() + ": rope scaling"),
        rope_(rope),
        config_(config),
        header_(header) {}

  void read() {
    const double base = number(scaling_, "rope_theta")
                            .value_or(number(fields_, "rope_theta").value_or(rope_.base_default));
    header_.add_f32(key("rope.freq_base"), static_cast<float>(base));
    const std::string type = kind();
    if (type == "linear") {
      read_linear();
    } else if (type == "llama3") {
      read_llama3(base);
    } else if (type == "longrope" || type == "su") {
      read_long();
    } else if (type != "default") {
      scaling_.refuse(
          fmt::format("type '{}' is not supported; default, linear, llama3 and "
                      "longrope are",
                      quoted(type)));
    }
    if (!scaling_.ok()) fields_.fail_with(scaling_.error());
  }

 private:
  std::string key(const char* name) const { return config_.architecture + "." + name; }

  // Older files say `type`, some say both.
  std::string kind() {
    const auto type = scaling_.text("rope_type");
    return type ? *type : scaling_.text("type").value_or("default");
  }

  // A number above 0 that a float can say.
  std::optional<double> number(JsonFields& fields, const char* name) {
    const auto value = fields.number(name);
    constexpr double kMin = std::numeric_limits<float>::min();
    constexpr double kMax = std::numeric_limits<float>::max();
    if (!value || (*value >= kMin && *value <= kMax)) return value;
    fields.refuse(fmt::format("'{}' is {}, expected a number from {:.0e} to {:.0e}", name, *value,
                              kMin, kMax));
    return 1;
  }

  double needed(const char* name) {
    const auto value = number(scaling_, name);
    if (!value) scaling_.refuse(fmt::format("'{}' is missing", name));
    return value.value_or(1);
  }

  std::optional<std::uint64_t> original_context() {
    constexpr const char* kName = "original_max_position_embeddings";
    const auto own = scaling_.whole(kName, 2, kContextMax);
    return own ? own : fields_.whole(kName, 2, kContextMax);
  }

  void read_linear() {
    const double factor = needed("factor");
    header_.add_text(key("rope.scaling.type"), "linear");
    header_.add_f32(key("rope.scaling.factor"), static_cast<float>(factor));
  }

  void read_llama3(double base) {
    const double factor = needed("factor");
    const double low = needed("low_freq_factor");
    const double high = needed("high_freq_factor");
    const auto original = original_context();
    if (!original) scaling_.refuse("'original_max_position_embeddings' is missing");
    if (!(high > low)) scaling_.refuse("'high_freq_factor' must be above 'low_freq_factor'");
    if (!scaling_.ok() || !fields_.ok()) return;
    config_.rope_divisors = llama3_rope_divisors({.base = base,
                                                  .dimensions = static_cast<int>(rope_.dimensions),
                                                  .factor = factor,
                                                  .low_freq_factor = low,
                                                  .high_freq_factor = high,
                                                  .trained_context = double(*original)});
  }

  std::vector<float> divisors(const char* name) {
    std::vector<float> numbers;
    const Json* list = scaling_.list(name);
    const bool usable =
        list != nullptr && list->size() == rope_.dimensions / 2 && list->size() <= kDivisorsMax &&
        std::ranges::all_of(*list, [](const Json& entry) { return entry.is_number(); });
    if (!usable) {
      scaling_.refuse(fmt::format("'{}' must be a list of {} numbers", name, rope_.dimensions / 2));
      return numbers;
    }
    for (const Json& entry : *list) numbers.push_back(static_cast<float>(entry.get<double>()));
    return numbers;
  }

  void read_long() {
    config_.rope_long_divisors = divisors("long_factor");
    config_.rope_short_divisors = divisors("short_factor");
    const auto original = original_context();
    if (!original) scaling_.refuse("'original_max_position_embeddings' is missing");
    const auto given = number(scaling_, "attention_factor");
    if (!scaling_.ok() || !fields_.ok()) return;
    header_.add_u32(key("rope.scaling.original_context_length"),
                    static_cast<std::uint32_t>(*original));
    const double usual = longrope_magnitude(double(rope_.context), double(*original));
    header_.add_f32(key("rope.scaling.attn_factor"), static_cast<float>(given.value_or(usual)));
  }

  JsonFields& fields_;
  JsonFields scaling_;
  const HfRope& rope_;
  HfConfig& config_;
  GgufHeader& header_;
};

}  // namespace

void read_hf_rope(JsonFields& fields, const HfRope& rope, HfConfig& config, GgufHeader& header) {
  static const Json kNone = Json::object();
  const Json* parameters = fields.object("rope_parameters");
  const Json* scaling = parameters != nullptr ? parameters : fields.object("rope_scaling");
  // Models with two kinds of layers keep settings for each; those of full attention count here.
  if (scaling != nullptr && scaling->contains("full_attention")) {
    scaling = &(*scaling)["full_attention"];
  }
  RopeReader(fields, scaling != nullptr ? *scaling : kNone, rope, config, header).read();
}

}  // namespace pecia::kernels
