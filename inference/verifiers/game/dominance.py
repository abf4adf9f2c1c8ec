"""What a step says of dominance and elimination, held against the theory. Knows nothing about wording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from inference.verifiers.game import solve
from inference.verifiers.game.names import index
from inference.verifiers.game.said import Said
from inference.verifiers.game.table import COLUMN, ROW, Game, shown

Place = tuple[int, int]
# Whether it holds (None: open), a sentence why, and the cells that show it.
Answer = tuple[bool | None, str, tuple[Place, ...]]


def _each_player(said: Said, game: Game, names: Sequence[str], ask: Callable[..., Answer]) -> Answer:
    """Ask about every player who has all the named actions; open where the players differ."""
    found: list[Answer] = []
    named = [player for player in said.players if all(index(game, player, name) is not None for name in names)]
    for player in named or (ROW, COLUMN):
        places = [index(game, player, name) for name in names]
        if None not in places:
            found.append(ask(player, *places))
    if not found:
        return None, f"no player has {listed(names)}", ()
    if len({answer[0] for answer in found}) > 1:
        return None, f"true of one player only, and which is meant is not said ({found[0][1]})", ()
    return found[0]


def cell(player: int, own: int, other: int) -> Place:
    return (own, other) if player == ROW else (other, own)


def dominates(said: Said, game: Game) -> Answer:
    def ask(player: int, better: int, worse: int) -> Answer:
        how = solve.dominates(game, player, better, worse)
        x, y = game.actions[player][better], game.actions[player][worse]
        against = [at for at in range(len(game.actions[1 - player]))
                   if game.of(player, better, at) <= game.of(player, worse, at)]  # fmt: skip
        worst = min(against, key=lambda at: game.of(player, better, at) - game.of(player, worse, at), default=0)
        if how == "strictly":
            why = f"{x} pays {game.players[player]} more than {y} against everything"
        else:
            pays = shown(game.of(player, better, worst)), shown(game.of(player, worse, worst))
            against_it = game.actions[1 - player][worst]
            why = f"against {against_it}, {x} pays {game.players[player]} {pays[0]} and {y} {pays[1]}"
        return _how(said, how), why, (cell(player, better, worst), cell(player, worse, worst))

    return _each_player(said, game, (said.words["x"], said.words["y"]), ask)


def _how(said: Said, how: str) -> bool | None:
    """Return whether "strictly dominates" and the like hold; "dominates" alone is open where it is weak dominance."""
    wanted = (said.words.get("how") or said.words.get("how2") or "").lower()[:4]
    holds: bool | None = how != ""
    if wanted == "stri":
        holds = how == "strictly"
    elif not wanted and how == "weakly":
        holds = None
    return holds if said.sense or holds is None else not holds


def dominated(said: Said, game: Game) -> Answer:
    def ask(player: int, action: int) -> Answer:
        how = solve.dominated(game, player, action)
        why = f"{game.actions[player][action]} is {how} dominated" if how else _undominated(game, player, action)
        return _how(said, how), why, tuple(cell(player, action, at) for at in range(len(game.actions[1 - player])))

    return _each_player(said, game, (said.words["x"],), ask)


def _undominated(game: Game, player: int, action: int) -> str:
    name = game.actions[player][action]
    for other, against in enumerate(game.actions[1 - player]):
        if action in solve.best_responses(game, player, other):
            return f"nothing dominates {name}: it is a best response to {against}"
    return f"nothing dominates {name}, no mixture either"


def dominant(said: Said, game: Game) -> Answer:
    def ask(player: int, action: int) -> Answer:
        how = solve.dominant(game, player, action)
        name = game.actions[player][action]
        for other, against in enumerate(game.actions[1 - player]):
            best = solve.best_responses(game, player, other)
            if action not in best:
                rival = game.actions[player][min(best)]
                pays = shown(game.of(player, min(best), other)), shown(game.of(player, action, other))
                why = f"against {against}, {rival} pays {game.players[player]} {pays[0]} and {name} {pays[1]}"
                return _how(said, how), why, (cell(player, min(best), other), cell(player, action, other))
        return _how(said, how), f"{name} is {how + ' dominant' if how else 'a best response to everything'}", ()

    return _each_player(said, game, (said.words["x"],), ask)


def none_dominant(said: Said, game: Game) -> Answer:
    for player in said.players if "both" not in said.words else (ROW, COLUMN):
        for action, name in enumerate(game.actions[player]):
            how = solve.dominant(game, player, action)
            if how == "strictly" or (how and said.words.get("how", "").lower() == "weakly"):
                return False, f"{name} is {how} dominant for {game.players[player]}", ()
            if how and "how" not in said.words:
                return None, f"{name} is weakly dominant for {game.players[player]}", ()
    return True, "no action is best against everything", ()


def none_dominated(said: Said, game: Game) -> Answer:
    for player in said.players:
        for action, name in enumerate(game.actions[player]):
            how = solve.dominated(game, player, action)
            strict = said.words.get("how", "").lower().startswith("strict")
            if how == "strictly" or (how and not strict):
                return (False if how == "strictly" or "how" in said.words else None), f"{name} is {how} dominated", ()
    return True, "nothing is dominated", ()


def eliminated(said: Said, game: Game) -> Answer:
    def ask(player: int, action: int) -> Answer:
        how = solve.dominated(game, player, action)
        why = f"{game.actions[player][action]} is {how} dominated" if how else _undominated(game, player, action)
        return bool(how) or (None if len(game.actions[player]) == 1 else False), why, ()

    return _each_player(said, game, (said.words["x"],), ask)


def survives(said: Said, game: Game) -> Answer:
    kept = solve.survivors(game)
    place = said.cells[0]
    left = " and ".join(
        f"{listed([game.actions[player][at] for at in kept[player]])} for {game.players[player]}" for player in (0, 1)
    )
    why = f"iterated elimination of strictly dominated actions leaves {left}"
    if (kept[ROW], kept[COLUMN]) == ((place[0],), (place[1],)):
        return True, why, (place,)
    weak = any(solve.dominated(solve.restricted(game, kept), p, at) for p in (0, 1) for at in range(len(kept[p])))
    return (None if weak else False), why, (place,)


def listed(names: Iterable[str]) -> str:
    return ", ".join(names)
