# What pecia writes to its journal and what its nodes say to each other: the manual of the protocol,
# in the form that the compiler reads. docs/PROTOCOL.md has the rules that go with it (what a
# coordinator does on an offer, when a record is synced, what may never happen).
#
# The promise behind it: a document is a pure function of spec, model, seed and numerics id, and
# what any reader was shown is a prefix of it, whatever dies on the way. So every name below is made
# from content or from a counter of the journal, none from the order in which something arrived.

@0x91090e1801bfffad;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("pecia::runtime::wire");

# ========================================================================================
# Words
#
# job         What a client asks for: a spec, a seed, a model, a numerics id. It ends once, as done,
#             failed or cancelled.
# plan        The steps of a job: a graph without cycles, each step written once.
# step        One text made from one prompt. A *slice* is a step whose text stands in the document.
# coordinator The one node that writes the journal: places steps, commits tokens, ends jobs.
# worker      A node that generates tokens of the steps it was ordered to write, in *slots*.
# client      Whoever submits and reads. It may vanish and come back.
# node        One process.
# journal     The append-only stream of Records. The state of a coordinator is a fold over it, and
#             starting is resuming.
# note        A record that tells what was done and decides nothing: who was given an attempt, why one
#             was taken away, how long the storage failed. It may be lost, and no fold of a
#             coordinator looks at it.
# durable     Kept by the journal. *Synced*: kept through a loss of power too. Nothing is
#             acknowledged, shown or read by another step before it is durable.
# term        The reign of one coordinator over the journal.
# attempt     One try of one worker at one step. Any number may die; a second one beside a slow
#             first one is a *hedge*.
# order       The coordinator gives an attempt to a worker.
# offer       The worker hands generated tokens to the coordinator. It is taken only where it
#             continues what is recorded.
# commit      Tokens of an offer become durable, and the worker is told how far.
# chain       A hash that names a step's input and its tokens up to a position.
# position    Index of a token in its step, from 0 on.
# window      How many tokens a worker may be ahead of the durable ones; at its end it is *full*.
# expand      The pure function from a spec and the ended steps to the next steps of the plan.
# release     The pure function from the journal to the part of the document that no later record
#             can change. Only that part is ever shown.
# drop, drain The coordinator takes one attempt from a worker; asks it to end all of them.
# stalled     A job that waits: its storage is full or fails, or no worker is there.
# poison      A step that has killed one worker after another.
# page        The keys and values of 32 tokens. Pages travel beside these messages, not in them.
# link        The connection of two nodes. It carries these messages, and is not part of them.
#
# ========================================================================================
# The life of every id
#
# job       128 bits, drawn by the client. Submitting an id twice with the same spec is one job,
#           with another spec a conflict. It lives as long as the journal.
#
# path      Of a step in its job's plan: numbers from 1 on without a leading zero, joined by dots,
#           as in "2" or "2.5". Structural: expand() gives the same step the same path however often
#           it runs. It lives with the job.
#
# model     128 bits: hash of architecture, tokenizer and every tensor. Not minted by anybody.
#
# numerics  Name of an arithmetic, as "cpu-1-Q8_0-0123456789abcdef". Two nodes with one numerics id
#           compute the same bits. A job is pinned to its own from submit to end.
#
# term      Counts up by 1, synced, whenever a coordinator opens the journal under its lock. It is
#           never reused. Every order carries it; a worker ignores a lower one than it has seen, and
#           a coordinator that hears of a higher one than its own is deposed and exits. 0: none.
#
# attempt   (term, n), n counted from 1 within the term. It is never reused, and needs no record
#           before it is ordered, for the term is its coordinator's alone. It is open from order to
#           close; messages about a closed one are answered with drop. A coordinator of a later term
#           may adopt what a worker still holds, under its old id.
#
# boot      64 random bits for each start of a process. (node name, boot) is a worker: one that came
#           back under its name is another, and holds nothing.
#
# chain     128 bits. c(0) = H(job, path, input), c(i + 1) = H(c(i), token i), where H is the first
#           half of the SHA-256 over the fields, each with its 32-bit length in bytes before it. It
#           has no life: equal chains at one position mean the same input and the same tokens before
#           it, on whichever worker. A reader's chain does the same for the document's text.
#
# input     128 bits: hash of all that decides a step's tokens (prompt, sampling, budget, numerics,
#           what it reads). Workers compare it, nobody stores it.
#
# page      128 bits: hash of numerics, model, salt, parent page and 32 tokens. A page that is gone
#           or damaged is computed again, so it may die at any time. Not in these messages.
#
# link      32 bits for a pair of (node, boot), counted up at each connection; the higher one closes
#           the lower. Not in these messages, which therefore may arrive late, twice or never.
#
# ========================================================================================
# Limits
#
# Reader and writer hold them both; bytes beyond one are refused with the name of the field before
# anything of that size is allocated. A list's limit is in elements, a text's in bytes.

