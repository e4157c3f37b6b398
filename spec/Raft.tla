-------------------------------- MODULE Raft --------------------------------
(* Raft: elections, replication, the commit rule, restarts, snapshots, and a network that loses, copies and
   reorders (Ongaro and Ousterhout 2014, Figure 2 and Figure 13; pre-vote: Ongaro's thesis, section 9.6).

   The members of the cluster don't change, and clients do nothing but propose.
   A disk is modelled with care, because that is where implementations go wrong: what was written is in
   doubt until it is synced, and nothing is told before. *)
EXTENDS Naturals, FiniteSets, Sequences

CONSTANTS
    Server,     \* the servers' names
    Value,      \* what clients may propose
    Nobody,     \* no server
    PreVote     \* TRUE: a server asks around before it begins a term

VARIABLES
    messages,   \* every message that was ever sent: one that nobody receives was lost, and any may come twice
    term, vote, role, log, base, commit,    \* of each server; base is the last index that its snapshot stands for
    granted,    \* who has voted for each server in its election
    match,      \* how far each leader knows the log of each other server to be its own
    disk,       \* what a crash may leave: the version that was synced, and one more for each write since
    outbox,     \* what each server will say once its disk is synced
    elected,    \* history: who was leader of which term
    committed   \* history: what was committed at which index, and in which term

told     == <<messages, outbox>>
voting   == <<term, vote, role, granted>>
logs     == <<log, base, commit>>
history  == <<elected, committed>>
vars     == <<told, voting, logs, match, disk, history>>

-----------------------------------------------------------------------------
(* Words *)

Max(a, b)   == IF a > b THEN a ELSE b
Min(a, b)   == IF a < b THEN a ELSE b
IsQuorum(S) == 2 * Cardinality(S) > Cardinality(Server)
Others(s)   == Server \ {s}
Noop        == "noop"

TermAt(l, i)  == IF i = 0 THEN 0 ELSE l[i].term
LastTerm(l)   == TermAt(l, Len(l))
Prefix(l, i)  == SubSeq(l, 1, i)

\* The log of s has an entry of term t at index i; what a snapshot stands for is everybody's (Log Matching).
Matches(s, i, t) == i < base[s] \/ (i <= Len(log[s]) /\ TermAt(log[s], i) = t)

\* A log that ends so is at least as complete as that of s (section 5.4.1).
UpToDate(s, index, t) == t > LastTerm(log[s]) \/ (t = LastTerm(log[s]) /\ index >= Len(log[s]))

\* A server that waits for its disk does nothing else.
Awake(s) == outbox[s] = {}

\* What the disk of s is about to hold; the last conjunct of an action that writes.
Written(s) == disk' = [disk EXCEPT ![s] = @ \cup
                  {[term |-> term'[s], vote |-> vote'[s], log |-> log'[s], base |-> base'[s]]}]

\* Every crash leaves s at least the first i entries.
Durable(s, i) == \A version \in disk[s] : Len(version.log) >= i /\ Prefix(version.log, i) = Prefix(log[s], i)

\* Every crash leaves s its term, so that it may be told.
Settled(s) == \A version \in disk[s] : version.term = term[s]

Later(s, answer) == outbox' = [outbox EXCEPT ![s] = {answer}] /\ UNCHANGED messages
AtOnce(answer)   == messages' = messages \cup {answer} /\ UNCHANGED outbox

-----------------------------------------------------------------------------
(* Messages *)

RequestVote(s, t, newTerm, pre) ==
    [type |-> "RequestVote", from |-> s, to |-> t, term |-> newTerm,
     lastIndex |-> Len(log[s]), lastTerm |-> LastTerm(log[s]), pre |-> pre]

Vote(s, t, itsTerm, yes, pre) ==
    [type |-> "Vote", from |-> s, to |-> t, term |-> itsTerm, granted |-> yes, pre |-> pre]

AppendEntries(s, t, prev, count, known) ==
    [type |-> "AppendEntries", from |-> s, to |-> t, term |-> term[s], prevIndex |-> prev,
     prevTerm |-> TermAt(log[s], prev), entries |-> SubSeq(log[s], prev + 1, prev + count), commit |-> known]

