#!/usr/bin/env python3
"""Steps as Kubernetes jobs by kubectl: `submit SCRIPT`, `status JOB`, or jobs to cancel.

Snakemake's own executor for Kubernetes wants object storage; here all pods share one volume.
"""

import json
import os
import subprocess
import sys
import uuid

MEMORY = os.environ.get("PILOT_POD_MEMORY", "8Gi")
# A finished job is removed by the cluster after this long; Snakemake asks within seconds.
_KEPT_SECONDS = 3600


def _kubectl(*words: str, given: str | None = None) -> str:
    return subprocess.run(
        ["kubectl", *words], input=given, text=True, check=True, stdout=subprocess.PIPE
    ).stdout


def manifest(name: str, script: str) -> dict:
    """Return the job: one pod that runs the script once, as the user who submits it."""
    image, claim, mount = (os.environ[k] for k in ("PILOT_IMAGE", "PILOT_CLAIM", "PILOT_MOUNT"))
    pod = {
        "restartPolicy": "Never",
        "securityContext": {"runAsUser": os.getuid(), "runAsGroup": os.getgid()},
        "containers": [{
            "name": "step", "image": image, "command": ["sh", script],
            "env": [{"name": "PILOT_KEY_FILE", "value": os.environ.get("PILOT_KEY_FILE", "")}],
            "resources": {"requests": {"cpu": "1", "memory": MEMORY}, "limits": {"memory": MEMORY}},
            "volumeMounts": [{"name": "files", "mountPath": mount}],
        }],
        "volumes": [{"name": "files", "persistentVolumeClaim": {"claimName": claim}}],
    }  # fmt: skip
    return {
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": name, "labels": {"app": "pilot-analysis"}},
        # Snakemake submits again what failed, so the cluster does not.
        "spec": {"backoffLimit": 0, "ttlSecondsAfterFinished": _KEPT_SECONDS,
                 "template": {"spec": pod}},
    }  # fmt: skip


def status(name: str) -> str:
    """Say whether a job is running, was a success, or failed; one that is gone failed."""
    try:
        found = json.loads(_kubectl("get", "job", name, "--output", "json")).get("status", {})
    except subprocess.CalledProcessError:
        return "failed"
    if found.get("succeeded"):
        return "success"
    return "failed" if found.get("failed") else "running"


if __name__ == "__main__":
    if sys.argv[1:2] == ["submit"]:
        job = f"pilot-{uuid.uuid4().hex[:20]}"
        _kubectl("create", "--filename", "-", given=json.dumps(manifest(job, sys.argv[2])))
        print(job)
    elif sys.argv[1:2] == ["status"]:
        print(status(sys.argv[2]))
    else:
        _kubectl("delete", "job", *sys.argv[1:])
