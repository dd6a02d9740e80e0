"""`muster init`: a first configuration for one service, from five answers or flags."""

import argparse
import sys

from bot.cli import complain

HELP = "Write a minimal configuration for one service"
EXAMPLE = "muster init --service payments-api --contact you@example.com --health-url https://payments.example.com/health"


def options(parser: argparse.ArgumentParser) -> None:
    """Take an answer to each question; what is not given is asked."""
    for name, text in (
        ("service", "name of the service"),
        ("channel", "Slack channel for its incidents (default: incidents)"),
        ("contact", "your Slack user id or e-mail address"),
        ("health-url", "its health check address"),
        ("scheme", "severities: p1-p4, sev1-sev4 or critical-info (default: p1-p4)"),
    ):
        parser.add_argument(f"--{name}", help=text)


def run(asked: argparse.Namespace) -> int:
    """Ask what was not given, write the files, and say what comes next."""
    from bot.config.init import QUESTIONS, Answers, write_first
    from bot.domain.refusal import Refusal

    given: dict[str, str] = {}
    for question in QUESTIONS:
        answer = getattr(asked, question.name)
        if answer is None and sys.stdin.isatty():
            answer = _ask(question.name, question.prompt, question.example, question.default)
        answer = answer or question.default
        if not answer:
            return complain(f"--{question.name.replace('_', '-')} is missing. Example: {question.example}")
        given[question.name] = answer
    try:
        written = write_first(asked.config, asked.runbooks, Answers(**given))
    except Refusal as refusal:
        return complain(str(refusal))
    for path in written:
        print(f"wrote {path}")
    print(
        f"Next: muster --config {asked.config} --runbooks {asked.runbooks} check, then muster manifest for the Slack app,"
        " then muster migrate and muster serve."
    )
    return 0


def _ask(name: str, prompt: str, example: str, default: str) -> str:
    from bot.config.init import tidy
    from bot.domain.refusal import Refusal

    while True:
        typed = input(f"{prompt} ({f'default: {default}' if default else f'as in {example}'}): ") or default
        try:
            return tidy(name, typed)
        except Refusal as refusal:
            print(refusal)
