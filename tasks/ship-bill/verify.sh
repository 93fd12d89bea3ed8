set -eu
chmod 700 /verify                       # the code under test must not read the answers
chmod -R a+rX /work/bill
exec /usr/bin/python3 -I -S check.py
