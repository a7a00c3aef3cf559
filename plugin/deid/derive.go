package deid

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"math/bits"
	"strings"
)

// deriver makes what replaces a report's identifiers, from one key. It keeps
// what it made, since a report names the same UIDs again and again. It is not
// safe for concurrent use.
type deriver struct {
	uids     hash.Hash
	patients hash.Hash
	dates    hash.Hash
	devices  hash.Hash
	made     map[string]string
}

func newDeriver(k Key, edition int) *deriver {
	uids := "uids"
	if edition > 0 {
		uids = fmt.Sprintf("uids edition %d", edition)
	}
	return &deriver{uids: hmac.New(sha256.New, k.sub(uids)), patients: hmac.New(sha256.New, k.sub("patients")),
		dates: hmac.New(sha256.New, k.sub("dates")), devices: hmac.New(sha256.New, k.sub("devices")), made: make(map[string]string)}
}

// uid derives the UID that stands for another one: a UUID of version 8 under
// 2.25 (PS3.5 B.2, RFC 9562 5.8).
func (d *deriver) uid(original string) string {
	if made, ok := d.made[original]; ok {
		return made
	}
	sum := keyed(d.uids, original)
	sum[6] = sum[6]&0x0F | 0x80
	sum[8] = sum[8]&0x3F | 0x80
	made := "2.25." + decimal(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))
	d.made[original] = made
	return made
}

// pseudonym derives what stands for a patient: the same for the same issuer
// and ID, another for the same ID of another issuer.
func (d *deriver) pseudonym(issuer, id string) string {
	sum := keyed(d.patients, issuer, id)
	return "DG" + base32.StdEncoding.EncodeToString(sum[:15])[:20]
}

// device derives what stands for a device: 16 characters, which fit SH.
func (d *deriver) device(station, serial string) string {
	sum := keyed(d.devices, station, serial)
	return "DG" + base32.StdEncoding.EncodeToString(sum[:10])[:14]
}

// daysBack derives how far a patient's dates are moved: 1 to 3650 days.
func (d *deriver) daysBack(issuer, id string) int {
	sum := keyed(d.dates, issuer, id)
	return 1 + int(binary.BigEndian.Uint64(sum)%3650)
}

// keyed is the HMAC over parts, each of which is delimited by its length.
func keyed(mac hash.Hash, parts ...string) []byte {
	mac.Reset()
	for _, p := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		mac.Write(length[:])
		mac.Write([]byte(p))
	}
	return mac.Sum(nil)
}

// decimal writes a 128-bit number.
func decimal(hi, lo uint64) string {
	const chunk = 1e19 // the largest power of ten in 64 bits
	var digits []string
	for {
		qhi, r := bits.Div64(0, hi, chunk)
		qlo, rest := bits.Div64(r, lo, chunk)
		hi, lo = qhi, qlo
		if hi == 0 && lo == 0 {
			digits = append(digits, itoa(rest, 0))
			break
		}
		digits = append(digits, itoa(rest, 19))
	}
	var b strings.Builder
	for i := len(digits) - 1; i >= 0; i-- {
		b.WriteString(digits[i])
	}
	return b.String()
}

// itoa writes a number with at least width digits.
func itoa(n uint64, width int) string {
	var b [20]byte
	at := len(b)
	for n > 0 || len(b)-at < width {
		at--
		b[at] = byte('0' + n%10)
		n /= 10
	}
	if at == len(b) {
		return "0"
	}
	return string(b[at:])
}
