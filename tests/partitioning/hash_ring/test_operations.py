"""Every operation of a ring and of its rivals, where it is and what proves it: what is not there can't be named.

What is left out, and why, stands in the chapter under *In real systems*.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: Operation: where it is done (module.name), and the test that proves it (file.test).
OPERATIONS = {
    "make a ring: so many points for each node": (
        "ring.HashRing", "test_ring.a_number_of_points_that_makes_no_sense_is_refused"),
    "a fixed, named hash": (
        "hashing.blake", "test_hashing.another_process_with_another_hash_seed_finds_the_same_values"),
    "add a node": (
        "placement.Placement.with_node", "test_laws.a_join_moves_keys_to_the_newcomer_alone"),
    "remove a node, and no point of another": (
        "placement.Placement.without", "test_ring.points_that_collide_lose_nobodys_keys"),
    "refuse a node that is there, and one that is not": (
        "placement.Placement.member", "test_placement.an_unknown_node_is_refused"),
    "change a weight": (
        "placement.Placement.with_weight", "test_laws.a_change_of_weight_moves_keys_only_to_or_from_that_node"),
    "the node of a key: the first point clockwise": (
        "ring.HashRing.owner", "test_ring.a_key_belongs_to_the_first_point_at_its_place_or_after_it"),
    "the nodes of many keys at once": (
        "batch.Batch", "test_ring.many_keys_at_once_go_where_each_would"),
    "the next nodes of a key, each once": (
        "ring.HashRing.walk", "test_placement.a_preference_begins_with_the_owner_and_names_each_node_once"),
    "replicas on as many nodes as were asked for, or an error": (
        "placement.Placement.replicas", "test_placement.copies_for_which_there_are_no_nodes_are_refused"),
    "replicas in different zones": (
        "placement.Placement.spread", "test_placement.copies_are_in_as_many_zones_as_there_are"),
    "which ranges move from whom to whom": (
        "movement.plan", "test_plan.a_layout_says_who_holds_a_key_and_the_plan_copies_just_the_keys_that_move"),
    "hand a range over, and only then forget it": (
        "movement.Plan.apply", "test_plan.at_no_moment_has_a_key_fewer_copies_than_it_had"),
    "place by the remainder": (
        "numbered.Modulo", "test_drafts.modulo_moves_all_but_one_key_in_n"),
    "place by jump hash": (
        "numbered.jump", "test_numbered.jump_agrees_with_the_papers_c_code"),
    "place by the highest random weight": (
        "rendezvous.Rendezvous", "test_rendezvous.shares_are_those_of_the_weights_within_chance"),
    "place by Maglev's table": (
        "maglev.populate", "test_maglev.the_papers_example_with_three_backends_and_after_one_has_left"),
    "place as ketama does": (
        "ring.KetamaRing", "test_ketama.libmemcacheds_own_cases_hold"),
    "place with a bound for each node": (
        "bounded.BoundedLoad.place", "test_bounded.placed_all_at_once_no_node_is_over_its_bound"),
    "admit keys one at a time, and let them go": (
        "bounded.BoundedLoad.release", "test_bounded.when_keys_go_the_bound_falls_and_who_is_over_it_gives_keys_away"),
    "move others on when a key comes, and back when it goes": (
        "bounded.BoundedLoad.admit",
        "test_bounded.a_key_of_precedence_drives_another_out_and_when_it_goes_the_other_comes_back"),
    "measure how evenly keys are spread": (
        "measure.balance", "test_measure.the_loads_of_a_ring_deviate_as_theory_says"),
    "measure what a change moves, and what it had to": (
        "measure.moves", "test_measure.a_move_between_two_that_did_not_change_is_needless"),
    "measure memory and the cost of a look-up": (
        "placement.Placement.cost", "test_maglev.a_look_up_is_one_step_and_the_table_is_what_it_costs"),
    "keep a cache warm while nodes join": (
        "runs.cache_run", "test_runs.a_consistent_placement_keeps_the_caches_settled_under_every_seed"),
    "change the ring by hand, and see what moves": (
        "lab.RingBoard", "test_lab.loads_and_moves_are_those_of_the_ring"),
    "compare with what real systems do": (
        "real.valkey_slots", "test_real.a_valkey_cluster_has_each_key_in_the_slot_that_we_compute"),
    "the ring to look at, with keys, points, loads and arcs that move": (
        "view.state", "test_view.a_state_has_the_points_of_its_nodes_and_the_keys_that_they_own"),
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_is_there_and_has_a_test(operation: str) -> None:
    place, proof = OPERATIONS[operation]
    module, *names = place.split(".")
    found = import_module(f"lessons.partitioning.hash_ring.{module}")
    for name in names:
        found = getattr(found, name)
    file, test = proof.split(".")
    assert re.search(rf"^def test_{test}\(", (HERE / f"{file}.py").read_text(encoding="utf8"), re.MULTILINE)
