#include "pecia/node.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "actors/clock_and_chance.hpp"
#include "actors/generator/job_sampling.hpp"
#include "kernels/engine/sampler.hpp"
#include "pecia/built_in_model.hpp"
#include "pecia/cluster_node.hpp"
#include "pecia/cluster_source.hpp"
#include "pecia/following.hpp"
#include "pecia/job_id.hpp"
#include "pecia/node_voice.hpp"
#include "pecia/session_generator.hpp"
#include "pecia/spec_check.hpp"
#include "pecia/whole_node.hpp"
#include "runtime/config/layers.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia {

using kernels::Expected;
using kernels::Status;

namespace {

constexpr std::chrono::hours kWaitMax(24 * 365);  // what a host says beyond is for ever, too

template <class T>
T need(Expected<T> value) {
  if (!value) throw host_error(value.error());
  return *std::move(value);
}

void need(const Status& status) {
  if (!status) throw host_error(status.error());
}

[[noreturn]] void refuse_all(const std::vector<std::string>& mistakes) {
  std::string what;
  for (const std::string& mistake : mistakes) what += (what.empty() ? "" : "\n") + mistake;
  throw Error(ErrorKind::refuse, what);
}

// -- options -------------------------------------------------------------------------------------

void set(runtime::LayeredConfig& config, const char* key, const char* member, std::int64_t value) {
  const runtime::Field* field = runtime::find_field("write", key);
  need(config.set_number(*field, value,
                         {runtime::Source::flag, std::string("NodeOptions::") + member}));
}

runtime::Config whole_config(const NodeOptions& options) {
  runtime::LayeredConfig config;
  set(config, "workers", "workers", options.workers);
  set(config, "batch_max", "batch_max", options.batch_max);
  set(config, "cache_bytes_max", "cache_bytes_max",
      static_cast<std::int64_t>(std::min<std::uint64_t>(options.cache_bytes_max, INT64_MAX)));
  need(config.check());
  runtime::Config whole = config.config();
  if (!options.cache) whole.write.cache = runtime::CacheMode::off;
  return whole;
}

void check_threads(int threads) {
  if (threads >= 0 && threads <= kThreadsMax) return;
  throw Error(ErrorKind::refuse, fmt::format("NodeOptions::threads: {} is out of range; give 0 to "
                                             "{}, 0 for all cores",
                                             threads, kThreadsMax));
}

// What a config file says is not to be said twice.
void check_cluster_options(const NodeOptions& options) {
  const NodeOptions plain;
  const bool own = !options.model.empty() || !options.data_dir.empty() ||
                   options.threads != plain.threads || options.workers != plain.workers ||
                   options.batch_max != plain.batch_max || options.cache != plain.cache ||
                   options.cache_bytes_max != plain.cache_bytes_max;
  if (!own) return;
  throw Error(ErrorKind::refuse,
              "NodeOptions: with config_file, model, data_dir, threads, workers, batch_max, cache "
              "and cache_bytes_max are that file's; leave them as they are");
}

// -- jobs ----------------------------------------------------------------------------------------

kernels::SamplingParams params_of(const Sampling& sampling) {
  return {sampling.temperature,
          sampling.top_k,
          sampling.top_p,
          sampling.min_p,
          sampling.repeat_penalty,
          sampling.frequency_penalty,
          sampling.presence_penalty,
          sampling.penalty_window,
          sampling.logit_bias};
}

runtime::ContextMode mode_of(Context context) {
  switch (context) {
    case Context::none:
      return runtime::ContextMode::none;
    case Context::direct:
      return runtime::ContextMode::direct;
    case Context::summary:
      return runtime::ContextMode::summary;
  }
  throw Error(ErrorKind::refuse, "Job::context: none of its values");
}

runtime::JobSpec spec_of(const Job& job) {
  const kernels::SamplingParams params = params_of(job.sampling);
  need(kernels::check(params));
  if (std::any_of(job.stop.begin(), job.stop.end(), [](const auto& text) { return text.empty(); }))
    throw Error(ErrorKind::refuse, "Job::stop: an empty text; give at least one character");
  runtime::JobSpec spec;
  spec.outline = job.outline;
  spec.tokens = job.tokens;
  spec.context = mode_of(job.context);
  spec.one_stream = job.one_stream;
  spec.chat_template = job.chat_template;
  spec.ignore_eos = job.ignore_eos;
  spec.sampling = actors::job_sampling(params);
  spec.stop = job.stop;
  if (const Status fine = check_spec(spec); !fine)
    throw Error(ErrorKind::refuse, fmt::format("Job: {}", fine.error().message));
  return spec;
}

}  // namespace

NodeOptions NodeOptions::from_file(std::string config, std::string node) {
  NodeOptions options;
  options.config_file = std::move(config);
  options.node_name = std::move(node);
  return options;
}

NodeOptions NodeOptions::client_of(std::string config) { return from_file(std::move(config), {}); }

// -- the node ------------------------------------------------------------------------------------

struct Node::Parts {
  explicit Parts(NodeOptions given)
      : options(std::move(given)), voice(std::make_shared<NodeVoice>(std::move(options.log))) {
    if (!options.config_file.empty()) {
      check_cluster_options(options);
      join();
    } else if (!options.node_name.empty()) {
      throw Error(ErrorKind::refuse, "NodeOptions: a node_name without a config_file");
    } else {
      start_whole();
    }
  }
  ~Parts() {
    std::vector<Follower> last;
    {
      const std::lock_guard lock(mutex);
      closing = true;
      last.swap(followers);
    }
    for (const Follower& one : last) one.following->close();
    for (Follower& one : last) one.thread.join();
  }