const encodedBytesMax :UInt64 = 67108864;
# Of one Record, ToCoordinator, ToWorker, ToClient or JobSpec as bytes, estimated from above.

const specBytesMax :UInt64 = 16777216;
# Of an encoded JobSpec.

const outlineBytesMax :UInt64 = 8388608;
# Of the outline in a JobSpec.

const stopTextsMax :UInt64 = 64;
# Stop texts of a JobSpec.

const stopTextBytesMax :UInt64 = 4096;
# Of all stop texts of a JobSpec together.

const logitBiasMax :UInt64 = 1024;
# Tokens of a JobSpec whose logits are shifted.

const promptTokensMax :UInt64 = 1048576;
# Of a step's prompt; and of the durable tokens that an order repeats.

const jobRowsMax :UInt64 = 256;
# Jobs of one overview.

const nodeRowsMax :UInt64 = 1024;
# Nodes of one overview.

const explainRowsMax :UInt64 = 256;
# Rows of one explanation.

const offerTokensMax :UInt64 = 4096;
# Tokens of one offer, and of one record of tokens.

const plannedStepsMax :UInt64 = 4096;
# Steps of one record of a plan.

const inputsMax :UInt64 = 4096;
# Steps that one step waits for.

const heldMax :UInt64 = 1024;
# Attempts that one report lists.

const pathBytesMax :UInt64 = 64;
# Of a path.

const nodeNameBytesMax :UInt64 = 64;
# Of a node's name.

const numericsBytesMax :UInt64 = 256;
# Of a numerics id.

const whyBytesMax :UInt64 = 4096;
# Of a reason for people.

const textBytesMax :UInt64 = 1048576;
# Of a piece of the document.

const positionMax :UInt64 = 2147483648;
# Of any count of tokens of a step.

const textOffsetMax :UInt64 = 1099511627776;
# Of any count of bytes of a text.

const timeMsMax :UInt64 = 281474976710656;
# Of a time or a span in milliseconds, so that sums of them never overflow.

# ========================================================================================
# Shape on the wire
#
# What a worker tells a coordinator, and it a worker, travels in batches: a frame of a count and, for
# each message, its count of words and its bytes (batch.hpp; 4096 messages at most). A batch arrives
# whole or not at all; to lose one is to lose all of its messages, in no other way than one by one.
# Questions of clients and their answers are frames of one message.
#
# One segment of whole 8-byte words without a segment table (`capnp decode --flat` reads it). Its
# root is Record in the journal; ToCoordinator, ToWorker or ToClient between nodes; JobSpec where a
# field says so. Every pointer to a struct must be there, but for Offer.end. Field and union numbers
# are never reused; a value that a reader does not know is refused by its name.

using Id = Data;
# Exactly 16 bytes.

using Token = Int32;
# An index into the model's vocabulary, 0 or more.

struct StepName {
# One step of one job.

  job @0 :Id;
  # The job whose plan has it.

  path @1 :Text;
  # Its place in that plan.
}

struct AttemptId {
# One try at one step.

  term @0 :UInt64;
  # Of the coordinator that ordered it first.

  n @1 :UInt64;
  # Counted from 1 within the term.
}

struct NodeBoot {
# A process that answers under a name of the cluster config.

  node @0 :Text;
  # Its name there.

  boot @1 :UInt64;
  # Drawn when it started.
}

# ========================================================================================
# The spec: what a client asks for

enum ContextMode {
# What a slice knows of the text before it.

  none @0;
  # Preamble, outline and its own heading.

  direct @1;
  # And the whole text of the slice before it: slices form a chain.