Appended(s, t, success, index) ==
    [type |-> "Appended", from |-> s, to |-> t, term |-> term[s], success |-> success, index |-> index]

\* In the place of the state machine's state: the entries that it has executed.
InstallSnapshot(s, t, index) ==
    [type |-> "InstallSnapshot", from |-> s, to |-> t, term |-> term[s],
     lastIndex |-> index, lastTerm |-> TermAt(log[s], index), entries |-> Prefix(log[s], index)]

Installed(s, t, index, done) ==
    [type |-> "Installed", from |-> s, to |-> t, term |-> term[s], lastIndex |-> index, done |-> done]

TimeoutNow(s, t) == [type |-> "TimeoutNow", from |-> s, to |-> t, term |-> term[s]]

\* Whether the term of a message is one that somebody has begun: those of pre-votes only might be.
Begun(m) == /\ m.type = "RequestVote" => ~m.pre
            /\ m.type = "Vote" => ~(m.pre /\ m.granted)

-----------------------------------------------------------------------------
(* Terms, the disk, crashes *)

\* Figure 2, all servers: a newer term makes a follower.
Adopt(s, m) ==
    /\ Awake(s) /\ m \in messages /\ m.to = s /\ Begun(m) /\ m.term > term[s]
    /\ term' = [term EXCEPT ![s] = m.term]
    /\ vote' = [vote EXCEPT ![s] = Nobody]
    /\ role' = [role EXCEPT ![s] = "follower"]
    /\ UNCHANGED <<told, granted, logs, match, history>>
    /\ Written(s)

\* The disk has everything, so it may be told.
Sync(s) ==
    /\ disk' = [disk EXCEPT ![s] = {[term |-> term[s], vote |-> vote[s], log |-> log[s], base |-> base[s]]}]
    /\ messages' = messages \cup outbox[s]
    /\ outbox' = [outbox EXCEPT ![s] = {}]
    /\ UNCHANGED <<voting, logs, match, history>>

\* A crash, and what the disk then happens to have; the snapshot is all that is known to be committed.
Restart(s) ==
    \E version \in disk[s] :
        /\ term' = [term EXCEPT ![s] = version.term]
        /\ vote' = [vote EXCEPT ![s] = version.vote]
        /\ log' = [log EXCEPT ![s] = version.log]
        /\ base' = [base EXCEPT ![s] = version.base]
        /\ commit' = [commit EXCEPT ![s] = version.base]
        /\ role' = [role EXCEPT ![s] = "follower"]
        /\ granted' = [granted EXCEPT ![s] = {}]
        /\ match' = [match EXCEPT ![s] = [t \in Server |-> 0]]
        /\ outbox' = [outbox EXCEPT ![s] = {}]
        /\ disk' = [disk EXCEPT ![s] = {version}]
        /\ UNCHANGED <<messages, history>>

\* A leader that nobody hears, or that can't write, gives up (thesis, section 6.2).
StepDown(s) ==
    /\ Awake(s) /\ role[s] # "follower"
    /\ role' = [role EXCEPT ![s] = "follower"]
    /\ UNCHANGED <<told, term, vote, granted, logs, match, disk, history>>

-----------------------------------------------------------------------------
(* Elections (section 5.2, 5.4.1) *)

\* Would you vote for me? Nothing is promised, so nothing is written (thesis, section 9.6).
AskAround(s) ==
    /\ PreVote /\ Awake(s) /\ role[s] # "leader"
    /\ role' = [role EXCEPT ![s] = "pre-candidate"]
    /\ granted' = [granted EXCEPT ![s] = {s}]
    /\ messages' = messages \cup {RequestVote(s, t, term[s] + 1, TRUE) : t \in Others(s)}
    /\ UNCHANGED <<outbox, term, vote, logs, match, disk, history>>

\* The leader has asked s to take over (thesis, section 3.10).
IsHeir(s) == \E m \in messages : m.type = "TimeoutNow" /\ m.to = s /\ m.term = term[s]

