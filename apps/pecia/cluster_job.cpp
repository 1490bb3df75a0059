#include "apps/pecia/cluster_job.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/document_file.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/stopwatch.hpp"
#include "pecia/document_job.hpp"
#include "pecia/job_id.hpp"

namespace pecia::apps {

using namespace kernels;
using namespace runtime;

namespace {

constexpr double kLookAgainS = 0.5;  // at the nodes
constexpr std::chrono::milliseconds kLookWithin(250);

// Who works, and how often one of them was started again while somebody looked.
class NodeWatch {
 public:
  void look(actors::Node& client) {
    if (looked_ && since_.seconds() < kLookAgainS) return;
    looked_ = true;
    since_.lap();
    const auto answer = client.ask(Overview{UINT64_MAX}, kLookWithin);  // of no job
    if (!answer || !std::holds_alternative<Overviewed>(*answer)) return;
    const auto& overview = std::get<Overviewed>(*answer);
    nodes_ = overview.nodes.size();
    for (const NodeRow& row : overview.nodes) note(row.node.node, row.node.boot);
    note("", overview.term);
  }
  std::size_t nodes() const { return nodes_; }
  int restarts() const { return restarts_; }

 private:
  void note(const NodeName& name, std::uint64_t life) {
    const auto [at, fresh] = lives_.emplace(name, life);
    if (!fresh && std::exchange(at->second, life) != life) ++restarts_;
  }

  std::map<NodeName, std::uint64_t> lives_;  // the coordinator's under no name, by its term
  std::size_t nodes_ = 0;
  int restarts_ = 0;
  bool looked_ = false;
  Stopwatch since_;
};

class Following {
 public:
  Following(const ClusterJob& wanted, actors::Node& client, Output& out)
      : wanted_(wanted),
        client_(client),
        out_(out),
        job_(client, interrupted, wanted.job, kCoordinatorWithin),
        streams_(wanted.output.empty() && !wanted.json),
        progress_("writing", streams_ && out.is_terminal()) {}

  Expected<Course> follow(std::optional<Submit> submit) {
    if (submit) {
      const auto met = job_.submit(*std::move(submit), reader());
      if (!met) return met.error();
      if (!*met) return Course::interrupted;
      if (!(*met)->known) tokens_before_ = 0;
    }
    auto course = job_.read(reader());
    // Of its end, for what is told of it: it may have come sooner than the first look.
    if (course && *course == Course::finished) {
      if (const auto view = job_.view()) watch(*view);
    }
    progress_.end();
    return course;
  }

  // What the reader wants of it.
  std::string document() const {
    const std::string& whole = job_.document();
    return whole.substr(std::min<std::size_t>(whole.size(), wanted_.offset));
  }

  Status report(const std::string& document) {
    const double seconds = watch_.seconds();
    if (!wanted_.json) {
      tell(fmt::format("job {}: {} tokens in {} slices, {:.1f} s, {:.0f} tok/s, {} workers",
                       to_string(wanted_.job), tokens_of(view_), view_.slices.size(), seconds,
                       static_cast<double>(tokens_of(view_) - tokens_before_.value_or(0)) / seconds,
                       nodes_.nodes()));
      return {};
    }
    nlohmann::ordered_json object = {{"job", to_string(wanted_.job)},
                                     {"tokens", tokens_of(view_)},
                                     {"seconds", seconds},
                                     {"workers", nodes_.nodes()},
                                     {"restarts", nodes_.restarts()}};
    if (wanted_.output.empty()) {
      object["document"] = document;
    } else {
      object["output"] = wanted_.output;
    }
    return out_.write_json(object);
  }

  void tell_left() const {
    tell(fmt::format("left job {} after {} tokens; it goes on: pecia attach --cluster {} {}",
                     to_string(wanted_.job), tokens_of(view_), printable(wanted_.cluster),
                     to_string(wanted_.job)));
  }

 private:
  DocumentJob::Reader reader() {
    return {
        .take =
            [this](std::string_view text) {
              const std::uint64_t begin = taken_;
              taken_ += text.size();
              if (!streams_ || taken_ <= wanted_.offset) return Status();
              if (begin < wanted_.offset) text.remove_prefix(wanted_.offset - begin);
              return out_.write(text);
            },
        .watch = [this](const Viewed& view) { watch(view); },
        .stalled =
            [](std::string_view why) {
              tell(fmt::format("waiting for storage: {}", printable(std::string(why))));
            },
    };
  }

  void watch(const Viewed& view) {
    if (!tokens_before_) tokens_before_ = tokens_of(view);
    view_ = view;
    nodes_.look(client_);
    const std::uint64_t tokens = tokens_of(view);
    progress_.update(slices_ended(view), view.slices.size(),
                     fmt::format("slices, {} tokens, {:.0f} tok/s, {} workers, {} restarts", tokens,
                                 static_cast<double>(tokens - *tokens_before_) /
                                     std::max(0.001, watch_.seconds()),
                                 nodes_.nodes(), nodes_.restarts()));
  }

  const ClusterJob& wanted_;
  actors::Node& client_;
  Output& out_;
  DocumentJob job_;
  const bool streams_;
  Progress progress_;
  NodeWatch nodes_;
  Stopwatch watch_;
  Viewed view_;
  std::uint64_t taken_ = 0;                     // bytes
  std::optional<std::uint64_t> tokens_before_;  // this command looked
};

}  // namespace

Expected<int> follow_cluster_job(const ClusterJob& wanted, std::optional<Submit> submit,
                                 Output& out) {
  watch_interrupts();
  outlive_readers();
  auto file = DocumentFile::open(wanted.output);
  if (!file) return file.error();
  const auto client = join_as_client(wanted.cluster);
  if (!client) return client.error();
  // Says sooner than a read that there is nobody, or no such job.
  const auto met = submit ? ask_cluster(**client, Overview{UINT64_MAX})
                          : ask_cluster(**client, View{wanted.job});
  if (!met && interrupted()) return kExitInterrupted;
  if (!met) return met.error();
  Following following(wanted, **client, out);
  const auto course = following.follow(std::move(submit));
  if (!course) return course.error();
  if (*course == Course::interrupted) {
    following.tell_left();
    return kExitInterrupted;
  }
  const std::string document = following.document();
  if (const Status stored = file->store(document, wanted.json, out); !stored) return stored.error();
  if (const Status told = following.report(document); !told) return told.error();
  return kExitDone;
}

}  // namespace pecia::apps