  summary @2;
  # And a summary of the text before it: slices form rolling waves.
}

struct LogitBias {
# A shift of one token's logit.

  id @0 :Token = -1;
  # Of the token, 0 or more. The default is no token, so that in canonical bytes, which leave out
  # zeros, an element still has its word: a list of elements without any is refused as damaged.

  value @1 :Float32;
  # Added to its logit. Finite.
}

struct JobSampling {
# How a token is drawn from the model's logits. Finite numbers.

  temperature @0 :Float32;
  # 0: always the most likely token.

  topK @1 :Int32;
  # Only the first so many; 0: off.

  topP @2 :Float32;
  # Only up to this share of the probability; 1: off.

  minP @3 :Float32;
  # Only down to this share of the largest probability; 0: off.

  repeatPenalty @4 :Float32;
  # Divides positive and multiplies negative logits of recent tokens; 1: off.

  frequencyPenalty @5 :Float32;
  # Subtracted for each occurrence of a recent token.

  presencePenalty @6 :Float32;
  # Subtracted once from each recent token.

  penaltyWindow @7 :Int32;
  # How many tokens are recent; 0: none, -1: all of the step.

  logitBias @8 :List(LogitBias);
  # Added last, in the order given.
}

struct JobSpec {
# With model, seed and numerics it decides every byte of the document. Two specs are compared as
# bytes, which are canonical: a field added later must mean "as before" where it is zero.

  outline @0 :Text;
  # Markdown as the client gave it: a preamble and a heading for each slice.

  tokens @1 :Int32;
  # Of the whole document; 0: none, so that it has headings alone; -1: the default share for each
  # slice. None lower.

  context @2 :ContextMode;
  # What a slice knows of the text before it.

  oneStream @3 :Bool;
  # The document is one step, not a slice for each heading.

  chatTemplate @4 :Bool;
  # Prompts are put in the model's chat template, where it has one.

  ignoreEos @5 :Bool;
  # A step goes on to its budget when the model would end.

  sampling @6 :JobSampling;
  # How tokens are drawn.

  stop @7 :List(Text);
  # A step ends where its text contains one of these; the text found is not part of it.
}

# ========================================================================================
# The journal
#
# S: synced before anybody hears of it. The others survive a kill, and what a loss of power takes of
# them is generated again to the same text.

struct Record {
# One thing that has happened.

  union {
    term @0 :TermRecord;
    # A coordinator opened the journal. S

    opened @1 :OpenedRecord;
    # A job was accepted. S

    planned @2 :PlannedRecord;
    # A plan grew. S

    tokens @3 :TokensRecord;
    # A step grew.

    ended @4 :EndedRecord;
    # A step has all its tokens. S

    closed @5 :ClosedRecord;
    # A job has ended. S

    placed @6 :PlacedRecord;
    # A worker was given an attempt. Note

    left @7 :LeftRecord;
    # A worker has an attempt no more, and its step has not ended. Note

    stalled @8 :StalledRecord;
    # The storage kept nothing for a while. Note
  }
}

# Every record says when the coordinator made it, in unixMs by the clock of its node: for people who
# ask what happened (Explain), and for nothing else but the deadline of a job. Clocks may stand, jump
# or differ from node to node. 0: written by a program that did not say.

struct TermRecord {
# From here on every record is of this term, until the next of its kind.

  term @0 :UInt64;
  # The one before, plus 1.

  boot @1 :UInt64;
  # Of the coordinator's process.

  unixMs @2 :UInt64;
  # When.
}

struct OpenedRecord {
# A job, exactly as its submit said.

  job @0 :Id;
  # New in this journal.

  spec @1 :Data;
  # An encoded JobSpec. A second submit of the job is compared with it.

  seed @2 :UInt64;
  # Of every draw; with a step's path it keys the generator.

  model @3 :Id;
  # That writes it.

  numerics @4 :Text;
  # That computes it.

  unixMs @5 :UInt64;
  # When it was accepted, by the clock of the node that did. Its deadline counts from here, over
  # restarts.
}

struct PlannedStep {
# A step as expand() made it: all that a worker needs to write it.

  path @0 :Text;
  # Its place in the plan.

  inputs @1 :List(Text);
  # Paths of the steps of the job that must have ended before it starts.

  prompt @2 :List(Token);
  # What the model reads before the step's first token.

