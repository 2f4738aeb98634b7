#!/usr/bin/env bash
# Installs the servers to compare with into the folder given, and prints it: moto_server from PyPI, s3s-fs from crates.io.
set -euo pipefail
folder=${1:?the folder to install into}
mkdir -p "$folder"
if [ ! -x "$folder/moto/bin/moto_server" ]; then
  python3 -m venv "$folder/moto"
  "$folder/moto/bin/pip" install --quiet "moto[server]==5.2.5"
fi
if [ ! -x "$folder/bin/s3s-fs" ]; then
  cargo install --quiet s3s-fs --version 0.14.1 --features binary --root "$folder" --target-dir "$folder/build"
fi
echo "$folder"
