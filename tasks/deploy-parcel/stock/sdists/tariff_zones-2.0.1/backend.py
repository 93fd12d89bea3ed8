"""Builds the wheel of tariff-zones: compiles one file of C, and packs."""

import subprocess
import sys
import zipfile
from pathlib import Path

NAME = "tariff_zones-2.0.1"
WHEEL = b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n"


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Write the metadata; return the name of their folder."""
    info = Path(metadata_directory) / f"{NAME}.dist-info"
    info.mkdir()
    (info / "METADATA").write_bytes(Path("PKG-INFO").read_bytes())
    (info / "WHEEL").write_bytes(WHEEL)
    return info.name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Compile and pack; return the wheel's file name."""
    library = Path("tariff_zones/_zones.so")
    gcc = ["gcc", "-O2", "-shared", "-fPIC", "-o", str(library), "src/zones.c"]
    print("running build_ext:", *gcc, flush=True)
    if subprocess.run(gcc).returncode != 0:
        sys.exit("error: command 'gcc' failed")
    name = f"{NAME}-py3-none-linux_x86_64.whl"
    info = f"{NAME}.dist-info"
    files = {
        "tariff_zones/__init__.py": Path("tariff_zones/__init__.py").read_bytes(),
        "tariff_zones/_zones.so": library.read_bytes(),
        f"{info}/METADATA": Path("PKG-INFO").read_bytes(),
        f"{info}/WHEEL": WHEEL,
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"]).encode()
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return name
