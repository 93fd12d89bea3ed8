set -eu
chmod -R a+rX /work/tidepool
exec /usr/bin/python3 -I -S check.py
