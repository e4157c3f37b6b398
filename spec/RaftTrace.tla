----------------------------- MODULE RaftTrace -----------------------------
(* Whether recorded runs are behaviours of Raft: each step of a run says what a server did, and what it was then
   seen to be. A run that gets stuck did something that the specification does not allow. *)
EXTENDS Raft, TLC, Recorded     \* Recorded defines Runs: a sequence of runs, each of steps [act, s, arg, seen]

VARIABLES run, at

Step == Runs[run][at]

\* A recorded snapshot holds a machine's state, and not the entries that led to it.
Meant(m) ==
    IF m.type # "InstallSnapshot" THEN {m}
    ELSE {sent \in messages : /\ sent.type = m.type /\ sent.from = m.from /\ sent.to = m.to /\ sent.term = m.term
                              /\ sent.lastIndex = m.lastIndex /\ sent.lastTerm = m.lastTerm}

Does(s, act, arg) ==
    CASE act = "restart"  -> Restart(s)
      [] act = "adopt"    -> \E m \in Meant(arg) : Adopt(s, m)
      [] act = "receive"  -> \E m \in Meant(arg) : Receive(s, m)
      [] act = "ask"      -> AskAround(s)
      [] act = "campaign" -> Campaign(s)
      [] act = "lead"     -> Lead(s)
      [] act = "propose"  -> Propose(s, arg)
      [] act = "append"   -> /\ arg.to \in Others(s)
                             /\ SendAppend(s, arg.to, arg.prevIndex, Len(arg.entries), arg.commit)
                             /\ messages' = messages \cup {arg}
      [] act = "sync"     -> Sync(s) /\ arg \subseteq outbox[s]
      [] act = "advance"  -> Advance(s, arg)
      [] act = "compact"  -> Compact(s, arg)
      [] act = "snapshot" -> arg.to \in Others(s) /\ SendSnapshot(s, arg.to, arg.lastIndex)
      [] act = "hand over" -> arg.to \in Others(s) /\ SendTimeoutNow(s, arg.to)
      [] act = "step down" -> StepDown(s)
      [] act = "tell"     -> UNCHANGED vars /\ arg \in messages
      [] act = "confirm"  -> UNCHANGED vars /\ arg <= commit[s]
      [] act = "look"     -> UNCHANGED vars

\* `seen` is empty, or holds what the server showed.
Shows(s, seen) ==
    \A i \in 1 .. Len(seen) :
        /\ term'[s] = seen[i].term /\ vote'[s] = seen[i].vote /\ role'[s] = seen[i].role
        /\ commit'[s] = seen[i].commit /\ base'[s] = seen[i].base
        /\ SubSeq(log'[s], base'[s] + 1, Len(log'[s])) = seen[i].entries

TraceInit == Init /\ run \in 1 .. Len(Runs) /\ at = 1

TraceNext ==
    /\ at <= Len(Runs[run])
    /\ Does(Step.s, Step.act, Step.arg)
    /\ Shows(Step.s, Step.seen)
    /\ PrintT(<<"passed", run, at>>)
    /\ at' = at + 1 /\ run' = run

Traced == TraceInit /\ [][TraceNext]_<<vars, run, at>>
=============================================================================
