set -eu
exec /usr/bin/python3 -I -S check.py
