"""The files in deploy/ are what their tools take, and say nothing that the command line lacks."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from newsdesk.cli.main import app

yaml = pytest.importorskip("yaml", reason="needs the extra test")

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
KUBERNETES = [*sorted((DEPLOY / "kubernetes").rglob("*.yaml")), DEPLOY / "jobs/kubernetes-gpu.yaml"]
PODS = [
    path for path in KUBERNETES if re.search(r"^kind: (Deployment|Job)$", path.read_text(), re.M)
]
YAML = sorted(DEPLOY.rglob("*.yaml"))
STYLE = (
    "{extends: default, rules: {line-length: {max: 100}, document-start: disable, "
    "quoted-strings: {quote-type: double, required: false}, octal-values: disable}}"
)
SECRET = re.compile(r"PASSWORD|KEY|TOKEN")


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def tool(module: str, *arguments: object) -> str:
    """Run a tool of the extra test on files; it must find nothing."""
    pytest.importorskip(module, reason="needs the extra test")
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def options(verb: str) -> set[str]:
    """Options that a verb has."""
    command = get_command(app()).commands[verb]  # type: ignore[attr-defined]
    return {name for parameter in command.params for name in parameter.opts if name[:2] == "--"}


def containers() -> dict[str, dict[str, Any]]:
    """Containers of all pods, by file."""
    found = {path.name: load(path)["spec"]["template"]["spec"] for path in PODS}
    found["cloudrun.yaml"] = load(DEPLOY / "cloudrun.yaml")["spec"]["template"]["spec"]
    return {name: pod["containers"][0] for name, pod in found.items()}


def commands() -> dict[str, list[str]]:
    """Words of the commands that containers run, from the verb on; by file."""
    found = {name: container["args"] for name, container in containers().items()}
    found["compose.yaml"] = load(DEPLOY / "compose.yaml")["services"]["newsdesk"]["command"]
    default = re.search(r"^CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text(), re.M)
    assert default is not None
    found["Dockerfile"] = json.loads(default[1])
    found["azureml.yaml"] = shlex.split(load(DEPLOY / "jobs/azureml.yaml")["command"])[1:]
    return found


def test_every_yaml_file_is_well_formed() -> None:
    assert len(YAML) >= 8
    tool("yamllint", "--strict", "-d", STYLE, *YAML)


def test_the_dockerfile_is_clean(root: Path) -> None:
    found = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which(
        "hadolint"
    )
    if found is None:
        pytest.skip("needs hadolint, of the extra test")
    done = subprocess.run(
        [found, root / "deploy" / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.stem)
def test_kubernetes_takes(path: Path) -> None:
    assert "passed" in tool("kubernetes_validate", "--strict", path)


def test_kubernetes_would_not_take_what_it_does_not_know(tmp_path: Path) -> None:
    wrong = load(DEPLOY / "kubernetes" / "deployment.yaml")
    wrong["spec"]["replica"] = 2
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(wrong))
    with pytest.raises(AssertionError, match="replica"):
        tool("kubernetes_validate", "--strict", path)


def test_compose_takes_its_file() -> None:
    tool("check_jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_the_service_of_knative_holds_a_pod_that_kubernetes_takes(tmp_path: Path) -> None:
    service = load(DEPLOY / "cloudrun.yaml")
    assert (service["apiVersion"], service["kind"]) == ("serving.knative.dev/v1", "Service")
    spec = service["spec"]["template"]["spec"]
    assert 1 <= spec.pop("containerConcurrency") <= 1000
    assert 1 <= spec.pop("timeoutSeconds") <= 3600
    assert len(spec["containers"][0]["ports"]) == 1
    path = tmp_path / "pod.yaml"
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "newsdesk"}, "spec": spec}
    path.write_text(yaml.safe_dump(pod))
    tool("kubernetes_validate", "--strict", path)


@pytest.mark.parametrize("path", PODS, ids=lambda path: path.stem)
def test_a_pod_may_do_no_more_than_it_must(path: Path) -> None:
    pod = load(path)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.parametrize("name", ["deployment.yaml", "cloudrun.yaml"])
def test_a_server_is_probed_where_it_answers(name: str) -> None:
    container = containers()[name]
    assert container["startupProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["ports"][0]["containerPort"] == 8080
    assert container["resources"]["limits"]["memory"]


def test_services_of_compose_may_do_no_more_than_they_must() -> None:
    compose = load(DEPLOY / "compose.yaml")
    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert set(service["secrets"]) <= set(compose["secrets"])
    database = compose["services"]["database"]
    assert "healthcheck" in database
    assert "ports" not in database
    assert compose["networks"]["inside"]["internal"] is True
    waits = compose["services"]["newsdesk"]["depends_on"]["database"]
    assert waits == {"condition": "service_healthy"}


@pytest.mark.parametrize("path", [*YAML, DEPLOY / "Dockerfile"], ids=lambda path: path.name)
def test_no_address_holds_a_password(path: Path) -> None:
    assert not re.findall(r"://[^/@\s]*:[^/@\s]+@", path.read_text(encoding="utf-8"))


def test_secrets_come_from_where_secrets_are_kept() -> None:
    named = [
        variable
        for container in containers().values()
        for variable in container.get("env", ())
        if SECRET.search(variable["name"])
    ]
    assert named
    assert all(set(variable["valueFrom"]) == {"secretKeyRef"} for variable in named)
    for service in load(DEPLOY / "compose.yaml")["services"].values():
        for name, value in service.get("environment", {}).items():
            assert not SECRET.search(name) or value.startswith("/run/secrets/")


@pytest.mark.parametrize("name", commands())
def test_the_command_line_knows_every_option(name: str) -> None:
    verb, *words = commands()[name]
    used = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert used
    assert used <= options(verb)


@pytest.mark.parametrize("name", ["compose.yaml", "deployment.yaml", "cloudrun.yaml"])
def test_corrections_go_to_postgresql_without_a_password_in_sight(name: str) -> None:
    (url,) = [word for word in commands()[name] if word.startswith("--feedback=")]
    assert re.match(r"--feedback=postgresql://newsdesk@", url)


def test_both_jobs_train_by_the_same_command() -> None:
    def plain(words: list[str]) -> list[str]:
        kept = [re.sub(r"^\$\{\{(inputs|outputs)\.\w+\}\}", "", word) for word in words]
        kept = [re.sub(r"=\$\{\{outputs\.runs\}\}", "=/runs", word) for word in kept]
        return [word for word in kept if word not in ("", "/data/articles.csv")]

    found = commands()
    assert plain(found["azureml.yaml"]) == plain(found["kubernetes-gpu.yaml"])
    assert found["azureml.yaml"][0] == "train"


def test_the_image_runs_as_a_number_and_without_torch(root: Path) -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    extras = re.search(r"^ARG EXTRAS=(.+)$", text, re.M)
    assert extras is not None
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [project["optional-dependencies"][name] for name in extras[1].split(",")]
    assert not [item for needs in wanted for item in needs if item.startswith("torch")]
    users = re.findall(r"^USER (\S+)$", text, re.M)
    assert users
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])


def test_the_image_is_asked_for_its_health_by_what_it_has() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    health = re.search(r"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", text, re.M)
    assert health is not None
    command = [sys.executable, *json.loads(health[1])[1:]]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        here = [word.replace(":8080", f":{server.server_port}") for word in command]
        assert here != command
        try:
            assert subprocess.run(here, check=False, capture_output=True).returncode == 0
            wrong = [word.replace("/healthz", "/elsewhere") for word in here]
            assert subprocess.run(wrong, check=False, capture_output=True).returncode == 1
        finally:
            server.shutdown()
            thread.join()
