#!/bin/sh
# Runs in a fresh container with the declared outputs; exit code 0 means solved.
answer=/work/NAME/answer.txt
test -s "$answer" || { echo "there is no $answer"; exit 1; }
test "$(tr -d '[:space:]' < "$answer")" = 9 || { echo "not the number of words"; exit 1; }