MayCampaign(s) == ~PreVote \/ (role[s] = "pre-candidate" /\ IsQuorum(granted[s])) \/ IsHeir(s)

\* A new term, and the vote in it for oneself.
Campaign(s) ==
    /\ Awake(s) /\ role[s] # "leader" /\ MayCampaign(s)
    /\ term' = [term EXCEPT ![s] = @ + 1]
    /\ vote' = [vote EXCEPT ![s] = s]
    /\ role' = [role EXCEPT ![s] = "candidate"]
    /\ granted' = [granted EXCEPT ![s] = {s}]
    /\ outbox' = [outbox EXCEPT ![s] = {RequestVote(s, t, term[s] + 1, FALSE) : t \in Others(s)}]
    /\ UNCHANGED <<messages, logs, match, history>>
    /\ Written(s)

AnswerPreVote(s, m) ==
    LET yes == m.term > term[s] /\ UpToDate(s, m.lastIndex, m.lastTerm) IN
    /\ Later(s, Vote(s, m.from, IF yes THEN m.term ELSE term[s], yes, TRUE))
    /\ UNCHANGED <<voting, logs, match, disk, history>>

AnswerVote(s, m) ==
    LET yes == m.term = term[s] /\ vote[s] \in {Nobody, m.from} /\ UpToDate(s, m.lastIndex, m.lastTerm) IN
    /\ m.term <= term[s]
    /\ vote' = IF yes THEN [vote EXCEPT ![s] = m.from] ELSE vote
    /\ Later(s, Vote(s, m.from, term[s], yes, FALSE))
    /\ UNCHANGED <<term, role, granted, logs, match, history>>
    /\ Written(s)

ReceiveRequestVote(s, m) == IF m.pre THEN AnswerPreVote(s, m) ELSE AnswerVote(s, m)

ReceiveVote(s, m) ==
    /\ m.granted
    /\ IF m.pre THEN role[s] = "pre-candidate" /\ m.term = term[s] + 1
                ELSE role[s] = "candidate" /\ m.term = term[s]
    /\ granted' = [granted EXCEPT ![s] = @ \cup {m.from}]
    /\ UNCHANGED <<told, term, vote, role, logs, match, disk, history>>

\* A leader begins its term with an entry of its own (section 8).
Lead(s) ==
    /\ Awake(s) /\ role[s] = "candidate" /\ IsQuorum(granted[s])
    /\ role' = [role EXCEPT ![s] = "leader"]
    /\ match' = [match EXCEPT ![s] = [t \in Server |-> 0]]
    /\ log' = [log EXCEPT ![s] = Append(@, [term |-> term[s], value |-> Noop])]
    /\ elected' = elected \cup {[term |-> term[s], leader |-> s]}
    /\ UNCHANGED <<told, term, vote, granted, base, commit, committed>>
    /\ Written(s)

-----------------------------------------------------------------------------
(* Replication (section 5.3) and commit (section 5.4.2) *)

Propose(s, value) ==
    /\ Awake(s) /\ role[s] = "leader"
    /\ log' = [log EXCEPT ![s] = Append(@, [term |-> term[s], value |-> value])]
    /\ UNCHANGED <<told, voting, base, commit, match, history>>
    /\ Written(s)

\* Entries go out while the leader's own disk writes them too. Without entries it shows that it leads; at index 0
\* all logs agree, so that can be shown to anybody.
SendAppend(s, t, prev, count, known) ==
    /\ role[s] = "leader" /\ known <= commit[s]
    /\ prev >= base[s] \/ (prev = 0 /\ count = 0)
    /\ prev + count <= Len(log[s])
    /\ AtOnce(AppendEntries(s, t, prev, count, known))
    /\ UNCHANGED <<voting, logs, match, disk, history>>

\* The log of s with what m adds: what is there already stays, whatever follows it.
Merged(s, m) ==
    LET last  == m.prevIndex + Len(m.entries)
        wrong == {i \in m.prevIndex + 1 .. last : ~Matches(s, i, m.entries[i - m.prevIndex].term)}
    IN IF wrong = {} THEN log[s]
       ELSE LET i == CHOOSE i \in wrong : \A j \in wrong : i <= j
            IN Prefix(log[s], i - 1) \o SubSeq(m.entries, i - m.prevIndex, Len(m.entries))

