# shellcheck shell=bash
# Takes one rule after the other out of a copy of the project, and expects the
# tests to fail. Sourced, never run: who sources it sets root, only (what the names
# of mutations must have in them) and the function tests, which runs in $copy.

mutate_failed=0

# mutate_prepare makes the copy, and sees that the tests pass in it.
mutate_prepare() {
	go_required || exit 1
	copy=$(mktemp -d) || exit 1
	trap 'rm -rf "$copy"' EXIT
	(cd "$root" && git ls-files -z -- go.mod go.sum plugin testdata | tar --null --files-from=- --create --file=-) | tar -C "$copy" -x || exit 1
	cp -r "$copy/plugin" "$copy/original"
	if ! tests >"$copy/log" 2>&1; then
		cat "$copy/log"
		echo "the tests fail without any mutation" >&2
		exit 1
	fi
}

# mutate NAME PACKAGE SED applies one mutation to a package, expects failing tests,
# and takes it back. One that changes nothing, or does not compile, fails too: then
# the code has moved on, and the mutation has to follow.
mutate() {
	local name=$1 package=$2 script=$3 source
	[[ $name == *"$only"* ]] || return 0
	for source in "$copy/plugin/$package"/[a-z]*.go; do
		[[ $source == *_test.go ]] || sed -i "$script" "$source"
	done
	if diff -rq "$copy/plugin/$package" "$copy/original/$package" >/dev/null; then
		mutate_result FAILED "$name: there is no such line any more"
	elif ! (cd "$copy" && go test -run '^$' "./plugin/$package") >"$copy/log" 2>&1; then
		cat "$copy/log"
		mutate_result FAILED "$name: it does not compile"
	elif tests >"$copy/log" 2>&1; then
		mutate_result FAILED "$name: no test notices"
	else
		mutate_result caught "$name: $(mutate_why)"
	fi
	cp "$copy/original/$package"/*.go "$copy/plugin/$package/"
}

mutate_result() {
	printf '%-8s %s\n' "$1" "$2"
	[[ $1 == caught ]] || mutate_failed=1
}

# mutate_why says how the tests noticed.
mutate_why() {
	local rule
	rule=$(grep -m 1 -oE 'failed after [0-9]+ tests: .{0,120}' "$copy/log")
	if [[ -n $rule ]]; then
		echo "$rule"
	else
		echo "$(grep -c '^--- FAIL' "$copy/log") tests, the first is $(sed -n 's/^--- FAIL: \([^ ]*\).*/\1/p' "$copy/log" | head -1)"
	fi
}
