# shellcheck shell=bash
# What stands on the stage of scripts/demo: three Orthancs, and dosegate between
# them. Sourced, never run; needs orthanc.sh and what that needs.

holding_for=30s # so short only for the demo; a house gives people 14 days

# stage_set makes users and passwords, starts the Orthancs, builds dosegate.
stage_set() {
	password=$(head -c 9 /dev/urandom | base64 | tr '+/' 'xy')
	users="{ \"demo\" : \"$password\", \"dosegate\" : \"$password\" }"
	echo "machine 127.0.0.1 login demo password $password" >"$work/netrc"
	echo "$password" >"$work/orthanc.secret"
	orthanc_start gateway gateway.json
	orthanc_start pacs archive.json
	orthanc_start registry registry.json
	(cd "$root" && go build -o "$work/dosegate" ./plugin/cmd/dosegate)
}

# stage_configure writes what an administrator would.
stage_configure() {
	cat >"$work/dosegate.yaml" <<-YAML
		orthanc:
		  - name: gateway
		    url: $(orthanc_url gateway)
		    username: dosegate
		    password_file: orthanc.secret
		    role: gateway
		  - name: pacs
		    url: $(orthanc_url pacs)
		    username: dosegate
		    password_file: orthanc.secret
		    role: archive
		    since: all    # not only from now on: what is stored before the first poll counts
		registries:
		  - name: dir
		    stow: $(orthanc_url registry)/dicom-web/studies
		    username: dosegate
		    password_file: orthanc.secret
		holding:
		  for: $holding_for
		web:
		  listen: 127.0.0.1:$(free_port)
	YAML
	cat >"$work/stations.yaml" <<-YAML
		stations:
		  - {name: CT1, facility: "100001"}
		  - {name: RF Lab 1, facility: "100001"}
		  - {name: "25022397", facility: "100002"}   # mammography
		  - {name: PETCT1}
	YAML
}

stage_start_dosegate() {
	process_start "$work/dosegate.log" "$work/dosegate" serve -c "$work/dosegate.yaml"
	dosegate_pid=$process
}

# dosegate COMMAND... asks the ledger, beside the running serve.
dosegate() { "$work/dosegate" "$1" -c "$work/dosegate.yaml" "${@:2}"; }

declare -A sent_as # file to the Orthanc ID that it got

# stage_send ORTHANC AET FILE... has somebody send files of testdata/.
stage_send() {
	local to=$1 aet=$2 file
	shift 2
	orthanc_send "$to" "$aet" "${@/#/$root/testdata/}"
	for file; do
		sent_as[$to/$file]=$(orthanc_find "$to" "$root/testdata/$file")
		printf '  %-8s %-10s %s\n' "$to" "$aet" "$file"
	done
}

# look_into_ledger is what the questions below are answered from.
look_into_ledger() { dosegate reports --json >"$work/reports"; }

# report_field ORTHANC/FILE FILTER prints a field of one report, with jq.
report_field() {
	jq -r --arg source "${1%%/*}" --arg id "${sent_as[$1]}" \
		"select(.source == \$source and .orthanc_id == \$id) | $2" "$work/reports"
}

# delivered_as ORTHANC/FILE prints the SOP Instance UID that a report left under.
delivered_as() { report_field "$1" '.sent_sop_instance_uid // empty'; }

# all_are STATE ORTHANC/FILE... is true when every one of them is in that state.
all_are() {
	local state=$1 file
	shift
	look_into_ledger || return 1
	for file; do
		[[ $(report_field "$file" .state) == "$state" ]] || return 1
	done
}

# all_unknown ORTHANC/FILE... is true when the ledger has no row of any of them.
all_unknown() { all_are "" "$@"; }

# all_stored ORTHANC/FILE... is true when Orthanc still has every one of them.
all_stored() {
	local file
	for file; do
		orthanc_has "${file%%/*}" "${sent_as[$file]}" || return 1
	done
}

none_stored() {
	local file
	for file; do
		! orthanc_has "${file%%/*}" "${sent_as[$file]}" || return 1
	done
}
