# shellcheck shell=bash
# Real Orthancs of Debian's package, on loopback, with the configuration that
# the project ships. Sourced, never run; needs processes.sh, and these:
#
#   root   the project
#   work   a temporary folder: each Orthanc has a folder in it, and its log
#   users  the JSON of Orthanc's RegisteredUsers; $work/netrc has one of them

declare -A orthanc_http orthanc_dicom # name to port

# orthanc_start NAME FILE starts an Orthanc with a file of orthanc-config/ and
# waits until it answers. Between finding a free port and Orthanc taking it
# another may be faster, so it tries a few.
orthanc_start() {
	local name=$1 shipped=$2 try
	mkdir -p "$work/$name/config" "$work/$name/storage"
	cp "$root/orthanc-config/$shipped" "$work/$name/config/"
	for ((try = 0; try < 5; try++)); do
		orthanc_http[$name]=$(free_port)
		orthanc_dicom[$name]=$(free_port)
		orthanc_overlay "$name" >"$work/$name/config/machine.json"
		process_start "$work/$name.log" "$(orthanc_program)" "$work/$name/config"
		wait_until 60 "$name answers" orthanc_answers_or_ended "$name" "$process"
		process_runs "$process" && return
	done
	tail -20 "$work/$name.log" >&2
	return 1
}

# orthanc_overlay is what the shipped file leaves to the machine. Orthanc merges
# the files of its folder, and stops where two have the same key.
orthanc_overlay() {
	cat <<-JSON
		{
		  "HttpPort" : ${orthanc_http[$1]},
		  "DicomPort" : ${orthanc_dicom[$1]},
		  "StorageDirectory" : "$work/$1/storage",
		  "IndexDirectory" : "$work/$1/storage",
		  "RemoteAccessAllowed" : false,
		  "RegisteredUsers" : $users
		}
	JSON
}

# orthanc_program finds Debian's Orthanc, whose folder is not on a user's PATH.
orthanc_program() { PATH=$PATH:/usr/sbin command -v Orthanc; }

orthanc_answers_or_ended() { orthanc_get "$1" /system >/dev/null 2>&1 || ! process_runs "$2"; }

orthanc_url() { echo "http://127.0.0.1:${orthanc_http[$1]}"; }

# orthanc_get NAME PATH [CURL-OPTION...] fails where Orthanc does not say 200.
orthanc_get() {
	local url
	url=$(orthanc_url "$1")$2
	shift 2
	curl --fail --silent --noproxy '*' --max-time 20 --netrc-file "$work/netrc" "$@" "$url"
}

# orthanc_find NAME FILE prints the Orthanc ID of the instance in a DICOM file.
orthanc_find() {
	local uid
	uid=$(dicom_values "$2" 0008,0018)
	orthanc_get "$1" /tools/lookup --data "$uid" | jq -r '.[] | select(.Type == "Instance") | .ID'
}

orthanc_has() { orthanc_get "$1" "/instances/$2" >/dev/null; }

# orthanc_inventory NAME prints each instance with the digest of its bytes and
# the names of its metadata: what changes when somebody touches one.
orthanc_inventory() {
	local id
	for id in $(orthanc_get "$1" /instances | jq -r 'sort[]'); do
		echo "$id $(orthanc_get "$1" "/instances/$id/attachments/dicom/md5") $(orthanc_get "$1" "/instances/$id/metadata" | jq -c sort)"
	done
}

# orthanc_send NAME AET FILE... stores files by C-STORE, as a sender with that AE
# title. storescu would rather convert than send what it has, so it is told.
orthanc_send() {
	local name=$1 aet=$2
	shift 2
	storescu -aet "$aet" --required --propose-little 127.0.0.1 "${orthanc_dicom[$name]}" "$@"
}
