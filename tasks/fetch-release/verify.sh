set -eu
chmod -R a+rX /work/corpus
exec /usr/bin/python3 -I -S check.py
