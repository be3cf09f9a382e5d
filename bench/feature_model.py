#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A feature model in DIMACS CNF as Kconfig gives them, drawn at random: bench/feature_model.py VARIABLES CLAUSES SEED

Options stand in menus and depend on them; choices have exactly one option; options select others; what depends on two conditions
has a variable of its own for them; some options are never on, some always. The same arguments give the same model, which some
random configurations satisfy by the way it is drawn."""
import random
import sys

PLANTED = 12  # configurations that the model has for certain


def draw_tree(r, n):
    """The menu of each option, 0 for none; options come after their menus. Most are near the top."""
    parent = [0] * (n + 1)
    for x in range(2, n + 1):
        if r.random() < 0.85:
            parent[x] = min(r.randrange(1, x), r.randrange(1, x))
    return parent


def draw_choices(r, parent):
    """Some options of one menu that have no options of their own."""
    leaves, menus = {}, set(parent)
    for x in range(1, len(parent)):
        if x not in menus:
            leaves.setdefault(parent[x], []).append(x)
    return [(p, found[:r.randint(2, 6)]) for p, found in sorted(leaves.items()) if p and len(found) > 2 and r.random() < 0.25]


def draw_configuration(r, parent, choices, always, never):
    on = [False] * len(parent)
    for x in range(1, len(parent)):
        on[x] = x not in never and (parent[x] == 0 or on[parent[x]]) and (x in always or r.random() < 0.6)
    for p, options in choices:
        for x in options:
            on[x] = False
        if on[p]:
            on[r.choice(options)] = True
    return on


def draw_rule(r, n):
    a, b, c = r.sample(range(1, n + 1), 3)
    kind = r.random()
    if kind < 0.45:
        return [[-a, b]]
    if kind < 0.65:
        return [[-a, b, c]]
    if kind < 0.8:
        return [[-a, -b]]
    return [[-a, b], [-a, c], [a, -b, -c]]


def feature_model(n, nclauses, seed):
    r = random.Random(seed)
    parent = draw_tree(r, n)
    choices = draw_choices(r, parent)
    chosen = {x for _, options in choices for x in options}
    tops = [x for x in range(1, n + 1) if parent[x] == 0]
    always = set(tops[:max(1, n // 60)])
    never = {x for x in r.sample(range(1, n + 1), n // 25) if x not in always and x not in chosen}
    clauses = [[-x, parent[x]] for x in range(1, n + 1) if parent[x]] + [[x] for x in sorted(always)] + [[-x] for x in sorted(never)]
    for p, options in choices:
        clauses.append([-p, *options])
        clauses += [[-a, -b] for i, a in enumerate(options) for b in options[i + 1:]]
    planted = [draw_configuration(r, parent, choices, always, never) for _ in range(PLANTED)]
    clauses = clauses[:nclauses]
    for _ in range(1000 * nclauses):
        rule = draw_rule(r, n)
        if len(clauses) + len(rule) <= nclauses and all(any(on[abs(x)] == (x > 0) for x in c) for c in rule for on in planted):
            clauses += rule
        if len(clauses) == nclauses:
            break
    return clauses


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    n, nclauses, seed = map(int, sys.argv[1:])
    clauses = feature_model(n, nclauses, seed)
    print(f"c {' '.join(sys.argv[1:])}\np cnf {n} {len(clauses)}")
    for clause in clauses:
        print(*clause, 0)


if __name__ == "__main__":
    main()
