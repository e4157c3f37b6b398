"""Log replication (paper, section 5.3): a leader's entries become everybody's, and committed."""

from __future__ import annotations

from collections.abc import Iterable

from lessons.agreement.raft.application import Application
from lessons.agreement.raft.log import Entry, Kind
from lessons.agreement.raft.messages import Appended, AppendEntries, Installed, InstallSnapshot
from lessons.agreement.raft.progress import Mode, Progress
from lessons.agreement.raft.server import Role, unless_full
from lessons.agreement.raft.storage import Snapshot
from lessons.node import DiskFull, Timer


class Replication(Application):
    """The leader's side and the follower's side of AppendEntries and InstallSnapshot."""

    def start(self) -> None:
        """See ``Server.start``."""
        self.progress: dict[str, Progress] = {}
        self.round = self.durable = self.first_index = 0
        self.pulse: Timer | None = None
        self.flushing = False
        self.arriving, self.arrived = (0, 0, 0), bytearray()  # which snapshot, and its bytes as far as they are here
        super().start()

    # The leader

    def take_office(self) -> None:
        """Lead: begin the term with an entry of our own, and tell everybody (section 5.2, 5.4.2, 8)."""
        self.role, self.leader = Role.LEADER, self.name
        self.rest()
        self.progress = {}
        self.meet_members()
        self.durable = self.log.last  # whatever a candidate says of its log is synced
        self.pulse = self.every(self.options.heartbeat, self.beat)
        try:
            self.first_index = self.append(Entry(self.term, Kind.NOOP))
        except DiskFull:
            self.follow(None)  # a leader that cannot write is of no use

    def left_office(self) -> None:
        """See ``Server.left_office``."""
        super().left_office()
        self.progress = {}
        if self.pulse is not None:
            self.pulse.cancel()

    def meet_members(self) -> None:
        """Keep one progress for each other server of the configuration in force."""
        known, now = self.progress, self.monotonic
        self.progress = {server: known.get(server) or Progress(self.log.last + 1, heard=now) for server in self.others}

    def append(self, *entries: Entry) -> int:
        """Add entries to our log, and soon send them; returns the index of the first. Raises DiskFull, unchanged."""
        index = self.log.last + 1
        self.storage.save_entries(index, entries)
        self.log.put(index, entries)
        if entries[-1].kind is Kind.MEMBERS:  # it comes alone
            self.find_members()
            self.meet_members()
        self.flush_soon()
        return index

    def flush_soon(self) -> None:
        """Flush when all else that happens at this moment has happened."""
        if not self.flushing:
            self.flushing = True
            self.after(0, self.flush)

    def flush(self) -> None:
        """Send what was appended, all in one, while our own disk writes it too (thesis 10.2.1)."""
        self.flushing = False
        if self.role is Role.LEADER:
            self.replicate(self.progress)
            self.storage.sync()
            self.durable = self.log.last
            self.advance()

    def beat(self, again: bool = True) -> None:
        """Show that we lead; ``again``: and send once more what has found no answer."""
        self.round += 1
        for server, progress in self.progress.items():
            if again and progress.mode is not Mode.STREAM:
                progress.inflight = []
            if progress.inflight or progress.mode is Mode.STREAM:
                self.send_heartbeat(server, progress)
            else:
                self.send_next(server, progress)

    def replicate(self, servers: Iterable[str]) -> None:
        """Send to these servers whatever they lack, as far as their windows allow."""
        for server in servers:
            progress = self.progress[server]
            while progress.next <= self.log.last and progress.may_send(self.options.window):
                self.send_next(server, progress)

    def send_next(self, server: str, progress: Progress) -> None:
        """Send the next batch, or the next piece of the snapshot."""
        before = progress.next - 1
        prev_term = self.log.term_at(before)
        if prev_term is None:
            self.send_piece(server, progress)
            return
        entries = self.log.batch(progress.next, self.options.batch, self.options.size)
        self.send(server, AppendEntries(self.term, before, prev_term, entries, self.commit, self.round))
        if entries:
            progress.inflight.append(before + len(entries))
            if progress.mode is Mode.STREAM:
                progress.next += len(entries)

    def send_heartbeat(self, server: str, progress: Progress) -> None:
        """Send no entries: they are on their way; if they were lost, the answer to this tells."""
        before = progress.next - 1
        prev_term = self.log.term_at(before)
        if prev_term is None and progress.mode is Mode.STREAM:
            self.send_piece(server, progress)
            return
        if prev_term is None:
            before = prev_term = 0  # a snapshot is on its way: at the beginning all logs agree
        self.send(server, AppendEntries(self.term, before, prev_term, (), self.commit, self.round))

    def send_piece(self, server: str, progress: Progress) -> None:
        """Send the piece of a snapshot that the follower lacks.

        We may have a newer one by now. But who always began anew would never have a whole one, if they come fast.
        """
        if progress.mode is not Mode.SNAPSHOT:
            progress.send_snapshot(self.snapshot)
        snapshot = progress.snapshot
        progress.inflight = [snapshot.index]
        start = progress.offset
        piece = snapshot.data[start : start + self.options.chunk]
        done = start + len(piece) == len(snapshot.data)
        self.send(
            server,
            InstallSnapshot(self.term, snapshot.index, snapshot.term, snapshot.members, start, piece, done, self.round),
        )

    @unless_full
    def on_appended(self, follower: str, answer: Appended) -> None:
        """Move on, or back up and try again (section 5.3)."""
        progress = self.heard_from(follower, answer.term, answer.round)
        if progress is None:
            return
        if answer.success:
            progress.succeeded(answer.index)
            if progress.match > self.commit:  # else it can't be what a majority was waiting for
                self.advance()
        elif answer.prev_index > progress.match and (
            progress.mode is Mode.STREAM or answer.prev_index == progress.next - 1
        ):
            # Skip the whole term that the follower has there: nothing of a later term can agree.
            progress.back_up(self.log.end_of_term(answer.hint_term, answer.index))
        if follower in self.progress:
            self.replicate([follower])

    @unless_full
    def on_installed(self, follower: str, answer: Installed) -> None:
        """Send the next piece of the snapshot, or go on behind it."""
        progress = self.heard_from(follower, answer.term, answer.round)
        if progress is None:
            return
        if answer.done:
            progress.succeeded(answer.last_index)
            self.advance()
        else:
            progress.received(answer.last_index, answer.offset)
        if follower in self.progress:
            self.replicate([follower])

    def heard_from(self, follower: str, term: int, round: int) -> Progress | None:
        """Note that a follower has answered; None when the answer is for another term or office."""
        if term > self.term:
            self.adopt(term)
            self.storage.sync()
        if self.role is not Role.LEADER or term != self.term or follower not in self.progress:
            return None
        progress = self.progress[follower]
        progress.heard = self.monotonic
        progress.round = max(progress.round, round)
        return progress

    def advance(self) -> None:
        """Commit what a majority has, if it is of our own term (section 5.4.2, Figure 8)."""
        index = int(self.members.agreed(self.match_of))
        if index > self.commit and self.log.term_at(index) == self.term:
            self.commit_to(index)

    def match_of(self, server: str) -> float:
        """How far the log of ``server`` is known to be durable and the same as ours."""
        if server == self.name:
            return self.durable
        progress = self.progress.get(server)
        return progress.match if progress else 0

    # The follower

    @unless_full
    def on_append_entries(self, leader: str, append: AppendEntries) -> None:
        """Figure 2, AppendEntries RPC, receiver: steps 1 to 5."""
        if not self.accept(leader, append.term):
            self.send(leader, Appended(self.term, False, 0, append.round))
            return
        if not self.log.matches(append.prev_index, append.prev_term):
            self.storage.sync()
            self.send(leader, self.refusal(append))
            return
        index, news = self.log.news(append.prev_index, append.entries)
        if news:
            self.storage.save_entries(index, news)
            self.log.put(index, news)
            if index <= self.members_index or Kind.MEMBERS in [entry.kind for entry in news]:
                self.find_members()
        self.storage.sync()
        last = append.prev_index + len(append.entries)
        self.send(leader, Appended(self.term, True, last, append.round))
        self.commit_to(min(append.commit, last))

    def refusal(self, append: AppendEntries) -> Appended:
        """Where the logs may still agree: not behind our end, and not in the term that is wrong."""
        index = min(append.prev_index - 1, self.log.last)
        index = self.log.end_of_term(append.prev_term, index)
        hint = self.log.term_at(index) or 0
        return Appended(self.term, False, index, append.round, hint, append.prev_index)

    def accept(self, leader: str, term: int) -> bool:
        """Believe in the leader of ``term``, unless that term is over. Raises DiskFull, unchanged."""
        if term < self.term:
            return False
        if term > self.term:
            self.adopt(term)
        self.follow(leader)
        self.heard = self.monotonic
        self.wait_for_leader()
        return True

    @unless_full
    def on_install_snapshot(self, leader: str, piece: InstallSnapshot) -> None:
        """Figure 13, receiver: collect the pieces in order, then take the snapshot over."""
        if not self.accept(leader, piece.term):
            self.send(leader, Installed(self.term, piece.last_index, 0, False, piece.round))
            return
        done = piece.last_index <= self.commit
        here = 0 if done else self.collect(piece)
        if not done and piece.done and here == piece.offset + len(piece.data):
            self.install(Snapshot(piece.last_index, piece.last_term, piece.members, bytes(self.arrived)))
            self.arriving, self.arrived = (0, 0, 0), bytearray()
            done = True
        self.storage.sync()
        self.send(leader, Installed(self.term, piece.last_index, here, done, piece.round))

    def collect(self, piece: InstallSnapshot) -> int:
        """Add a piece that fits to the snapshot that is arriving; returns how many bytes are here.

        Another leader's bytes may be others, though they mean the same.
        """
        which = (piece.term, piece.last_index, piece.last_term)
        if self.arriving != which:
            self.arriving, self.arrived = which, bytearray()
        if piece.offset == len(self.arrived):
            self.arrived += piece.data
        return len(self.arrived)
