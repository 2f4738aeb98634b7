#!/usr/bin/env python3
"""Compares it/terraform.json with the schema of Terraform's provider hashicorp/aws.

The provider cannot be had where Terraform's registry is out of reach; the bindings that CDK for Terraform generates from its
schema are on npm. Prints each difference and how many arguments were compared; needs npm.

    crates/synth/tests/provider_schema.py
"""

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

BINDINGS = "@cdktf/provider-aws@21.22.1"
# Of the provider 6.25.0. How the bindings write the types of terraform.json:
TYPES = {"string": "string", "json": "string", "bool": "boolean | cdktf.IResolvable", "map": "MAP", "strings": "string[]"}
# Names that are words of a language into which the bindings are translated.
RENAMED = {"equals": "equalTo"}


def members(body):
    """The properties of an interface: name, whether it must be there, type."""
    body = re.sub(r"/\*\*.*?\*/", "", body, flags=re.S)
    body = re.sub(r"\{\s*\[key: string\]: string;\s*\}", "MAP", body)
    found = re.finditer(r"readonly (\w+)(\??): ([^;]+);", body)
    return {one[1]: (one[2] == "", one[3].strip()) for one in found}


def in_bindings(argument):
    first, *rest = argument.split("_")
    return RENAMED.get(argument, first + "".join(word.capitalize() for word in rest))


def differences(at, arguments, interfaces, interface):
    known = members(interfaces[interface])
    for name, ours in arguments.items():
        required, kind = known.get(in_bindings(name), (None, None))
        if kind is None:
            yield f"{at}.{name}: the provider has no such argument"
            continue
        if required != ours["required"]:
            yield f"{at}.{name}: required is {required}"
        if ours["type"] == "blocks":
            yield from differences(f"{at}.{name}", ours["arguments"], interfaces, kind.split("[")[0].split(" ")[0])
        elif TYPES[ours["type"]] != kind:
            yield f"{at}.{name}: its type is {kind}"
    listed = {in_bindings(name) for name in arguments}
    for name, (required, _) in known.items():
        if required and name not in listed:
            yield f"{at}: {name} must be there"


def count(arguments):
    return sum(1 + count(one.get("arguments", {})) for one in arguments.values())


def main():
    schema = json.loads((Path(__file__).parent / "it" / "terraform.json").read_text())
    wrong, compared = [], 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", BINDINGS], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (package,) = Path(folder).glob("*.tgz")
        with tarfile.open(package) as files:
            for section, kinds in schema.items():
                for kind, block in kinds.items():
                    name = kind.removeprefix("aws_").replace("_", "-")
                    name = f"data-aws-{name}" if section == "data" else name
                    text = files.extractfile(f"package/lib/{name}/index.d.ts").read().decode()
                    found = re.finditer(r"export interface (\w+)[^{]*\{\n(.*?)\n\}", text, re.S)
                    interfaces = {one[1]: one[2] for one in found}
                    (whole,) = (it for it in interfaces if it.endswith("Config"))
                    wrong += differences(kind, block["arguments"], interfaces, whole)
                    compared += count(block["arguments"])
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{compared} arguments, {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
