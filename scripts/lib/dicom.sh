# shellcheck shell=bash
# Looking into a DICOM file with DCMTK's dcmdump. Sourced, never run.

# dicom_values FILE TAG prints the value of an attribute at the top of the
# dataset; of a code sequence, the code values in it.
dicom_values() {
	dcmdump -q -Un +L "$1" | awk -v tag="(${2,,})" '
		/^\(/ { inside = (index($0, tag) == 1) }
		!inside { next }
		/^\(/ && / SQ / { next }
		/^\(/ || /^ +\(0008,0100\)/ {
			if (match($0, /\[.*\]/)) print substr($0, RSTART + 1, RLENGTH - 2)
		}'
}