  tokensMax @3 :Int32;
  # To generate.
}

struct PlannedRecord {
# Steps that follow from the spec, or from the end of a step.

  job @0 :Id;
  # Whose plan grew.

  parent @1 :Text;
  # Path of the step whose end they follow from; empty: they follow from the spec.

  steps @2 :List(PlannedStep);
  # None of them planned before.

  unixMs @3 :UInt64;
  # When.
}

struct TokensRecord {
# Tokens of a step, contiguous with those recorded before.

  step @0 :StepName;
  # That grew.

  from @1 :UInt64;
  # Position of the first of them.

  ids @2 :List(Token);
  # The tokens.

  chain @3 :Id;
  # After the last of them.

  attempt @4 :AttemptId;
  # Whose offer it was.

  unixMs @5 :UInt64;
  # When.
}

enum StepEnd {
# Why a step has all its tokens.

  length @0;
  # It has as many as were planned.

  eos @1;
  # The model ended.

  stopText @2;
  # Its text contains a stop text.

  contextFull @3;
  # The model can see no further.
}

struct EndedRecord {
# A step will not change any more. Repairing its text is another step.

  step @0 :StepName;
  # That ended.

  reason @1 :StepEnd;
  # Why.

  tokens @2 :UInt64;
  # Recorded ones, all of them.

  bytes @3 :UInt64;
  # Of its visible text.

  hash @4 :Id;
  # First 128 bits of the SHA-256 of that text.

  unixMs @5 :UInt64;
  # When.
}

enum JobEnd {
# How a job ends.

  done @0;
  # All steps have ended and the document is complete.

  failed @1;
  # It cannot be written.

  cancelled @2;
  # Its client took it back.
}

struct ClosedRecord {
# The first one of a job is final.

  job @0 :Id;
  # That ended.

  end @1 :JobEnd;
  # How.

  why @2 :Text;
  # Of a failure, for people: "poison", "deadline", or what the engine said.

  unixMs @3 :UInt64;
  # When.
}

enum PlacedHow {
# How an attempt came to its worker.

  ordered @0;
  # As any.

  alone @1;
  # With nothing else there, for its step is suspected of killing workers.

  hedge @2;
  # Beside one that is slow.

  adopted @3;
  # It had it already, from a coordinator before.
}

struct PlacedRecord {
# A worker was given an attempt.

  step @0 :StepName;
  # To write.

  attempt @1 :AttemptId;
  # Its name.

  node @2 :NodeBoot;
  # The worker.

  how @3 :PlacedHow;
  # It came there.

  from @4 :UInt64;
  # Durable tokens of the step: it goes on behind them.

  unixMs @5 :UInt64;
  # When.
}

enum LeftReason {
# Why a worker has an attempt no more.

  silent @0;
  # It did not report for silent_ms.

  down @1;
  # Its link is down.

  reborn @2;
  # It speaks under another boot: the process before has died.

  broke @3;
  # It said that it cannot go on.

  unheld @4;
  # It does not hold what it was ordered.

  stalled @5;
  # No progress for stall_ms.

  diverged @6;
  # It offered other tokens than the recorded ones.

  drained @7;
  # It was drained.
}

struct LeftRecord {
# A worker has an attempt no more, and its step has not ended.

  step @0 :StepName;
  # That it was to write.

  attempt @1 :AttemptId;
  # Its name.

  node @2 :NodeBoot;
  # The worker.

  reason @3 :LeftReason;
  # Why.

  why @4 :Text;
  # Of one that broke, for people: what the engine said.

  ahead @5 :UInt64;
  # Tokens that it had generated beyond the durable ones, by its last report: they are generated
  # again.

  unixMs @6 :UInt64;
  # When.
}

struct StalledRecord {
# The storage kept nothing for a while: no step of any job was ordered.

  forMs @0 :UInt64;
  # So long.

  why @1 :Text;
  # For people: what the storage said last.

  unixMs @2 :UInt64;
  # When it worked again.
}

# ========================================================================================
# To the coordinator, from clients and workers
#
# Every message below, in any direction, may be lost, doubled, delayed or overtaken, and all are
# idempotent. A sender that needs an answer asks again after its deadline.

struct ToCoordinator {
# One message.

