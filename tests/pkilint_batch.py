"""Lints many objects in one process: lines of 'kind<TAB>path' in, one line of JSON for each out."""

import contextlib
import io
import json
import sys

from pkilint.bin import (
    lint_crl,
    lint_ocsp_response,
    lint_pkix_cert,
    lint_pkix_signer_signee_cert_chain,
)

COMMON = ["-s", "WARNING", "-f", "JSON"]
LINTERS = {
    "certificate": lambda paths: lint_pkix_cert.main(["lint", *COMMON, *paths]),
    "chain": lambda paths: lint_pkix_signer_signee_cert_chain.main(["lint", *COMMON, *paths]),
    "crl": lambda paths: lint_crl.main(["lint", "-t", "CRL", "-p", "PKIX", *COMMON, *paths]),
    "arl": lambda paths: lint_crl.main(["lint", "-t", "ARL", "-p", "PKIX", *COMMON, *paths]),
    "ocsp": lambda paths: lint_ocsp_response.main(["lint", *COMMON, *paths]),
}

for line in sys.stdin:
    kind, *paths = line.rstrip("\n").split("\t")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        LINTERS[kind](paths)
    text = out.getvalue().strip()
    findings = []
    for result in json.loads(text)["results"] if text else []:
        for finding in result["finding_descriptions"]:
            findings.append(
                {
                    "node": result["node_path"],
                    "severity": finding["severity"],
                    "code": finding["code"],
                    "message": finding.get("message") or "",
                }
            )
    # A file that cannot be loaded is a finding as well.
    if err.getvalue():
        findings.append(
            {"node": "", "severity": "FATAL", "code": "load", "message": err.getvalue().strip()}
        )
    print(json.dumps({"kind": kind, "path": paths[-1], "findings": findings}))
