# shellcheck shell=bash
# What the other scripts need of Go. Sourced, never run.

# go_required says plainly what to install when there is no Go that can build
# this module. A Go that is too old, but may, fetches the right one by itself.
go_required() {
	local wanted
	wanted=$(sed -n 's/^go //p' "$root/go.mod")
	if ! command -v go >/dev/null; then
		echo "go: Go is not installed. Install Go $wanted or newer from https://go.dev/dl/ (Debian's own may be older), and put it on PATH." >&2
		return 1
	fi
	if ! (cd "$root" && go env GOVERSION) >/dev/null; then
		echo "go: $(GOTOOLCHAIN=local go env GOVERSION) is too old. Install Go $wanted or newer from https://go.dev/dl/, and put it on PATH before the old one." >&2
		return 1
	fi
}
