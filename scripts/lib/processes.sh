# shellcheck shell=bash
# Processes that a script starts in the background, and ends. Sourced, never run.
#
#   trap processes_end EXIT
#   process_start gateway.log Orthanc gateway/
#   wait_until 30 "the gateway answers" curl -fs "$url"
#
# Each is ended by its own pid. Nothing is ever ended by name: the machine may
# have an Orthanc of its own.

processes=() # the pids, in the order of their start

# process_start LOG COMMAND... leaves the pid in $process. The kernel ends the
# process too, should this script be killed before it can.
process_start() {
	local log=$1
	shift
	setpriv --pdeathsig TERM "$@" >>"$log" 2>&1 </dev/null &
	process=$!
	processes+=("$process")
}

process_runs() { kill -0 "$1" 2>/dev/null; }

# process_end PID asks it to end, and insists after ten seconds.
process_end() {
	local pid=$1 i
	kill -TERM "$pid" 2>/dev/null || return 0
	for ((i = 0; i < 100; i++)); do
		process_runs "$pid" || break
		sleep 0.1
	done
	kill -KILL "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true # how it ended is in its log
}

# processes_end ends all, the last first: whoever asks before whoever answers.
processes_end() {
	local i
	for ((i = ${#processes[@]} - 1; i >= 0; i--)); do
		process_end "${processes[i]}"
	done
	processes=()
}

# wait_until SECONDS WHAT COMMAND... tries until the command succeeds.
wait_until() {
	local deadline=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		if ((SECONDS >= deadline)); then
			echo "waited in vain until $what" >&2
			return 1
		fi
		sleep 0.2
	done
}

# free_port prints a TCP port of the loopback that nobody has, from below those
# that the kernel gives to outgoing connections.
free_port() {
	local port
	while true; do
		port=$((RANDOM % 12000 + 20000))
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}
