# shellcheck shell=bash
# Expectations of a script that shows something. Sourced, never run.

expectations=0
failures=0

# expect SENTENCE COMMAND... says whether what was said is so.
expect() {
	local sentence=$1
	shift
	expectations=$((expectations + 1))
	if "$@"; then
		echo "  as it should be: $sentence"
	else
		failures=$((failures + 1))
		echo "  NOT AS IT SHOULD BE: $sentence"
	fi
}

# expect_until SECONDS SENTENCE COMMAND... gives it that much time to become so.
expect_until() {
	local seconds=$1 sentence=$2
	shift 2
	expect "$sentence" wait_until "$seconds" "$sentence" "$@"
}