AcceptAppend(s, m) ==
    LET last == m.prevIndex + Len(m.entries) IN
    /\ log' = [log EXCEPT ![s] = Merged(s, m)]
    /\ commit' = [commit EXCEPT ![s] = Max(@, Min(m.commit, last))]
    /\ Later(s, Appended(s, m.from, TRUE, last))

RefuseAppend(s, m) == Later(s, Appended(s, m.from, FALSE, 0)) /\ UNCHANGED <<log, commit>>

ReceiveAppendEntries(s, m) ==
    \/ /\ m.term < term[s] /\ Settled(s)
       /\ AtOnce(Appended(s, m.from, FALSE, 0))
       /\ UNCHANGED <<voting, logs, match, disk, history>>
    \/ /\ m.term = term[s]
       /\ role' = [role EXCEPT ![s] = "follower"]
       /\ IF Matches(s, m.prevIndex, m.prevTerm) THEN AcceptAppend(s, m) ELSE RefuseAppend(s, m)
       /\ UNCHANGED <<term, vote, granted, base, match, history>>
       /\ Written(s)

Heard(s, m, index) ==
    /\ role[s] = "leader" /\ m.term = term[s]
    /\ match' = [match EXCEPT ![s][m.from] = Max(@, index)]
    /\ UNCHANGED <<told, voting, logs, disk, history>>

ReceiveAppended(s, m) == m.success /\ Heard(s, m, m.index)

\* Only an entry of its own term is committed by counting who has it (Figure 8).
Advance(s, index) ==
    /\ Awake(s) /\ role[s] = "leader"
    /\ commit[s] < index /\ index <= Len(log[s]) /\ TermAt(log[s], index) = term[s]
    /\ IsQuorum({t \in Others(s) : match[s][t] >= index} \cup (IF Durable(s, index) THEN {s} ELSE {}))
    /\ commit' = [commit EXCEPT ![s] = index]
    /\ committed' = committed \cup
           {[index |-> i, entry |-> log[s][i], term |-> term[s]] : i \in commit[s] + 1 .. index}
    /\ UNCHANGED <<told, voting, log, base, match, disk, elected>>

-----------------------------------------------------------------------------
(* Snapshots (section 7) *)

Compact(s, index) ==
    /\ Awake(s) /\ base[s] < index /\ index <= commit[s]
    /\ base' = [base EXCEPT ![s] = index]
    /\ UNCHANGED <<told, voting, log, commit, match, history>>
    /\ Written(s)

SendSnapshot(s, t, index) ==
    /\ role[s] = "leader" /\ 0 < index /\ index <= base[s]
    /\ AtOnce(InstallSnapshot(s, t, index))
    /\ UNCHANGED <<voting, logs, match, disk, history>>

\* What follows the snapshot stays, if the snapshot's last entry is there.
Install(s, m) ==
    /\ m.lastIndex > commit[s]
    /\ log' = [log EXCEPT ![s] = m.entries \o
           (IF Matches(s, m.lastIndex, m.lastTerm) THEN SubSeq(@, m.lastIndex + 1, Len(@)) ELSE <<>>)]
    /\ base' = [base EXCEPT ![s] = m.lastIndex]
    /\ commit' = [commit EXCEPT ![s] = m.lastIndex]
    /\ Later(s, Installed(s, m.from, m.lastIndex, TRUE))

\* It comes in pieces, and may be known already.
KeepPiece(s, m) ==
    /\ Later(s, Installed(s, m.from, m.lastIndex, m.lastIndex <= commit[s]))
    /\ UNCHANGED logs

ReceiveInstallSnapshot(s, m) ==
    \/ /\ m.term < term[s] /\ Settled(s)
       /\ AtOnce(Installed(s, m.from, m.lastIndex, FALSE))
       /\ UNCHANGED <<voting, logs, match, disk, history>>
    \/ /\ m.term = term[s]
       /\ role' = [role EXCEPT ![s] = "follower"]
       /\ Install(s, m) \/ KeepPiece(s, m)
       /\ UNCHANGED <<term, vote, granted, match, history>>
       /\ Written(s)

