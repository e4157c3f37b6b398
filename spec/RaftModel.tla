----------------------------- MODULE RaftModel -----------------------------
(* Raft so small that every one of its states can be visited. Each configuration, a file RaftModel*.cfg, lets other
   things happen, and bounds them. *)
EXTENDS Raft, TLC

CONSTANTS
    MaxTerm, MaxLog,    \* no server goes further
    MaxCrashes,         \* how often servers may crash, all together
    MaxMessages,        \* how many different messages may be sent
    Also                \* which of these may happen too: "snapshots", "transfers", "resignations"

VARIABLE crashes

Small ==
    /\ \A s \in Server : term[s] <= MaxTerm /\ Len(log[s]) <= MaxLog
    /\ Cardinality(messages) <= MaxMessages
    /\ crashes <= MaxCrashes

ModelInit == Init /\ crashes = 0

Always(s) ==
    \/ Sync(s) \/ AskAround(s) \/ Campaign(s) \/ Lead(s)
    \/ \E m \in messages : Adopt(s, m) \/ Receive(s, m)
    \/ \E value \in Value : Propose(s, value)
    \/ \E index \in 1 .. Len(log[s]) : Advance(s, index)
    \/ \E t \in Others(s), prev \in 0 .. Len(log[s]) :
           \E count \in 0 .. Len(log[s]) - prev : SendAppend(s, t, prev, count, commit[s])

Sometimes(s) ==
    \/ "resignations" \in Also /\ StepDown(s)
    \/ "transfers" \in Also /\ \E t \in Others(s) : SendTimeoutNow(s, t)
    \/ "snapshots" \in Also /\ \E index \in 1 .. Len(log[s]) : Compact(s, index)
    \/ "snapshots" \in Also /\ \E t \in Others(s) : SendSnapshot(s, t, base[s])

\* A server that waits for its disk goes first. Nothing is lost by that: no other server can tell.
MayGo(s) == outbox[s] # {} \/ \A t \in Others(s) : outbox[t] = {}

ModelNext ==
    \E s \in Server :
        /\ MayGo(s)
        /\ \/ (Always(s) \/ Sometimes(s)) /\ UNCHANGED crashes
           \/ Restart(s) /\ crashes' = crashes + 1

Model == ModelInit /\ [][ModelNext]_<<vars, crashes>>

Symmetry == Permutations(Server)
=============================================================================
