#pragma once
// Which records may follow which. Folds a journal as far as that question needs: a journal asks it
// before it keeps a transaction, and again for what it reads back, so neither a faulty writer nor a
// damaged file gets a history that could not have happened.
//
//   term       the one before, plus 1; nothing stands before the first
//   opened     of a job not opened before
//   planned    of an open job; parent "" or a step that has ended; its steps are new, every input
//              is known or in the same plan
//   tokens     at least one, of a planned step that has not ended, from where the step's last ended
//   ended      of such a step, at exactly its recorded length
//   closed     of an open job; no record of that job but notes follows
//   notes      of a job that was opened, or of none: they decide nothing, so whatever else they say
//              may be
//
// Thread rule: one thread.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <variant>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/wire/records.hpp"

namespace pecia::runtime {

class JournalRules {
 public:
  JournalRules() = default;
  JournalRules(JournalRules&&) = default;
  JournalRules& operator=(JournalRules&&) = default;
  JournalRules(const JournalRules&) = delete;  // what can be taken back points into the maps
  JournalRules& operator=(const JournalRules&) = delete;

  // The transaction follows from all that was admitted before and is part of it now; or an error
  // of kind bug, and nothing has changed.
  kernels::Status admit(std::span<const Record> transaction);

  // What was admitted is on the disk, or never will be: forget how to take it back, or do so.
  void keep() { undo_.clear(); }
  void take_back() { take_back_to(0); }

  Term term() const { return term_; }  // of the last TermRecord; 0: none

 private:
  struct Step {
    std::uint64_t recorded = 0;  // tokens
    bool ended = false;
  };
  using Steps = std::unordered_map<Path, Step>;
  struct Job {
    bool closed = false;
    Steps steps;  // none once closed: nothing more is asked of them
  };

  // One admitted record's way back; a note changes nothing and needs none. The pointers hold, for
  // elements of these maps move only when the element itself is taken back, which is later.
  struct TermUndo {
    Term before;
  };
  struct OpenedUndo {
    JobId job;
  };
  struct PlannedUndo {
    Job* job;
    std::vector<Path> steps;
  };
  struct TokensUndo {
    Step* step;
    std::uint64_t recorded;
  };
  struct EndedUndo {
    Step* step;
  };
  struct ClosedUndo {
    Job* job;
    Steps steps;
  };
  using Undo = std::variant<TermUndo, OpenedUndo, PlannedUndo, TokensUndo, EndedUndo, ClosedUndo>;

  kernels::Status follow(const TermRecord& record);
  kernels::Status follow(const OpenedRecord& record);
  kernels::Status follow(const PlannedRecord& record);
  kernels::Status follow(const TokensRecord& record);
  kernels::Status follow(const EndedRecord& record);
  kernels::Status follow(const ClosedRecord& record);
  kernels::Status follow(const PlacedRecord& record) { return known_job(record.step.job); }
  kernels::Status follow(const LeftRecord& record) { return known_job(record.step.job); }
  kernels::Status follow(const StalledRecord& record);

  kernels::Expected<Job*> open_job(const JobId& id);
  kernels::Status known_job(const JobId& id) const;
  kernels::Expected<Step*> running_step(const StepName& name);
  kernels::Status add_steps(Job& job, const PlannedRecord& record, std::vector<Path>& added);

  void undo(TermUndo& undo) { term_ = undo.before; }
  void undo(OpenedUndo& undo) { jobs_.erase(undo.job); }
  void undo(PlannedUndo& undo);
  void undo(TokensUndo& undo) { undo.step->recorded = undo.recorded; }
  void undo(EndedUndo& undo) { undo.step->ended = false; }
  void undo(ClosedUndo& undo);
  void take_back_to(std::size_t mark);

  Term term_ = 0;
  std::unordered_map<JobId, Job, kernels::IdHash> jobs_;
  std::vector<Undo> undo_;  // since the last keep(), oldest first
};

}  // namespace pecia::runtime