ReceiveInstalled(s, m) == m.done /\ Heard(s, m, m.lastIndex)

SendTimeoutNow(s, t) ==
    /\ role[s] = "leader"
    /\ AtOnce(TimeoutNow(s, t))
    /\ UNCHANGED <<voting, logs, match, disk, history>>

-----------------------------------------------------------------------------
(* All together *)

Receive(s, m) ==
    /\ Awake(s) /\ m \in messages /\ m.to = s
    /\ CASE m.type = "RequestVote"     -> ReceiveRequestVote(s, m)
         [] m.type = "Vote"            -> ReceiveVote(s, m)
         [] m.type = "AppendEntries"   -> ReceiveAppendEntries(s, m)
         [] m.type = "Appended"        -> ReceiveAppended(s, m)
         [] m.type = "InstallSnapshot" -> ReceiveInstallSnapshot(s, m)
         [] m.type = "Installed"       -> ReceiveInstalled(s, m)
         [] OTHER                      -> FALSE

Init ==
    /\ messages = {}
    /\ term = [s \in Server |-> 0]
    /\ vote = [s \in Server |-> Nobody]
    /\ role = [s \in Server |-> "follower"]
    /\ log = [s \in Server |-> <<>>]
    /\ base = [s \in Server |-> 0]
    /\ commit = [s \in Server |-> 0]
    /\ granted = [s \in Server |-> {}]
    /\ match = [s \in Server |-> [t \in Server |-> 0]]
    /\ disk = [s \in Server |-> {[term |-> 0, vote |-> Nobody, log |-> <<>>, base |-> 0]}]
    /\ outbox = [s \in Server |-> {}]
    /\ elected = {}
    /\ committed = {}

Crash == \E s \in Server : Restart(s)

Talk ==
    \E s \in Server :
        \/ \E m \in messages : Adopt(s, m) \/ Receive(s, m)
        \/ \E t \in Others(s), prev \in 0 .. Len(log[s]) :
               \E count \in 0 .. Len(log[s]) - prev : SendAppend(s, t, prev, count, commit[s])
        \/ \E t \in Others(s) : SendSnapshot(s, t, base[s]) \/ SendTimeoutNow(s, t)

Work ==
    \E s \in Server :
        \/ Sync(s) \/ StepDown(s) \/ AskAround(s) \/ Campaign(s) \/ Lead(s)
        \/ \E value \in Value : Propose(s, value)
        \/ \E index \in 1 .. Len(log[s]) : Advance(s, index) \/ Compact(s, index)

Next == Crash \/ Talk \/ Work

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* What Raft promises (Figure 3), by the names of the chapter *)

ElectionSafety == \A one, other \in elected : one.term = other.term => one.leader = other.leader

LeaderAppendOnly ==
    [][\A s \in Server :
          role[s] = "leader" /\ role'[s] = "leader" /\ term'[s] = term[s] =>
              Len(log'[s]) >= Len(log[s]) /\ Prefix(log'[s], Len(log[s])) = log[s]]_vars

LogMatching ==
    \A s, t \in Server : \A i \in 1 .. Min(Len(log[s]), Len(log[t])) :
        log[s][i].term = log[t][i].term => Prefix(log[s], i) = Prefix(log[t], i)

LeaderCompleteness ==
    \A s \in Server : \A c \in committed :
        role[s] = "leader" /\ term[s] > c.term => Len(log[s]) >= c.index /\ log[s][c.index] = c.entry

StateMachineSafety ==
    \A s, t \in Server : \A i \in 1 .. Min(commit[s], commit[t]) : log[s][i] = log[t][i]

\* What a server has told of its term and its vote stays true, also after a crash.
Persistence ==
    /\ \A m \in messages : Begun(m) => term[m.from] >= m.term
    /\ \A m, n \in {sent \in messages : sent.type = "Vote" /\ sent.granted /\ ~sent.pre} :
           m.from = n.from /\ m.term = n.term => m.to = n.to
=============================================================================
