set -eu
chmod -R a+rX /work/parcel
exec /usr/bin/python3 -I -S check.py
