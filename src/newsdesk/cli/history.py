"""Show what a home has served, and what it refused.

Every promotion, refusal and step back, with who, when and why. With --json also its numbers.

For example:
  newsdesk history homes/news
  newsdesk history homes/news --json
"""

from __future__ import annotations

from newsdesk.cli import console, options

__all__ = ["history"]

_WORDS = {"promoted": "promoted", "refused": "refused", "rolled_back": "rolled back"}


def history(home: options.Home, as_json: options.Json = False) -> None:
    """Show what a home has served."""
    import msgspec

    from newsdesk import store
    from newsdesk.errors import BundleFormatError

    if not store.is_home(home):
        problem = f"{home} is no home of versions."
        raise BundleFormatError(problem, remedy="Give the folder that bundles are promoted into.")
    kept = store.Home(home)
    steps, served = kept.steps, kept.served
    done = store.taken(steps, served)
    if as_json:
        told = zip(steps, done, strict=True)
        lines = [msgspec.to_builtins(step) | {"taken": taken} for step, taken in told]
        console.write_json({"home": str(home), "served": served, "steps": lines})
        return
    rows = []
    for step, taken in zip(steps, done, strict=True):
        what = _WORDS[step.step] + (" by force" if step.forced else "")
        rows.append(
            [
                step.time,
                what if taken else f"{what}, cut off",
                step.candidate[:12],
                (step.before or "")[:12],
                console.printable(step.by),
                console.clip(console.printable(step.why), 80),
            ]
        )
    headings = ["time", "step", "version", "before", "by", "why"]
    console.say(console.table(headings, rows, left=(0, 1, 2, 3, 4, 5)))
    console.say()
    console.say(f"served now: {served or 'nothing'}", wrap=False)