  union {
    submit @0 :Submit;
    # A client wants a document.

    read @1 :Read;
    # A client wants the text that follows what it has.

    cancel @2 :Cancel;
    # A client takes a job back.

    report @3 :Report;
    # A worker says what it holds.

    offer @4 :Offer;
    # A worker hands tokens over.

    broke @5 :Broke;
    # A worker cannot go on with an attempt.

    view @6 :View;
    # A client wants to know how far a job is.

    overview @7 :Overview;
    # A client wants to know what there is.

    drainNode @8 :DrainNode;
    # A client wants a worker to be emptied.

    explain @9 :Explain;
    # A client wants to know what happened to a job.
  }
}

struct Submit {
# Answered by Submitted once the job is durable, or by Refused.

  job @0 :Id;
  # Drawn by the client, and the same when it asks again.

  spec @1 :Data;
  # An encoded JobSpec.

  seed @2 :UInt64;
  # Of every draw.

  model @3 :Id;
  # That shall write it; all zero: the cluster's own.

  numerics @4 :Text;
  # That shall compute it; empty: the cluster's own.

  unixMs @5 :UInt64;
  # Now, by the clock of the node that accepts.
}

struct Read {
# Answered by DocumentText once there is text behind the offset or the job's state changed, or by
# Refused.

  job @0 :Id;
  # Whose document.

  offset @1 :UInt64;
  # Bytes of it that the reader has.

  chain @2 :Id;
  # Of those bytes; all zero where the offset is 0. Not the document's there: diverged.
}

struct Cancel {
# Answered by Submitted with the state the job then has.

  job @0 :Id;
  # To end; without effect where it has ended already.
}

struct View {
# Answered by Viewed, or by Refused where the job is unknown.

  job @0 :Id;
  # To look at.
}

struct Overview {
# Answered by Overviewed.

  from @0 :UInt64;
  # Jobs before this one, counted from 0 as they were opened, are left out.
}

struct DrainNode {
# Answered by Overviewed, with the node draining; or by Refused where no such node is at work.

  node @0 :Text;
  # Its name.

  deadlineMs @1 :UInt64;
  # From receipt, until what it still holds is dropped.
}

struct Explain {
# Answered by Explained, or by Refused where the job is unknown.

  job @0 :Id;
  # To tell of.

  from @1 :UInt64;
  # Rows before this one, counted from 0, are left out.
}

struct HeldAttempt {
# One attempt in a worker's hands.

  attempt @0 :AttemptId;
  # As it was ordered.

  step @1 :StepName;
  # That it writes.

  have @2 :UInt64;
  # Tokens generated, the committed ones included.

  committed @3 :UInt64;
  # Tokens that are durable as far as the worker knows.

  chain @4 :Id;
  # At that committed position. A coordinator adopts the attempt only where the journal's agrees.

  prefilled @5 :UInt64;
  # Tokens of the prompt that are computed: the progress before the first token.
}

struct Report {
# Sent at link-up and every report_ms. A worker that sends none for silent_ms is taken as gone.

  termSeen @0 :UInt64;
  # The highest so far.

  from @1 :NodeBoot;
  # The worker.

  freeSlots @2 :Int32;
  # Attempts it can take on top of those held, 0 or more.

  draining @3 :Bool;
  # It takes no order any more.

  held @4 :List(HeldAttempt);
  # All attempts in its hands: an open one that is missing was lost.
}

struct OfferEnd {
# What the step looks like when these were its last tokens.

  reason @0 :StepEnd;
  # Why it ends.

  bytes @1 :UInt64;
  # Of its visible text.

  hash @2 :Id;
  # Of that text, as in EndedRecord.
}

struct Offer {
# Tokens from the last committed position on, again and again until they are committed.

  termSeen @0 :UInt64;
  # The highest so far.

  fromNode @1 :NodeBoot;
  # The worker.

  attempt @2 :AttemptId;
  # That generated them.

  step @3 :StepName;
  # That they continue.

  from @4 :UInt64;
  # Position of the first of them.

  chain @5 :Id;
  # At that position, over the tokens the worker has before it.

  ids @6 :List(Token);
  # The tokens. Those already recorded must be equal, else the attempt has diverged.

  end @7 :OfferEnd;
  # Only there where the step ends with them.
}

