#pragma once
// The table of contents of actors/: who can be told what. Every actor has a typed interface here,
// and one file beside its core that implements it.
//
//   client --ask(Frame)--> Coordinator --tell(Frame)--> Worker --run, ack--> Executor
//                          |    |   ^                     |  ^                 |   ^
//                   follow |    |   '-----tell(Frame)-----'  '-----stepped-----'   | pages
//                          v    v                                                  v
//                       Merger  Slicer --summarize--> Summarizer                 Cache
//
// A Frame is an encoded ToCoordinator, ToWorker or ToClient of runtime/wire: all that may leave a
// process. Everything else is between neighbours of one process, and is passed as it is.
// Clients, coordinator and workers find each other through the Directory, never by a kept handle.
//
// The only file of actors/ whose types CAF must know. Nothing here is sent before the actor system
// is built, and every request has a finite deadline.

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "actors/cache/page_exchange.hpp"
#include "actors/generator/generator.hpp"
#include "actors/links/peer_events.hpp"
#include "actors/slicer/expanded.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/supervision/supervisor_core.hpp"
#include "runtime/wire/frame.hpp"

namespace pecia::actors {

// Timers of workers and coordinators go off so often in a report_ms.
inline constexpr std::uint64_t kTicksAReport = 5;

// -- payloads inside a process -------------------------------------------------------------------

// Durable records, in order; shared by those who follow them.
using DurableRecords = std::shared_ptr<const std::vector<runtime::Record>>;

using AppendAnswers = std::vector<runtime::AppendAnswer>;

struct Prefilled {
  std::uint64_t tokens = 0, elapsed_us = 0;
};

struct ExpandJob {
  runtime::JobId job{};
  std::uint64_t steps_ended = 0;
};

// What an executor is told; as the effects of WorkerCore.
using RunCommand = std::variant<StartRun, PauseRun, ResumeRun, EndRun>;

// -- what is said --------------------------------------------------------------------------------

// A Frame with a batch of messages that need no answer of their own.
using TellAtom = caf::atom_constant<caf::atom("tell")>;
using AskAtom = caf::atom_constant<caf::atom("ask")>;    // a client's Frame; answered with one
using TickAtom = caf::atom_constant<caf::atom("tick")>;  // from oneself, by a timer
using FollowAtom = caf::atom_constant<caf::atom("follow")>;
using ExpandAtom = caf::atom_constant<caf::atom("expand")>;
using ExpandedAtom = caf::atom_constant<caf::atom("expanded")>;
using AppendedAtom = caf::atom_constant<caf::atom("appended")>;  // from the journal's thread
using ReadAtom = caf::atom_constant<caf::atom("read")>;
using ViewAtom = caf::atom_constant<caf::atom("view")>;
using SummaryAtom = caf::atom_constant<caf::atom("summary")>;
using LinkUpAtom = caf::atom_constant<caf::atom("linkup")>;
using RunAtom = caf::atom_constant<caf::atom("run")>;
using SteppedAtom = caf::atom_constant<caf::atom("stepped")>;
using AckAtom = caf::atom_constant<caf::atom("ack")>;
using OfferAtom = caf::atom_constant<caf::atom("offer")>;
using FetchAtom = caf::atom_constant<caf::atom("fetch")>;
using MissingAtom = caf::atom_constant<caf::atom("missing")>;
using PutAtom = caf::atom_constant<caf::atom("put")>;
using EnlistAtom = caf::atom_constant<caf::atom("enlist")>;
using WatchAtom = caf::atom_constant<caf::atom("watch")>;
using FindAtom = caf::atom_constant<caf::atom("find")>;
using HelloAtom = caf::atom_constant<caf::atom("hello")>;
using PeerUpAtom = caf::atom_constant<caf::atom("peerup")>;
using PeerDownAtom = caf::atom_constant<caf::atom("peerdown")>;
using TransferAtom = caf::atom_constant<caf::atom("transfer")>;
using SpeedAtom = caf::atom_constant<caf::atom("speed")>;
using StopAtom = caf::atom_constant<caf::atom("stop")>;
using TimerAtom = caf::atom_constant<caf::atom("timer")>;
using DeadlineAtom = caf::atom_constant<caf::atom("deadline")>;

}  // namespace pecia::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::DurableRecords)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::ExpandJob)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::Expanded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<pecia::runtime::AppendAnswer>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::runtime::Read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::runtime::JobState)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::runtime::View)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::RunCommand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::GeneratorStep)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::PageNames)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::Pages)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::runtime::ChildInstance)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::PeerUp)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::PeerDown)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::PeerTransfer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pecia::actors::Prefilled)

