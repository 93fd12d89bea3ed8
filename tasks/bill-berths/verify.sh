set -eu
chmod -R a+rX /work/berths
exec /usr/bin/python3 -I -S check.py