enum BrokeKind {
# Whether another try makes sense.

  elsewhere @0;
  # This worker cannot (memory, device), another may.

  content @1;
  # The same input fails everywhere (a result that is no number, a prompt too long).
}

struct Broke {
# The attempt is gone from the worker.

  termSeen @0 :UInt64;
  # The highest so far.

  from @1 :NodeBoot;
  # The worker.

  attempt @2 :AttemptId;
  # That broke.

  kind @3 :BrokeKind;
  # Whether it is placed again or the job fails.

  why @4 :Text;
  # For people: what the engine said.
}

# ========================================================================================
# To a worker, from the coordinator

struct ToWorker {
# One message.

  union {
    order @0 :Order;
    # Write this step.

    committed @1 :Committed;
    # So many of its tokens are durable.

    drop @2 :Drop;
    # Forget an attempt.

    drain @3 :Drain;
    # Take no more, and end what you have.
  }
}

struct Order {
# The same attempt ordered twice is one attempt.

  term @0 :UInt64;
  # Of the coordinator that speaks.

  attempt @1 :AttemptId;
  # New, or the one the worker has.

  step @2 :StepName;
  # To write.

  spec @3 :Data;
  # The encoded JobSpec of the job.

  seed @4 :UInt64;
  # Of the job.

  prompt @5 :List(Token);
  # What the model reads first.

  tokensMax @6 :Int32;
  # To generate, the committed ones included.

  input @7 :Id;
  # Hash of all that decides the step's tokens. A worker that holds the step by an equal input and
  # chain keeps its state.

  committed @8 :List(Token);
  # The durable tokens. The worker goes on behind them.

  alone @9 :Bool;
  # In its batch: the step is suspected of killing workers.

  model @10 :Id;
  # Of the job. A worker that has another refuses the order.

  numerics @11 :Text;
  # Of the job. A worker that computes by another refuses the order.
}

struct Committed {
# The window moves on. Offers start from here.

  term @0 :UInt64;
  # Of the coordinator that speaks.

  attempt @1 :AttemptId;
  # Any open one of the step: a hedge learns of the other's tokens too.

  to @2 :UInt64;
  # Tokens of the step that are durable.
}

struct Drop {
# Free the attempt's slot at once.

  term @0 :UInt64;
  # Of the coordinator that speaks.

  attempt @1 :AttemptId;
  # Closed, or never known.
}

struct Drain {
# The worker is about to be stopped.

  term @0 :UInt64;
  # Of the coordinator that speaks.

  deadlineMs @1 :UInt64;
  # From receipt, until what is left is dropped.
}

# ========================================================================================
# To a client, from the coordinator

struct ToClient {
# One message.

  union {
    submitted @0 :Submitted;
    # The job is known, and how it stands.

    refused @1 :Refused;
    # The request has no effect.

    text @2 :DocumentText;
    # A piece of the document.

    viewed @3 :Viewed;
    # How far a job is.

    overviewed @4 :Overviewed;
    # What jobs and nodes there are.

    explained @5 :Explained;
    # What happened to a job.
  }
}

enum JobState {
# How a job stands. All but the first and the last three are derived, never stored.

  opened @0;
  # Durable, not begun.

  running @1;
  # Steps are being written.

  stalled @2;
  # It waits for its storage or for a worker, and goes on when that is there.

  done @3;
  # Final: the document is complete.

  failed @4;
  # Final: it cannot be written.

  cancelled @5;
  # Final: the client took it back.
}

struct Submitted {
# Never sent before the job is durable.

  job @0 :Id;
  # Of the submit or cancel.

  state @1 :JobState;
  # How it stands.
}

enum RefusalKind {
# What the client can do about it.

  conflict @0;
  # The id is known with another spec, seed, model or numerics: choose another.

  refused @1;
  # Not now, for the storage is stalled or too many jobs are open: ask again later.

  unknown @2;
  # No such job: submit it.

  diverged @3;
  # What the reader has is not what the job wrote: read from 0.
}

struct Refused {
# The request has no effect.

  job @0 :Id;
  # Of the request.

  kind @1 :RefusalKind;
  # What the client can do.

  why @2 :Text;
  # For people.
}

struct DocumentText {
# A piece of what is released: never taken back.

  job @0 :Id;
  # Whose document.