  void start_whole() {
    check_threads(options.threads);
    const runtime::Config config = whole_config(options);
    const std::string model = options.model.empty() ? built_in_model() : options.model;
    if (model.empty()) {
      throw Error(ErrorKind::refuse,
                  "no model is installed with this library; give NodeOptions::model, a GGUF file");
    }
    const auto session =
        std::make_shared<const Session>(need(open_session({model, options.threads})));
    identity = identity_of(*session);
    folder = need(NodeFolder::open(options.data_dir));
    start(whole_node_parts(config, folder->journal(), session), true);
  }

  void join() {
    std::vector<std::string> mistakes;
    const auto file = read_cluster_file(options.config_file, mistakes);
    if (!file) refuse_all(mistakes);
    const auto log = [told = voice](const std::string& line) { told->log(line); };
    if (options.node_name.empty()) return start(need(client_parts(file->cluster, log)), false);
    const runtime::NodeConfig* found =
        named_node(file->cluster, options.node_name, "NodeOptions::node_name", mistakes);
    if (found != nullptr) mistakes = lacking_here(file->cluster, std::array{found});
    if (!mistakes.empty()) refuse_all(mistakes);
    member = *found;
    const auto session = std::make_shared<const Session>(need(open_model(file->cluster, *found)));
    const auto still = [told = voice](const std::string& loop) { told->stands_still(loop); };
    start(need(node_parts(file->cluster, *found, session, {log, still})),
          found->roles.worker || found->roles.cache);
  }

  void start(actors::NodeParts parts, bool computes) {
    node = need(actors::Node::start(std::move(parts)));
    if (computes) node->start_workers();
  }

  std::optional<Error> failure() const {
    if (const auto still = voice->still()) return Error(ErrorKind::retry, *still);
    if (const auto failed = node->failure()) return host_error(*failed);
    return {};
  }

  // Throws what is wrong with the job.
  runtime::Submit submit_of(const Job& job, const runtime::JobId& id) const {
    runtime::Submit submit;
    submit.job = id;
    submit.spec = runtime::encode(spec_of(job));
    submit.seed = job.seed;
    submit.model = identity.model;  // of a cluster: the cluster's
    submit.numerics = identity.numerics;
    submit.unix_ms = actors::unix_ms();
    return submit;
  }

  void follow(const std::shared_ptr<Following>& following) {
    const std::lock_guard lock(mutex);
    reap();
    if (closing) return following->refuse({ErrorKind::left, "the node is being destroyed"});
    if (followers.size() >= NodeOptions::kJobsMax) {
      return following->refuse(
          {ErrorKind::retry,
           fmt::format("{} jobs are followed already; wait for one of them", followers.size())});
    }
    followers.reserve(followers.size() + 1);  // so that nothing throws behind the thread's start
    std::thread thread([this, following] {
      following->follow({*node, std::min<std::chrono::seconds>(options.answer_within, kWaitMax),
                         [this] { return failure(); },
                         [this](std::string_view line) { voice->log(line); }});
    });
    followers.push_back({following, std::move(thread)});
  }
  void reap() {
    std::erase_if(followers, [](Follower& one) {
      if (!one.following->is_over()) return false;
      one.thread.join();
      return true;
    });
  }

  struct Follower {
    std::shared_ptr<Following> following;
    std::thread thread;
  };

  // Constant once started.
  NodeOptions options;
  std::shared_ptr<NodeVoice> voice;
  std::optional<runtime::NodeConfig> member;  // of a cluster
  actors::GeneratorIdentity identity;         // of a node that is all there is
  std::unique_ptr<NodeFolder> folder;
  std::unique_ptr<actors::Node> node;  // ends before its folder goes
  std::mutex mutex;                    // of what follows
  bool closing = false;
  std::vector<Follower> followers;
};

Node::Node(NodeOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

Node::~Node() = default;

Submission Node::submit(Job job) {
  const Expected<runtime::JobId> id = job.id.empty() ? random_job_id() : parse_job_id(job.id);
  std::optional<Error> wrong;
  runtime::Submit submit;
  try {
    if (!id) throw Error(ErrorKind::refuse, fmt::format("Job::id: {}", id.error().message));
    submit = parts_->submit_of(job, *id);
  } catch (const Error& error) {
    wrong = error;
  }
  const auto following = std::make_shared<Following>(std::move(job), std::move(submit));
  Submission submission(id ? to_string(*id) : std::string(), following);
  try {
    if (wrong) {
      following->refuse(*wrong);
    } else {
      parts_->follow(following);
    }
  } catch (const std::system_error& error) {
    following->refuse({ErrorKind::retry, fmt::format("no thread for a job: {}", error.what())});
  }
  return submission;
}

void Node::drain(std::chrono::milliseconds within) {
  if (!parts_->member || within.count() <= 0) return;
  const std::chrono::milliseconds wait = std::min<std::chrono::milliseconds>(within, kWaitMax);
  pecia::drain(*parts_->node, *parts_->member, static_cast<std::uint64_t>(wait.count()));
}

std::optional<Error> Node::failure() const { return parts_->failure(); }

}  // namespace pecia
