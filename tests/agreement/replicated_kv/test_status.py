"""The cluster's status: each server's own account, from one source, and nobody counted who did not answer."""

from __future__ import annotations

from lessons.agreement.raft.messages import ChangeMembers
from lessons.agreement.replicated_kv.messages import Report, Status
from tests.agreement.replicated_kv.cluster import Cluster
from tests.agreement.replicated_kv.stage import Stage


def test_a_server_tells_what_it_is_at() -> None:
    cluster = Cluster()
    lease = cluster.do(lambda ann: ann.grant(10.0))
    cluster.do(lambda ann: ann.put("x", "123", lease))
    cluster.do(lambda ann: ann.put("y", b"4"))
    cluster.wait()
    reports = cluster.do(lambda ann: ann.status())
    assert set(reports) == set(cluster.names)
    for report in reports.values():
        assert (report.leader, report.voters, report.learners) == (cluster.leader, cluster.names, ())
        assert (report.commit, report.applied, report.last, report.revision) == (5, 5, 5, 2)
        assert (report.keys, report.size, report.leases, report.sessions) == (2, 6, 1, 1)
    assert [report.role for report in reports.values()].count("leader") == 1


def test_a_leader_tells_how_far_the_others_are_and_since_when_they_are_silent() -> None:
    cluster = Cluster()
    silent, other = cluster.followers
    cluster.sim.faults.crash(silent)
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.wait(1.0)
    reports = cluster.do(lambda ann: ann.status())
    assert set(reports) == {cluster.leader, other}
    known = {follower.name: follower for follower in reports[cluster.leader].followers}
    assert known[other].match == reports[cluster.leader].last and known[other].silent < 0.1
    assert known[silent].match < known[other].match and known[silent].silent > 0.9
    assert reports[other].followers == ()


def test_who_leads_no_more_and_does_not_know_it_still_says_so_with_its_term() -> None:
    cluster = Cluster()
    old = cluster.leader
    before = cluster.do(lambda ann: ann.status())[old].term
    cluster.sim.faults.pause(old)
    cluster.until(lambda: cluster.leader != old)
    cluster.sim.faults.resume(old)
    newest = max(cluster.do(lambda ann: ann.status()).values(), key=lambda report: report.term)
    assert newest.term > before and newest.leader == cluster.leader


def test_members_are_those_of_the_log_alone() -> None:
    cluster = Cluster(size=3)
    cluster.do(lambda ann: ann.attempt(cluster.leader, ChangeMembers(cluster.names[:2]), 1.0))
    cluster.wait(0.5)
    assert cluster.do(lambda ann: ann.status())["n1"].voters == cluster.names[:2]


def test_a_server_that_has_never_heard_of_anybody_has_a_status_too() -> None:
    answer = Stage().ask("ann", Status())
    assert isinstance(answer, Report)
    assert (answer.role, answer.term, answer.leader, answer.revision, answer.time) == ("follower", 0, None, 0, 0.0)
