# shellcheck shell=bash
# What the other scripts need from Debian's packages. Sourced, never run:
#
#   source "$(dirname "$0")/lib/debian.sh"
#   debian_install orthanc orthanc-dicomweb dcmtk
#
# Installing Debian's orthanc starts a PACS that listens on 8042 and 4242, now
# and at every boot. Nobody who wants to see a demo has asked for that, so while
# we install no service may start, and a service that came with a package that
# we installed is left disabled. A service that was there before is none of our
# business: it is neither stopped, nor restarted, nor disabled.

debian_say() { echo "debian: $*" >&2; }

# debian_install PACKAGE... installs what is missing, and says what it did.
debian_install() {
	local missing failed before new
	mapfile -t missing < <(debian_missing "$@")
	((${#missing[@]})) || return 0
	if ! command -v apt-get >/dev/null; then
		debian_say "this machine has no apt-get: install ${missing[*]} in its own way, so that Orthanc and the tools of DCMTK are found on PATH"
		return 1
	fi
	if ! debian_may_root; then
		debian_say "missing: ${missing[*]}, and installing needs root or sudo. As root, run: apt-get update && apt-get install ${missing[*]}"
		return 1
	fi
	debian_say "installing ${missing[*]}"
	before=$(debian_installed)
	# A subshell, so that its trap puts back what was there, whatever happens.
	(
		trap debian_permit_services EXIT
		debian_refuse_services && debian_apt "${missing[@]}"
	)
	failed=$?
	# Also after a failure: what did arrive must not start at the next boot, such
	# as the server that postgresql brings along in a package of another name.
	mapfile -t new < <(LC_ALL=C comm -13 <(echo "$before") <(debian_installed))
	((${#new[@]})) && debian_disable_services "${new[@]}"
	return "$failed"
}

# debian_installed lists the packages that are installed.
debian_installed() {
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | LC_ALL=C sort -u
}

# debian_missing lists those of the given packages that are not installed.
debian_missing() {
	local package
	for package; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
	done
}

# debian_root runs a command as root. debian_may_root has asked for the
# password by then; asking here would take the answer from a command's input.
debian_root() {
	if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

debian_may_root() {
	((EUID == 0)) && return
	command -v sudo >/dev/null && if [[ -t 0 ]]; then sudo -v; else sudo -n true; fi
}

# debian_apt installs the packages, with a fresh list where the present one
# does not know them or is too old to fetch them.
debian_apt() {
	local log missing
	log=$(mktemp) || return 1
	if ! debian_apt_install "$@" >"$log" 2>&1; then
		debian_root apt-get -q update >"$log" 2>&1
		debian_apt_install "$@" >>"$log" 2>&1
	fi
	mapfile -t missing < <(debian_missing "$@")
	if ((${#missing[@]})); then
		grep -E '^(E|W):' "$log" >&2
		debian_say "could not install ${missing[*]}; all that apt said is in $log"
		debian_say "the way out: apt-get update && apt-get install ${missing[*]}"
		return 1
	fi
	rm -f "$log"
}

debian_apt_install() {
	debian_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qy -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold \
		install --no-install-recommends --no-upgrade "$@"
}

debian_policy=/usr/sbin/policy-rc.d

# debian_refuse_services makes invoke-rc.d and deb-systemd-invoke refuse every
# action: a start would open ports, and a stop or restart would hit a service of
# this machine whose package gets upgraded on the way. Where a policy that
# refuses is there already (containers have one), it stays.
debian_refuse_services() {
	local policy=$debian_policy
	if [[ -x $policy ]]; then
		"$policy" orthanc start >/dev/null 2>&1
		(($? == 101)) && return 0
	fi
	if [[ -e $policy || -L $policy ]]; then
		debian_root mv "$policy" "$policy.before-dosegate" || return 1
	fi
	# Should we be killed before we can put things back, it permits again.
	debian_root tee "$policy" >/dev/null <<-POLICY || return 1
		#!/bin/sh
		# dosegate: refuses services while process $BASHPID installs packages; delete it when that is gone.
		[ -d /proc/$BASHPID ] && exit 101
		[ ! -x "$policy.before-dosegate" ] || exec "$policy.before-dosegate" "\$@"
		exit 0
	POLICY
	debian_root chmod 755 "$policy"
}

# debian_permit_services takes our policy away, and only ours.
debian_permit_services() {
	grep -qs '^# dosegate: refuses services' "$debian_policy" || return 0
	debian_root rm -f "$debian_policy"
	if [[ -e $debian_policy.before-dosegate || -L $debian_policy.before-dosegate ]]; then
		debian_root mv "$debian_policy.before-dosegate" "$debian_policy"
	fi
}

# debian_disable_services keeps the services that came with the given packages
# from starting at the next boot, under systemd and under sysv-init.
debian_disable_services() {
	local service
	for service in $(debian_services "$@" 2>/dev/null); do
		if command -v systemctl >/dev/null; then
			debian_root systemctl --quiet disable "$service.service" >/dev/null 2>&1
		fi
		if [[ -e /etc/init.d/$service ]]; then
			debian_root update-rc.d "$service" disable >/dev/null 2>&1
		fi
		debian_say "the service $service is installed, but neither started nor enabled"
	done
}

# debian_services lists the services in the given packages, each once.
debian_services() {
	dpkg-query -L "$@" |
		sed -nE 's,^/etc/init\.d/([^/]+)$,\1,p; s,^(/usr)?/lib/systemd/system/([^/@]+)\.service$,\2,p' |
		sort -u
}
