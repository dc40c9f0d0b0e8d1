"""An image of a tiny model server, put into ECR without a build: it serves the text in `weights.txt`."""

import hashlib
import sys
from pathlib import Path

from embedded.images import registry
from embedded.images.image import COMPLETE, ImageConfig
from embedded.images.resolve import image_store
from tests.embedded.conftest import CloudSession

REPOSITORY = "model-servers"
REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"

SERVER = """
import http.server, os, sys, time

model = os.environ["SM_MODEL_DIR"]
text = open(os.path.join(model, "weights.txt")).read().strip()
print("loaded", text, flush=True)
if text == "broken":
    sys.exit("cannot load the model")

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536

    def do_GET(self):
        self.answer(200, b"ok")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"fail":
            self.answer(500, b"the model failed")
        elif body == b"crash":
            os._exit(3)
        elif body.startswith(b"echo"):
            time.sleep(float(os.environ.get("PATIENCE", "0")))
            self.answer(200, b"\\n".join(text.encode() + b" " + line for line in body.splitlines()))
        elif body == b"stream":
            self.stream(text)
        elif body == b"environment":
            self.answer(200, os.environ.get("COLOUR", "").encode())
        else:
            time.sleep(0.05 if body == b"slow" else 0)
            self.answer(200, text.encode())

    def stream(self, text):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (text, "-", "end"):
            self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(part), part.encode()))
            self.wfile.flush()
            time.sleep(0.1)
        self.wfile.write(b"0\\r\\n\\r\\n")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        attributes = self.headers.get("X-Amzn-SageMaker-Custom-Attributes")
        if attributes:
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", attributes)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def put_model_server(cloud: CloudSession) -> str:
    """The URI, with digest, of the image in the cloud's ECR."""
    digest = "sha256:" + hashlib.sha256(SERVER.encode()).hexdigest()
    store = image_store(cloud.state_dir)
    folder = store.folder(digest)
    if not (folder / COMPLETE).exists():
        _write(folder, digest)
    image = store.find(digest)
    assert image is not None
    ecr, reference = cloud.client("ecr"), registry.parse_reference(f"{REGISTRY}/{REPOSITORY}:one")
    names = [each["repositoryName"] for each in ecr.describe_repositories()["repositories"]]
    if REPOSITORY not in names:
        ecr.create_repository(repositoryName=REPOSITORY)
    return f"{reference.uri}@{registry.push(ecr, image, reference)}"


def _write(folder: Path, digest: str) -> None:
    source = folder / "rootfs" / "srv" / "server.py"
    source.parent.mkdir(parents=True)
    source.write_text(SERVER)
    # A program of the image's own: this machine's interpreter may stand in a folder that an image has, too.
    interpreter = source.with_name("python")
    interpreter.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    interpreter.chmod(0o755)
    config = ImageConfig(
        digest=digest,
        base="scratch",
        python="3.11",
        entrypoint=("/srv/python", "/srv/server.py"),
        cmd=(),
        env={"PATH": "/usr/bin:/bin"},
        workdir="/srv",
        folders=("/srv",),
        labels={},
        user="",
    )
    (folder / "image.json").write_text(config.model_dump_json())
    (folder / COMPLETE).touch()
