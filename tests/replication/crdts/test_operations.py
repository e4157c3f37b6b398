"""Every operation of replicated data, where it is and what proves it: what is not there can't be named.

What is left out, and why, stands in the chapter under *In real systems*. ``test_synopsis`` lists the types.
"""

from __future__ import annotations

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

HERE = Path(__file__).parent
#: Operation: where it is done (module.name), and the test that proves it (file.test).
OPERATIONS = {
    "merge two states": (
        "lattice.Lattice.merge", "test_laws.merging_is_commutative_associative_and_idempotent"),
    "compare two states": (
        "lattice.Lattice.__le__", "test_laws.the_join_is_the_least_upper_bound"),
    "copy a state": (
        "lattice.Lattice.copy", "test_laws.a_merge_leaves_the_other_as_it_was_and_shares_nothing_with_it"),
    "refuse a state of another type": (
        "lattice.alike", "test_laws.a_state_of_another_type_is_refused"),
    "increment, each replica in a slot of its own": (
        "counters.GCounter.increment", "test_counters.a_counter_adds_in_the_slot_of_each_replica_and_shows_the_sum"),
    "decrement": (
        "counters.PNCounter.decrement", "test_counters.a_pn_counter_goes_up_and_down_and_below_zero"),
    "reset a counter": (
        "counters.ResettableCounter.reset", "test_counters.a_reset_takes_back_what_it_has_seen_and_no_more"),
    "add to a set that only grows": (
        "sets.GSet.add", "test_sets.a_grow_only_set_is_a_union"),
    "remove from a 2P-set, for ever": (
        "sets.TwoPhaseSet.remove", "test_sets.a_2p_set_removes_for_ever"),
    "add and remove by time": (
        "sets.LWWElementSet.remove", "test_sets.in_an_lww_set_the_later_of_add_and_remove_decides"),
    "remove what was observed, and add again": (
        "orset.ORSet.add", "test_sets.a_concurrent_addition_wins_and_an_element_may_come_back"),
    "remove without a tombstone": (
        "orset.ORSet.remove", "test_sets.an_or_set_keeps_nothing_of_what_was_removed"),
    "remove all elements": (
        "orset.ORSet.clear", "test_sets.an_or_set_can_be_emptied_and_what_is_added_meanwhile_stays"),
    "refuse what is no element": (
        "rules.element", "test_sets.what_only_looks_like_an_element_that_is_here_is_refused_and_changes_nothing"),
    "write a register, the last writer wins": (
        "registers.LWWRegister.write", "test_registers.the_later_write_wins_in_whatever_order_they_meet"),
    "one total order of writes, that no merge changes": (
        "registers.later",
        "test_registers.at_the_same_time_the_name_of_the_writer_decides_and_a_merge_changes_no_name"),
    "write a register, concurrent values are kept": (
        "registers.MVRegister.write", "test_registers.concurrent_writes_are_all_kept_until_one_has_seen_them"),
    "switch a flag": (
        "flags.Flag.enable", "test_registers.a_flag_that_was_switched_both_ways_at_once_is_what_its_name_says"),
    "update a value in a map": (
        "maps.Map.update", "test_maps.maps_hold_maps_and_everything_else_that_is_causal"),
    "remove a key of a map": (
        "maps.Map.remove", "test_maps.an_update_beside_the_removal_of_its_key_survives_alone"),
    "type into a text, and delete from it": (
        "text.ListText.insert", "test_text.what_was_typed_between_two_characters_stays_between_them"),
    "type and delete in a long text": (
        "text.GraphText.merge", "test_text.both_implementations_show_the_same_at_every_step"),
    "hold an edit back until its cause is here": (
        "text.GraphText.receive", "test_text.an_edit_whose_cause_is_missing_waits_and_shows_nothing"),
    "name an update by a dot": (
        "dots.Context.next", "test_dots.the_next_dot_is_new_and_joins"),
    "compare versions: before, after, beside": (
        "dots.DottedVersion.concurrent", "test_dots.a_dotted_version_has_seen_its_past_and_nothing_else"),
    "make a delta, and join deltas": (
        "causal.Causal.change", "test_laws.deltas_joined_into_one_bring_the_same_as_each_alone"),
    "prepare an operation, and let it take effect": (
        "operations.ByOperation.prepare", "test_broadcast.every_type_has_a_form_by_operation_that_can_be_saved"),
    "broadcast in causal order": (
        "broadcast.CausalBroadcast.is_ready", "test_broadcast.an_operation_that_comes_before_its_cause_waits_for_it"),
    "deliver an operation once": (
        "broadcast.CausalBroadcast.on_operation", "test_broadcast.an_operation_that_comes_again_is_dropped"),
    "send again what was lost": (
        "broadcast.CausalBroadcast.on_progress",
        "test_broadcast.what_was_lost_is_asked_for_and_sent_from_the_log_even_of_others"),
    "bring each other up to date with whole states": (
        "gossip.StateGossip.ship", "test_gossip.with_whole_states_no_seed_of_150_does"),
    "bring each other up to date with deltas": (
        "gossip.DeltaGossip.since", "test_gossip.a_delta_is_sent_until_it_is_confirmed_and_then_no_more"),
    "keep the state on disk": (
        "replica.Replica.keep", "test_gossip.what_was_done_is_there_after_a_crash_at_any_moment"),
    "refuse an update in words": (
        "replica.Refused", "test_gossip.a_user_is_told_what_was_done_and_what_was_refused"),
    "know what every replica has seen": (
        "stability.Stability.stable", "test_stability.what_all_have_seen_is_stable"),
    "forget tombstones": (
        "replica.Replica.tidy", "test_gossip.tombstones_go_once_everybody_has_them"),
    "keep tombstones for a replica that is away": (
        "orset.TaggedSet.purge",
        "test_gossip.a_replica_that_was_away_for_long_holds_the_tombstones_and_brings_nothing_back"),
    "forget deleted characters": (
        "text.ListText.purge", "test_text.a_tombstone_goes_once_everybody_has_seen_it_and_nothing_hangs_on_it"),
    "write a state or a delta as JSON": (
        "codec.dumps", "test_laws.states_and_deltas_survive_their_json_form"),
    "read JSON from outside": (
        "codec.loads", "test_codec.a_wounded_state_is_refused_in_words_or_is_a_state"),
    "pack a text with its history": (
        "text.packing.pack", "test_graph_text.what_is_packed_is_unpacked"),
    "replay a recorded session": (
        "__main__.replay", "test_sessions.the_command_says_what_came_out_and_exits_with_0_only_if_it_is_right"),
    "say what a history of updates asks for": (
        "specification.latest", "test_laws.every_replica_shows_what_the_updates_that_it_has_seen_ask_for"),
    "break replicas by hand": (
        "lab.crdt_lab", "test_lab.every_type_has_a_first_run_in_which_two_branches_meet_and_all_agree"),
    "run on the real network": (
        "gossip.DeltaGossip", "test_tcp.replicas_agree_although_one_stops_in_the_middle_and_comes_back"),
    "compare with what a real store does": (
        "real.split_brain", "test_real.where_the_real_store_keeps_one_side_the_joined_counter_and_set_keep_both"),
    "draw versions, and the joins where branches meet": (
        "view.MergePicture", "test_view.the_versions_of_a_run_branch_and_meet"),
    "draw who typed each character": (
        "view.TextPicture", "test_view.a_text_shows_who_typed_what_and_its_tombstones"),
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_is_there_and_has_a_test(operation: str) -> None:
    place, proof = OPERATIONS[operation]
    assert resolve_name(f"lessons.replication.crdts.{place}")
    file, test = proof.split(".")
    assert re.search(rf"^def test_{test}\(", (HERE / f"{file}.py").read_text(encoding="utf8"), re.MULTILINE)
