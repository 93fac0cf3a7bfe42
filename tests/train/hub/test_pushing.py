"""Encoders on the hub: what is sent, what its card says, and what is said when nothing can be sent."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hybrid_search.engine import encoders, paths
from hybrid_search.engine.encoders.weights import head
from hybrid_search.engine.errors import DataError, EncoderError
from hybrid_search.train.hub.pushing import push, write_folder
from hybrid_search.train.reports import hub_card

from tests.support.small_encoders import write_folder as small_encoder

MEASURED = {"mono": 0.7, "cross": 0.6, "multi": 0.4321, "rank_distance": 120.5}
CARD = "# mine\n\nA card.\n\nLanguages: de en zh zh-tw.\n"


def trained(name="mine", licence="mit", **run):
    """An encoder among the trained ones, with what a run leaves of its figures."""
    folder = small_encoder(paths.encoders_folder() / name)
    top = f"---\nlicense: {licence}\nbase_model: me/base\n---\n" if licence else ""
    (folder / "README.md").write_text(top + CARD, "utf-8")
    config = {"base": "me/base", "validation": "/home/me/data/xquad-r", "sources": [{"path": "hf:me/pairs:de"}]}
    told = {"schema": 1, "config": config, "scores_after": MEASURED, **run}
    (folder / "run.json").write_text(json.dumps(told), "utf-8")
    return folder


def test_the_card_has_scores_data_languages_and_licence(tmp_path):
    trained()
    folder = write_folder("mine", "me/published", tmp_path / "out")
    card = (folder / "README.md").read_text("utf-8")
    fields = hub_card.told(card)
    assert (fields["license"], fields["base_model"], fields["datasets"]) == ("mit", "me/base", ["me/pairs"])
    assert fields["language"] == ["de", "en", "zh"]
    index = fields["model-index"][0]
    assert (index["name"], index["results"][0]["dataset"]["name"]) == ("published", "xquad-r")
    told = {metric["type"]: (metric["name"], metric["value"]) for metric in index["results"][0]["metrics"]}
    assert told["multi"] == ("multi mAP", 0.4321)
    assert told["rank_distance"] == ("rank distance", 120.5)
    assert "/home/me" not in card
    assert hub_card.without_header(card) == CARD


def test_the_hub_s_own_client_reads_the_model_index(tmp_path):
    from huggingface_hub import ModelCard

    trained()
    folder = write_folder("mine", "me/published", tmp_path / "out")
    results = ModelCard.load(folder / "README.md").data.eval_results
    assert {result.metric_type: result.metric_value for result in results} == MEASURED


@pytest.mark.parametrize("made", ["averaged", "calibration"])
def test_scores_of_what_an_encoder_was_made_from_are_not_its_own(tmp_path, made):
    trained(**{made: {"of": "other"}})
    card = (write_folder("mine", "me/published", tmp_path / "out") / "README.md").read_text("utf-8")
    assert "model-index" not in card


def test_scores_of_an_evaluation_go_before_those_of_the_run(tmp_path):
    trained(calibration={"of": "other"})
    results = [
        {"encoder": name, "summary": {"multi": value, "cross": None}} for name, value in (("base", 1), ("mine", 0.5))
    ]
    (tmp_path / "scores.json").write_text(json.dumps({"benchmark": "XQuAD-R", "results": results}), "utf-8")
    folder = write_folder("mine", "me/published", tmp_path / "out", scores=tmp_path / "scores.json")
    result = hub_card.told((folder / "README.md").read_text("utf-8"))["model-index"][0]["results"][0]
    assert result["dataset"]["name"] == "XQuAD-R"
    assert result["metrics"] == [{"type": "multi", "name": "multi mAP", "value": 0.5}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"results": [{"encoder": "other"}]}', "no scores of mine. It has those of other"),
        ('{"results": 3}', "not output of evaluate --json"),
        ("[]", "not output of evaluate --json"),
        ("{", "not output of evaluate --json"),
    ],
)
def test_scores_that_are_not_its_own_are_refused(tmp_path, text, reason):
    trained()
    (tmp_path / "scores.json").write_text(text, "utf-8")
    with pytest.raises(DataError, match=reason):
        write_folder("mine", "me/published", tmp_path / "out", scores=tmp_path / "scores.json")


def test_a_bundled_encoder_names_its_base_on_the_hub_and_its_licence():
    assert hub_card.hub_base("base") == "intfloat/multilingual-e5-small"
    assert hub_card.licence_of("hybrid") or hub_card.licence_of("base") == "mit"
    assert hub_card.hub_base("/home/me/base") == ""


def test_the_folder_is_an_encoder_with_its_graph(tmp_path):
    trained()
    folder = write_folder("mine", "me/published", tmp_path / "out", onnx=True)
    assert (folder / "onnx/model.onnx").is_file()
    card = (folder / "README.md").read_text("utf-8")
    assert "fastembed" in card
    assert hub_card.told(card)["license"] == "mit"
    assert encoders.load(str(folder)).dimension == encoders.load("mine").dimension
    assert not (folder / head.FILE).exists()


def test_a_licence_that_nobody_names_is_asked_for(tmp_path):
    trained(licence="")
    with pytest.raises(EncoderError, match="licence of mine is not known") as caught:
        write_folder("mine", "me/published", tmp_path / "out")
    assert "--license" in caught.value.hint
    assert not (tmp_path / "out").exists()
    folder = write_folder("mine", "me/published", tmp_path / "out", licence="apache-2.0")
    assert hub_card.told((folder / "README.md").read_text("utf-8"))["license"] == "apache-2.0"


@pytest.mark.parametrize("name", ["mine", "a/b/c", "../up", "/me", "me/", "me/a b", "me/a--b"])
def test_what_is_no_repository_is_refused(tmp_path, name):
    with pytest.raises(EncoderError, match="is not a repository"):
        write_folder("mine", name, tmp_path / "out")


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_nothing_is_sent_offline(monkeypatch, variable):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv(variable, "1")
    trained()
    with pytest.raises(EncoderError, match=f"while {variable} is set") as caught:
        push("mine", "me/published")
    assert "--dry-run" in caught.value.hint


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as an upload asks for; `sent` has what it was sent, by path and by file."""

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        server.asked.append((self.path, self.headers.get("Authorization")))
        if server.status != 200:
            self.answer({"error": "Not for you"}, server.status)
        elif self.path == "/api/repos/create":
            server.made = json.loads(content)
            self.answer({"url": f"{server.address}/me/published"})
        elif "/preupload/" in self.path:
            files = json.loads(content)["files"]
            modes = [{"path": each["path"], "uploadMode": "regular", "shouldIgnore": False} for each in files]
            self.answer({"files": modes})
        elif "/commit/" in self.path:
            for line in map(json.loads, content.splitlines()):
                if line["key"] == "file":
                    server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            self.answer({"commitUrl": f"{server.address}/me/published/commit/1", "commitOid": "1" * 40})
        else:
            self.answer({"errors": [], "warnings": []})

    def do_GET(self):
        self.answer({"error": "Repository not found"}, 404)

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.address = f"http://127.0.0.1:{server.server_port}"
    server.status, server.asked, server.files, server.made = 200, [], {}, {}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def pushed(hub, *options):
    """`encoders push`, in a process of its own: the client reads its settings once."""
    environment = {key: value for key, value in os.environ.items() if key not in ("HF_HUB_OFFLINE", "HF_TOKEN")}
    environment |= {"HF_ENDPOINT": hub.address, "HF_TOKEN": "hf_made_up", "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", "from hybrid_search.tui.cli.main import main; raise SystemExit(main())"]
    return subprocess.run(
        [*command, "encoders", "push", "mine", "me/published", *options],
        capture_output=True, text=True, timeout=900, check=False, env=environment,
    )  # fmt: skip


def test_the_folder_goes_to_the_hub(hub):
    folder = trained()
    done = pushed(hub, "--private", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["sent"] and answer["url"] == f"{hub.address}/me/published/commit/1"
    assert hub.made["name"] == "published" and hub.made["organization"] == "me"
    assert "private" in (hub.made.get("visibility"), "private" if hub.made.get("private") else "")
    assert set(hub.files) == set(answer["files"])
    assert hub.files["model.safetensors"] == (folder / "model.safetensors").read_bytes()
    assert hub_card.told(hub.files["README.md"].decode())["model-index"][0]["name"] == "published"
    assert {token for _, token in hub.asked} == {"Bearer hf_made_up"}
    assert "hf_made_up" not in done.stdout + done.stderr


def test_a_hub_that_refuses_is_told_with_the_next_step(hub):
    trained()
    hub.status = 403
    done = pushed(hub)
    assert done.returncode == 2
    assert "The hub refuses me/published" in done.stderr
    assert "hf auth login" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_dry_run_sends_nothing(hub, tmp_path):
    trained()
    done = pushed(hub, "--dry-run", str(tmp_path / "look"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "look/README.md").is_file()
    assert done.stdout.strip() == str(tmp_path / "look")
    assert not hub.asked
