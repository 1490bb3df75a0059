#include "runtime/config/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <type_traits>
#include <utility>

#include "runtime/wire/codec.hpp"

namespace pecia::runtime {

namespace {

constexpr std::uint64_t kSecondMs = 1'000;
constexpr std::uint64_t kMinuteMs = 60 * kSecondMs;
constexpr std::uint64_t kHourMs = 60 * kMinuteMs;
constexpr std::uint64_t kDayMs = 24 * kHourMs;
constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;
constexpr std::uint64_t kTiB = 1024 * kGiB;

// In the order of their enums.
constexpr std::array<std::string_view, 3> kCacheWords = {"off", "local", "cluster"};
constexpr std::array<std::string_view, 2> kBalancerWords = {"static", "least_loaded"};
constexpr std::array<std::string_view, 3> kContextWords = {"none", "direct", "summary"};

constexpr std::array<std::string_view, 5> kTables = {"protocol", "journal", "write", "supervision",
                                                     "link"};

struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

template <auto Section, auto Member>
using TypeOf = std::remove_reference_t<decltype((std::declval<Config&>().*Section).*Member)>;

template <auto Section, auto Member>
constexpr Field access(std::string_view table, std::string_view key) {
  using Type = TypeOf<Section, Member>;
  Field field;
  field.table = table;
  field.key = key;
  field.get = [](const Config& config) {
    return static_cast<std::uint64_t>((config.*Section).*Member);
  };
  field.set = [](Config& config, std::uint64_t value) {
    (config.*Section).*Member = static_cast<Type>(value);
  };
  return field;
}

template <auto Section, auto Member>
constexpr Field number(std::string_view table, std::string_view key, std::string_view unit,
                       Range range, std::string_view help, bool has_flag = false) {
  // TOML's integers have 64 bits with a sign.
  assert(range.least <= range.most && std::in_range<std::int64_t>(range.most));
  assert((std::in_range<TypeOf<Section, Member>>(range.most)));
  Field field = access<Section, Member>(table, key);
  field.unit = unit;
  field.least = range.least;
  field.most = range.most;
  field.help = help;
  field.has_flag = has_flag;
  return field;
}

template <auto Section, auto Member>
constexpr Field choice(std::string_view table, std::string_view key,
                       std::span<const std::string_view> words, std::string_view help) {
  Field field = access<Section, Member>(table, key);
  field.words = words;
  field.most = words.size() - 1;
  field.help = help;
  field.has_flag = true;
  return field;
}

// A member and its name cannot drift apart: both are one word here.
#define PECIA_MEMBER(table, key) &Config::table, &decltype(Config::table)::key
#define PECIA_NUMBER(table, key, ...) number<PECIA_MEMBER(table, key)>(#table, #key, __VA_ARGS__)
#define PECIA_CHOICE(table, key, ...) choice<PECIA_MEMBER(table, key)>(#table, #key, __VA_ARGS__)

constexpr std::array kFields = {
    PECIA_NUMBER(protocol, report_ms, "ms", {10, kMinuteMs},
                 "A worker says what it holds this often. Shorter notices losses sooner and costs "
                 "messages."),
    PECIA_NUMBER(protocol, silent_ms, "ms", {20, 10 * kMinuteMs},
                 "A node without a report for so long is taken as gone and its steps are placed "
                 "again. Shorter recovers sooner from a hang, longer forgives a starved machine; "
                 "at least 2 reports."),
    PECIA_NUMBER(protocol, slots, "attempts", {1, kHeldMax},
                 "Attempts a worker holds at once. More fill its batch, and each costs memory for "
                 "its keys."),
    PECIA_NUMBER(protocol, adopt_ms, "ms", {10, 10 * kMinuteMs},
                 "After a start of the coordinator workers keep what they hold for so long; only "
                 "then new orders go out. Longer saves more work, shorter starts sooner."),
    PECIA_NUMBER(protocol, order_ms, "ms", {10, 10 * kMinuteMs},
                 "An ordered attempt that its worker does not report for so long was lost on the "
                 "way."),
    PECIA_NUMBER(protocol, stall_ms, "ms", {10, kHourMs},
                 "An attempt without a durable token or prefill progress for so long is given to "
                 "another worker. Shorter recovers sooner, longer forgives a slow one."),
    PECIA_NUMBER(protocol, stall_factor, "times", {1, 1'000},
                 "Or for so many times its expected next progress, where that is longer."),
    PECIA_NUMBER(protocol, orphan_ms, "ms", {kSecondMs, kDayMs},
                 "A worker without a coordinator for so long drops what it holds. Longer lets a "
                 "coordinator that comes back adopt it, shorter frees its memory."),
    PECIA_NUMBER(protocol, window_tokens, "tokens", {1, kOfferTokensMax},
                 "Tokens of an attempt beyond the durable ones. More ride out a slow disk, and are "
                 "lost with the worker."),
    PECIA_NUMBER(
        protocol, crashes_max, "crashes", {1, 100},
        "A step that has killed so many workers, two of them alone, is poison and ends its job."),
    PECIA_NUMBER(protocol, hedge_percent, "percent", {0, 100},
                 "Second attempts at slow steps, as a share of all open attempts. More finish "
                 "sooner and waste more; 0: none."),
    PECIA_NUMBER(protocol, hedge_after_percent, "percent", {1, 100},
                 "An attempt is slow, and may be hedged, after this share of its stall time."),
    PECIA_NUMBER(protocol, job_deadline_ms, "ms", {kSecondMs, 365 * kDayMs},
                 "A job that is not done so long after it was opened is failed(deadline); restarts "
                 "do not stop the count."),
    PECIA_NUMBER(protocol, storage_retry_ms, "ms", {1, kMinuteMs},
                 "A full or broken storage is tried again after so long, then after twice as long "
                 "each time."),
    PECIA_NUMBER(protocol, storage_retry_ms_max, "ms", {1, kHourMs},
                 "The longest wait between two tries of the storage."),
    PECIA_NUMBER(protocol, pending_tokens_max, "tokens", {1, std::uint64_t{1} << 24},
                 "Tokens recorded and not yet durable, of all jobs; beyond it offers wait at their "
                 "workers. At least one window."),
    PECIA_NUMBER(protocol, jobs_max, "jobs", {1, 65'536},
                 "Jobs that are not closed; a submit beyond it is refused."),

    PECIA_NUMBER(journal, group_commit_ms, "ms", {1, kSecondMs},
                 "A record waits at most so long for others to be committed with. Longer costs "
                 "fewer syncs and acknowledges later."),
    PECIA_NUMBER(journal, group_commit_records, "records", {1, 65'536},
                 "So many waiting records are committed at once, however short they have waited."),
    PECIA_NUMBER(journal, reserve_bytes, "bytes", {64 * kKiB, kGiB},
                 "Kept free for the records that close jobs on a full disk. Larger closes more "
                 "jobs, smaller wastes less."),
    PECIA_NUMBER(journal, record_bytes_max, "bytes", {32 * kMiB, kEncodedBytesMax},
                 "Of one record. Smaller bounds the memory of a reader; the spec of a job and its "
                 "plan must fit."),
    PECIA_NUMBER(journal, file_bytes_max, "bytes", {kMiB, kTiB},
                 "Of the whole journal; beyond it the storage counts as full."),

    PECIA_NUMBER(write, workers, "workers", {1, 64},
                 "Engines at work. More use more cores and memory; one batch shares the reading of "
                 "the weights. Never changes a result.",
                 true),
    PECIA_NUMBER(write, batch_max, "sequences", {1, kHeldMax},
                 "Sequences of one engine step. More are faster together, and each takes memory. "
                 "Never changes a result.",
                 true),
    PECIA_CHOICE(
        write, cache, kCacheWords,
        "Whether pages of keys and values met before are found instead of computed: never, "
        "in this process, or in any node of its cluster. Never changes a result."),
    PECIA_NUMBER(write, cache_bytes_max, "bytes", {kMiB, kTiB},
                 "Of all pages the cache holds. More finds more prefixes again."),
    PECIA_CHOICE(write, balancer, kBalancerWords,
                 "Which worker is given a step: the one its place in the plan names, or the one "
                 "with the most free slots. Never changes a result."),
    PECIA_CHOICE(write, context, kContextWords,
                 "What a slice is told of those before it: nothing, their text (one after the "
                 "other), or a summary (in waves)."),

    PECIA_NUMBER(supervision, intensity, "restarts", {0, 1'000},
                 "More restarts than this within the period are no accident: the supervisor gives "
                 "up and its own decides. 0: the first death is passed on."),
    PECIA_NUMBER(supervision, period_ms, "ms", {1, kHourMs},
                 "Restarts count for so long. Longer gives up sooner."),
    PECIA_NUMBER(supervision, backoff_ms, "ms", {1, kMinuteMs},
                 "Wait before the first restart, then twice as long each time. Longer spares what "
                 "the child fell over, shorter recovers sooner."),
    PECIA_NUMBER(supervision, backoff_ms_max, "ms", {1, kHourMs},
                 "The longest wait before a restart."),
    PECIA_NUMBER(supervision, loop_ms, "ms", {1'000, kHourMs},
                 "A loop of a cluster's node that stands still for so long ends its process, to be "
                 "started again. Longer forgives a starved machine, shorter recovers sooner."),

    PECIA_NUMBER(link, handshake_ms, "ms", {10, kMinuteMs},
                 "From the first byte of a connection to its admission. Longer forgives a busy "
                 "machine, shorter frees the place of a stranger sooner."),
    PECIA_NUMBER(link, dial_ms, "ms", {10, kMinuteMs},
                 "For a connection to be made. Longer forgives a slow network, shorter tries again "
                 "sooner."),
    PECIA_NUMBER(link, redial_ms, "ms", {1, kMinuteMs},
                 "A peer that is not there is dialled again after so long, then after twice as "
                 "long each time."),
    PECIA_NUMBER(link, redial_ms_max, "ms", {1, kMinuteMs},
                 "The longest wait between two dials of a peer. Shorter finds it sooner."),
    PECIA_NUMBER(link, connections_max, "connections", {2, 65'536},
                 "Of a node, those not yet admitted too. More let more nodes and clients in, and "
                 "each costs a descriptor and buffers."),
    PECIA_NUMBER(link, clients_max, "clients", {0, 65'536},
                 "Among the connections, so that clients never keep a node out."),
    PECIA_NUMBER(link, link_bytes_max, "bytes", {64 * kKiB, kGiB},
                 "Waiting to be sent over one link; beyond it the peer counts as gone. More ride "
                 "out a slow network and cost memory."),
    PECIA_NUMBER(link, bulk_credit_ms, "ms", {1, kSecondMs},
                 "Bulk bytes under way, as time of the measured bandwidth. More fill a long line, "
                 "less leave room for what is urgent."),
    PECIA_NUMBER(link, bulk_piece_bytes_min, "bytes", {kKiB, 16 * kMiB},
                 "The smallest piece that bulk is cut into, however slow the link. Larger cost "
                 "fewer headers."),
    PECIA_NUMBER(link, bulk_piece_bytes_max, "bytes", {kKiB, 16 * kMiB},
                 "The largest piece of bulk. Smaller let others in between sooner."),
};

#undef PECIA_CHOICE
#undef PECIA_NUMBER
#undef PECIA_MEMBER

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

}  // namespace

std::span<const Field> fields() { return kFields; }

std::span<const std::string_view> table_names() { return kTables; }

const Field* find_field(std::string_view table, std::string_view key) {
  const auto* found = std::find_if(kFields.begin(), kFields.end(), [&](const Field& field) {
    return field.table == table && field.key == key;
  });
  return found == kFields.end() ? nullptr : found;
}

std::string dotted_name(const Field& field) { return fmt::format("{}.{}", field.table, field.key); }

std::string environment_prefix(std::string_view table) {
  return fmt::format("PECIA_{}_", upper(table));
}

std::string environment_name(const Field& field) {
  return environment_prefix(field.table) + upper(field.key);
}

std::string flag_name(const Field& field) {
  assert(field.has_flag);
  std::string name = fmt::format("--{}", field.key);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string toml_value(const Field& field, std::uint64_t value) {
  assert(value >= field.least && value <= field.most);
  return field.is_choice() ? fmt::format("\"{}\"", field.words[value]) : fmt::format("{}", value);
}

std::string allowed_values(const Field& field) {
  if (!field.is_choice()) return fmt::format("{} to {} {}", field.least, field.most, field.unit);
  std::string list;
  for (std::size_t i = 0; i < field.words.size(); ++i) {
    const bool last = i + 1 == field.words.size();
    const char* joint = i == 0 ? "" : last ? " or " : ", ";
    list += fmt::format("{}\"{}\"", joint, field.words[i]);
  }
  return list;
}

}  // namespace pecia::runtime
