set -eu
chmod -R a+rX /work/station /work/packline /opt/packline
exec /usr/bin/python3 -I -S check.py