  offset @1 :UInt64;
  # Where the piece begins, in bytes.

  bytes @2 :Data;
  # The piece; empty: nothing new. A cut may go through a character.

  state @3 :JobState;
  # How the job stands.

  why @4 :Text;
  # Of stalled and failed, for people.
}

struct SliceView {
# How far one slice is.

  tokens @0 :UInt64;
  # Durable ones.

  ended @1 :Bool;
  # Whether these are all.

  end @2 :StepEnd;
  # Of one that has ended: why.
}

struct Viewed {
# How far a job is.

  job @0 :Id;
  # Of the request.

  state @1 :JobState;
  # How it stands.

  why @2 :Text;
  # Of stalled and failed, for people.

  slices @3 :List(SliceView);
  # In the order of the document; none where the spec makes no document.

  bytesReleased @4 :UInt64;
  # Of the document: what a reader can have now.
}

struct JobRow {
# One job of an overview.

  job @0 :Id;
  # Its name.

  state @1 :JobState;
  # How it stands.

  unixMs @2 :UInt64;
  # When it was opened.

  tokens @3 :UInt64;
  # Durable ones.

  steps @4 :UInt64;
  # Planned so far.

  stepsEnded @5 :UInt64;
  # Of those.
}

struct NodeRow {
# One worker of an overview.

  node @0 :NodeBoot;
  # Its name and boot.

  slots @1 :Int32;
  # Attempts it holds at most.

  held @2 :Int32;
  # Attempts it holds.

  draining @3 :Bool;
  # It takes no order any more.

  silentMs @4 :UInt64;
  # Since it was last heard.
}

struct Overviewed {
# What jobs and nodes there are.

  from @0 :UInt64;
  # The number of the first job, as asked.

  jobsInAll @1 :UInt64;
  # How many there are, those left out among them.

  jobs @2 :List(JobRow);
  # In the order they were opened, as many as one answer takes.

  nodes @3 :List(NodeRow);
  # Workers, by name.

  term @4 :UInt64;
  # Of the coordinator.
}

struct PlannedRow {
# Steps were planned.

  steps @0 :UInt64;
  # So many.

  tokens @1 :UInt64;
  # They may have at most, all together.

  unixMs @2 :UInt64;
  # When.
}

struct GrewRow {
# Tokens of one attempt became durable, one offer behind the other.

  path @0 :Text;
  # Of the step.

  attempt @1 :AttemptId;
  # Whose offers these were.

  from @2 :UInt64;
  # Position of the first token.

  to @3 :UInt64;
  # Position behind the last.

  offers @4 :UInt64;
  # That were recorded.

  unixMs @5 :UInt64;
  # When the first of them was.

  lastMs @6 :UInt64;
  # When the last of them was.
}

struct ExplainRow {
# One thing that happened to a job, in the order of the journal. What happened to all, a new term or
# a storage that failed, is told of every job that was open then.

  union {
    term @0 :TermRecord;
    # Another coordinator began.

    planned @1 :PlannedRow;
    # The plan grew.

    placed @2 :PlacedRecord;
    # A worker was given an attempt.

    grew @3 :GrewRow;
    # A step grew.

    left @4 :LeftRecord;
    # A worker has an attempt no more.

    stalled @5 :StalledRecord;
    # The storage kept nothing for a while.

    ended @6 :EndedRecord;
    # A step has all its tokens.

    closed @7 :ClosedRecord;
    # The job has ended.
  }
}

struct Explained {
# What happened to a job, as far as it is durable. Notes among it may be missing.

  job @0 :Id;
  # Of the request.

  state @1 :JobState;
  # How it stands.

  why @2 :Text;
  # Of stalled and failed, for people.

  unixMs @3 :UInt64;
  # When it was opened.

  model @4 :Id;
  # That writes it.

  numerics @5 :Text;
  # That computes it.

  context @6 :ContextMode;
  # Of its spec.

  tokens @7 :Int32;
  # Of its spec: of the whole document; -1: the default share for each slice.

  oneStream @8 :Bool;
  # Of its spec.

  from @9 :UInt64;
  # The number of the first row, as asked.

  rowsInAll @10 :UInt64;
  # How many there are, those left out among them.

  rows @11 :List(ExplainRow);
  # From that one on, as many as one answer takes.
}
