#pragma once
// What happened to every job, in order, for a person who asks: the fold of the journal's durable
// records that Explain is answered from. Decides nothing and is asked by nobody who decides.
//
// Runs of tokens of one attempt are one row, unless something else happened to their step between
// them; so rows are a few for each attempt, far fewer than the records they come from. Times are
// those of the records.
//
// A plain class. Thread rule: one owner.

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "runtime/wire/messages.hpp"
#include "runtime/wire/records.hpp"

namespace pecia::actors {

class ExplainCore {
 public:
  void follow(const runtime::Record& record);  // durable, in the order of the journal

  bool knows(const runtime::JobId& job) const { return stories_.contains(job); }
  // Rows from the one asked for on, as many as one answer takes. The state, and why it is stalled,
  // are the coordinator's word. REQUIRES knows(asked.job).
  runtime::Explained explained(const runtime::Explain& asked, runtime::JobState state,
                               std::string_view why_stalled) const;
  // How the last record leaves a job that nobody is at work on.
  runtime::JobState state_of(const runtime::JobId& job) const;
  std::vector<runtime::JobId> jobs() const { return order_; }  // as opened

 private:
  struct Story {
    runtime::Explained head;  // all but its rows and its state
    std::vector<runtime::ExplainRow> rows;
    std::map<runtime::Path, std::size_t> growing;  // of a step: its row that goes on
    bool closed = false;
  };

  void on(const runtime::TermRecord& term);
  void on(const runtime::OpenedRecord& opened);
  void on(const runtime::PlannedRecord& planned);
  void on(const runtime::TokensRecord& tokens);
  void on(const runtime::EndedRecord& ended);
  void on(const runtime::ClosedRecord& closed);
  void on(const runtime::PlacedRecord& placed) { add(placed); }
  void on(const runtime::LeftRecord& left) { add(left); }
  void on(const runtime::StalledRecord& stalled);

  // What belongs to one step.
  template <class Row>
  void add(const Row& row) {
    Story& story = stories_.at(row.step.job);
    story.growing.erase(row.step.path);
    story.rows.emplace_back(row);
  }

  std::map<runtime::JobId, Story> stories_;
  std::vector<runtime::JobId> order_;
};

}  // namespace pecia::actors
