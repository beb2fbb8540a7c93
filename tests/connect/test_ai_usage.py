"""Logs of AI use, as gateways and providers write them: every token in one class (rule K14)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.connect.samples import Result, read_text

from bursar.connect.errors import MissingColumns
from bursar.connect.reading import open_reading

TOKENS = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens",
          "reasoning_tokens")  # fmt: skip


def log(folder: Path, *rows: dict[str, object]) -> Result:
    text = "\n".join(json.dumps(row) for row in rows)
    return read_text(folder, text, name="gateway.jsonl")


def counts(line: dict[str, object]) -> tuple[object, ...]:
    return tuple(line[name] for name in TOKENS)


def test_a_gateway_like_litellm(tmp_path: Path) -> None:
    found = log(
        tmp_path,
        {"request_id": "1", "spend": 0.0125, "prompt_tokens": 1000, "completion_tokens": 200,
         "startTime": "2026-03-02 10:00:00.123456+00:00", "model": "openai/gpt-5",
         "custom_llm_provider": "openai", "user": "eve", "team_id": "search", "api_key": "k1",
         "usage": {"prompt_tokens_details": {"cached_tokens": 400},
                   "completion_tokens_details": {"reasoning_tokens": 50}}},
    )  # fmt: skip
    assert found.rejected == []
    assert found.reading.format == "ai_usage"
    (line,) = found.lines
    assert counts(line) == (600, 400, 0, 150, 50)
    assert (line["principal"], line["team"], line["provider"]) == ("eve", "search", "openai")
    assert (line["model"], line["requests"]) == ("openai/gpt-5", 1)
    assert str(line["stated_cost"]).rstrip("0") == "0.0125"


def test_an_export_like_openais(tmp_path: Path) -> None:
    text = (
        "start_time,end_time,project_id,num_model_requests,user_id,api_key_id,model,"
        "input_tokens,output_tokens,input_cached_tokens\n"
        "1772409600,1772496000,proj_1,12,user-1,key_1,gpt-5,5000,700,1000\n"
    )
    (line,) = read_text(tmp_path, text, name="completions.csv").lines
    assert counts(line) == (4000, 1000, 0, 700, 0)
    assert (line["requests"], line["team"], line["principal"]) == (12, "proj_1", "user-1")
    assert str(line["used_at"]) == "2026-03-02 00:00:00+00:00"


def test_reports_like_anthropics(tmp_path: Path) -> None:
    text = (
        "usage_date_utc,model_version,api_key,workspace,usage_input_tokens_no_cache,"
        "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,"
        "usage_input_tokens_cache_read,usage_output_tokens\n"
        "2026-03-02,claude-x-1,app,Search,100,20,5,900,40\n"
    )
    (line,) = read_text(tmp_path, text, name="usage.csv").lines
    assert counts(line) == (100, 900, 25, 40, 0)
    found = log(
        tmp_path,
        {"starting_at": "2026-03-02T00:00:00Z", "model": "claude-x-1", "workspace_id": "w",
         "api_key_id": "k", "uncached_input_tokens": 7, "cache_read_input_tokens": 3,
         "cache_creation": {"ephemeral_1h_input_tokens": 2, "ephemeral_5m_input_tokens": 1},
         "output_tokens": 4},
    )  # fmt: skip
    assert counts(found.lines[0]) == (7, 3, 3, 4, 0)


def test_a_plain_table(tmp_path: Path) -> None:
    text = "timestamp,user,team,model,input_tokens,output_tokens,requests\n2026-03-02,a,t,m,1,2,3\n"
    (line,) = read_text(tmp_path, text, name="use.csv").lines
    assert (counts(line), line["requests"]) == ((1, 0, 0, 2, 0), 3)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("2026-03-02,m,1.5,2,0", "import.tokens_invalid"),
        ("2026-03-02,m,-1,2,0", "import.tokens_invalid"),
        ("2026-03-02,m,10,2,11", "import.tokens_invalid"),
        ("2026-03-02,,1,2,0", "import.model_missing"),
        ("soon,m,1,2,0", "import.date_invalid"),
        (",m,1,2,0", "import.date_missing"),
    ],
)
def test_rows_that_contradict_themselves(tmp_path: Path, cells: str, code: str) -> None:
    head = "date,model,prompt_tokens,completion_tokens,cached_tokens\n"
    found = read_text(tmp_path, f"{head}{cells}\n2026-03-02,m,1,2,0\n", name="use.csv")
    assert [one["code"] for one in found.rejected] == [code]
    assert len(found.lines) == 1


def test_a_table_without_models_is_no_log(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("date,input_tokens\n2026-03-02,1\n", encoding="utf-8")
    with pytest.raises(MissingColumns):
        open_reading([path], format="ai_usage")
