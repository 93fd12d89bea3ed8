# Runs as root with bash, in a fresh container with the declared outputs; exit code 0 means solved.
# Run what the agent left with `as_nobody`, and say with `fail` why the goal is not reached.
. /verify/lib.sh
answer=/work/NAME/answer.txt
[ -s "$answer" ] || fail "there is no $answer"
[ "$(tr -d '[:space:]' <"$answer")" = 9 ] || fail "not the number of words"
