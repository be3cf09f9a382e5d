#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_schema.py SCHEMA PROGRAM [ARGUMENT ...]: what the program prints matches the JSON Schema, by python3-jsonschema."""
import json
import subprocess
import sys

try:
    import jsonschema
    validator = jsonschema.Draft202012Validator
except (ImportError, AttributeError):
    print("skipped: python3-jsonschema with draft 2020-12 is not installed")
    sys.exit(77)

with open(sys.argv[1], encoding="utf-8") as f:
    schema = json.load(f)
report = json.loads(subprocess.run(sys.argv[2:], check=True, stdout=subprocess.PIPE).stdout.decode("utf-8", "strict"))
validator.check_schema(schema)
errors = list(validator(schema).iter_errors(report))
for error in errors[:10]:
    print("/".join(str(p) for p in error.absolute_path), error.message[:200])
sys.exit(1 if errors else 0)