namespace pecia::actors {

// -- roles ---------------------------------------------------------------------------------------

using CoordinatorHandle =
    caf::typed_actor<caf::replies_to<AskAtom, runtime::Frame>::with<runtime::Frame>,
                     caf::reacts_to<TellAtom, runtime::Frame>,  // of a worker
                     caf::reacts_to<ExpandedAtom, Expanded>,
                     caf::reacts_to<AppendedAtom, AppendAnswers>, caf::reacts_to<TickAtom>>;

// read: answered with Text or Refused once there is something new, and with an empty Text after a
// while. view: with Viewed. State and reason are the coordinator's word on a job that has not
// ended.
using MergerHandle = caf::typed_actor<
    caf::reacts_to<FollowAtom, DurableRecords>,
    caf::replies_to<ReadAtom, runtime::Read, runtime::JobState, std::string>::with<runtime::Frame>,
    caf::replies_to<ViewAtom, runtime::View, runtime::JobState, std::string>::with<runtime::Frame>,
    caf::reacts_to<TickAtom>>;

using SlicerHandle = caf::typed_actor<caf::reacts_to<FollowAtom, DurableRecords>,
                                      caf::reacts_to<ExpandAtom, ExpandJob>>;

// text, tokens at most -> summary
using SummarizerHandle =
    caf::typed_actor<caf::replies_to<SummaryAtom, std::string, std::uint64_t>::with<std::string>>;

using WorkerHandle =
    caf::typed_actor<caf::reacts_to<LinkUpAtom, CoordinatorHandle>,
                     caf::reacts_to<TellAtom, runtime::Frame>,  // of the coordinator
                     caf::reacts_to<SteppedAtom, GeneratorStep>,
                     caf::reacts_to<OfferAtom>,  // from oneself: offers are due
                     caf::reacts_to<TickAtom>>;

// Computes on a thread of its own, and is at most kStepsUnacked engine steps ahead of its worker.
using ExecutorHandle = caf::typed_actor<caf::reacts_to<RunAtom, RunCommand>,
                                        caf::reacts_to<AckAtom>, caf::reacts_to<TickAtom>>;

// fetch: with those that are kept, or that another node gave in time. missing: those not kept.
// speed: of an engine, by which fetching is weighed against computing. The rest is said by links.
using CacheHandle =
    caf::typed_actor<caf::replies_to<FetchAtom, PageNames>::with<Pages>,
                     caf::replies_to<MissingAtom, PageNames>::with<PageNames>,
                     caf::reacts_to<PutAtom, Pages>, caf::reacts_to<SpeedAtom, Prefilled>,
                     caf::reacts_to<PeerUpAtom, PeerUp>, caf::reacts_to<PeerDownAtom, PeerDown>,
                     caf::reacts_to<TransferAtom, PeerTransfer>, caf::reacts_to<TickAtom>>;

// find: an error while there is no coordinator. watch: linkup for the one there is, and for each
// one that comes after it.
using DirectoryHandle = caf::typed_actor<caf::reacts_to<EnlistAtom, CoordinatorHandle>,
                                         caf::reacts_to<WatchAtom, WorkerHandle>,
                                         caf::replies_to<FindAtom>::with<CoordinatorHandle>>;

// Actors of other nodes, as far as links reach. The first three come from the gate, the next two
// from this node's own coordinator and cache when they start; the last two are what linked nodes
// say to each other: one's name and links, and who coordinates there.
using LinksHandle =
    caf::typed_actor<caf::reacts_to<PeerUpAtom, PeerUp>, caf::reacts_to<PeerDownAtom, PeerDown>,
                     caf::reacts_to<TransferAtom, PeerTransfer>,
                     caf::reacts_to<EnlistAtom, CoordinatorHandle>,
                     caf::reacts_to<EnlistAtom, CacheHandle>,
                     caf::reacts_to<HelloAtom, std::string, caf::strong_actor_ptr>,
                     caf::reacts_to<EnlistAtom, caf::strong_actor_ptr>>;

using SupervisorHandle =
    caf::typed_actor<caf::reacts_to<StopAtom>, caf::reacts_to<TimerAtom, std::uint64_t>,
                     caf::reacts_to<DeadlineAtom, runtime::ChildInstance>>;

}  // namespace pecia::actors
