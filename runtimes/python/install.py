"""Installs what requirements.txt in this folder asks for, if it asks for anything: so that a function without dependencies
needs neither pip nor a registry. Arguments go to pip."""

import os
import subprocess
import sys

wanted = open("requirements.txt").read().splitlines() if os.path.exists("requirements.txt") else []
if any(line.strip() and not line.lstrip().startswith("#") for line in wanted):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", "packages"]
    sys.exit(subprocess.call([*pip, "-r", "requirements.txt", *sys.argv[1:]]))
