"""What a step says of equilibria as a set, held against all of them: how many, with which chances, worth how much."""

from __future__ import annotations

from collections.abc import Sequence

from inference.verifiers.game import solve
from inference.verifiers.game.dominance import Answer, Place
from inference.verifiers.game.equilibria import equilibria
from inference.verifiers.game.names import index, near
from inference.verifiers.game.said import Said
from inference.verifiers.game.solve import Profile
from inference.verifiers.game.table import COLUMN, ROW, Game, shown

INFINITE = "the game is degenerate or large: its equilibria are not all known"
_COUNTS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def leaves(game: Game, place: Place) -> str:
    """Return who would leave a cell and for what, or that nobody gains by leaving it."""
    for player in (ROW, COLUMN):
        own, other = place[player], place[1 - player]
        best = solve.best_responses(game, player, other)
        if own not in best:
            gain = shown(game.of(player, min(best), other)), shown(game.of(player, own, other))
            name = game.actions[player][min(best)]
            return f"{game.players[player]} gains by {name} there: {gain[0]} instead of {gain[1]}"
    return "nobody gains by another action there"


def is_mixed(profile: Profile) -> bool:
    return any(0 < weight < 1 for mix in profile for weight in mix)


def _place(profile: Profile) -> Place:
    return profile[ROW].index(max(profile[ROW])), profile[COLUMN].index(max(profile[COLUMN]))


def none_besides(game: Game, cells: Sequence[Place]) -> Answer:
    """Answer whether these cells, which are equilibria, are all that there are."""
    found = equilibria(game)
    mixed = [profile for profile in found.profiles if is_mixed(profile)]
    if mixed:
        return False, f"there is another one: {described(game, mixed[0])}", tuple(cells)
    return (
        (True, "there is no other, mixed or pure", tuple(cells)) if found.complete else (None, INFINITE, tuple(cells))
    )


def count(said: Said, game: Game) -> Answer:
    """Answer "there are two pure equilibria" and the like; "there is one" does not exclude a second."""
    words = said.words["count"].lower().split()
    claimed = _COUNTS.get(words[-1], 1)
    which = (said.words.get("which") or said.words.get("which2") or "").lower()
    pure = solve.pure_equilibria(game)
    if which == "pure":
        told = " and ".join(_cell(game, place) for place in pure[:4]) or "no cell"
        return _counted(claimed, len(pure), words), f"{told} {'are' if len(pure) > 1 else 'is'} stable", tuple(pure[:4])
    found = equilibria(game)
    meant = [profile for profile in found.profiles if not which or is_mixed(profile)]
    told = "; ".join(described(game, profile) for profile in meant[:3]) or "none was found"
    if not which and claimed and claimed == len(pure) != len(meant):
        return None, f"it may speak of pure ones only ({told})", ()
    sure = found.complete or (claimed == 0 and bool(meant))
    return (_counted(claimed, len(meant), words) if sure else None), told if sure else INFINITE, ()


def _counted(claimed: int, actual: int, words: Sequence[str]) -> bool | None:
    if claimed == actual:
        return True
    return None if words == ["one"] and actual > 1 else False


def chance(said: Said, game: Game) -> Answer:
    """Answer "Row plays T with probability 1/3" of the equilibria, of the mixed ones where there are any."""
    found = equilibria(game)
    mixed = [profile for profile in found.profiles if is_mixed(profile)]
    seen: dict[str, None] = {}
    asked = [player for player in said.players if index(game, player, said.words["x"]) is not None]
    for player in asked:
        action = index(game, player, said.words["x"]) or 0
        for profile in mixed or found.profiles:
            if near(said.words["n"], profile[player][action]):
                return True, f"one equilibrium: {described(game, profile)}", ()
            seen[described(game, profile)] = None
    if not asked:
        return None, f"no player has {said.words['x']}", ()
    if not found.complete:
        return None, INFINITE, ()
    where = "in the mixed equilibrium" if len(mixed) == 1 else "in equilibrium"
    return False, f"{where} {' or '.join(list(seen)[:3])}", ()


def value(said: Said, game: Game) -> Answer:
    """Answer what a player gets in equilibrium; "the value of the game" is Row's, in a zero-sum game only."""
    found = equilibria(game)
    player = ROW
    if "p" in said.words:
        player = said.players[0]
    elif not game.zero_sum:
        return None, "the game is not zero-sum, so it has no value of its own", ()
    mixed = [profile for profile in found.profiles if is_mixed(profile)] if said.words.get("which") else []
    pays = {solve.value(game, player, profile) for profile in mixed or found.profiles}
    if any(near(said.words["n"], pay) for pay in pays):
        return True, f"{game.players[player]} gets {said.words['n'].strip()} in equilibrium", ()
    if not (found.complete or (game.zero_sum and pays)):
        return None, INFINITE, ()
    told = " or ".join(shown(pay) for pay in sorted(pays))
    return False, f"{game.players[player]} gets {told} in equilibrium, not {said.words['n'].strip()}", ()


def described(game: Game, profile: Profile) -> str:
    """Return an equilibrium in words: "Row plays T with 1/3 and B with 2/3, Column plays L"."""
    if not is_mixed(profile):
        return _cell(game, _place(profile))
    return ", ".join(_mix(game, player, profile) for player in (ROW, COLUMN))


def _mix(game: Game, player: int, profile: Profile) -> str:
    used = [(name, weight) for name, weight in zip(game.actions[player], profile[player], strict=True) if weight]
    if len(used) == 1:
        return f"{game.players[player]} plays {used[0][0]}"
    return f"{game.players[player]} plays " + " and ".join(f"{name} with {shown(weight)}" for name, weight in used)


def _cell(game: Game, place: Place) -> str:
    return f"({game.actions[ROW][place[0]]}, {game.actions[COLUMN][place[1]]})"
