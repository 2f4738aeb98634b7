#!/usr/bin/env bash
# Installs cvc5 from PyPI into the folder given, and prints the python that has it.
set -euo pipefail
folder=${1:?the folder to install into}
requirements=$(dirname "$0")/../../crates/prove/oracle/requirements.txt
mkdir -p "$folder"
if [ ! -x "$folder/cvc5/bin/python" ]; then
  python3 -m venv "$folder/cvc5"
fi
"$folder/cvc5/bin/pip" install --quiet --requirement "$requirements"
echo "$folder/cvc5/bin/python"
