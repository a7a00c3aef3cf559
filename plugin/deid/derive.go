package deid

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"math/bits"
	"time"
)

// deriver makes what replaces a report's identifiers, from one key. It keeps
// what it made, since a report names the same UIDs again and again. It is not
// safe for concurrent use.
type deriver struct {
	key  Key
	uids hash.Hash
	made map[string][]byte
	text []byte // the end of what was made, with room for more behind it
	room []byte // for what is hashed and the sum
}

func newDeriver(k Key, edition int) *deriver {
	uids := "uids"
	if edition > 0 {
		uids = fmt.Sprintf("uids edition %d", edition)
	}
	return &deriver{key: k, uids: hmac.New(sha256.New, k.sub(uids)), made: make(map[string][]byte, 64)}
}

// mac is the keyed hash for one purpose.
func (d *deriver) mac(purpose string) hash.Hash { return hmac.New(sha256.New, d.key.sub(purpose)) }

// uid derives the UID that stands for another one: a UUID of version 8 under
// 2.25 (PS3.5 B.2, RFC 9562 5.8).
func (d *deriver) uid(original string) string { return view(d.uidValue(original)) }

// uidValue is uid as a value, which must not be changed.
func (d *deriver) uidValue(original string) []byte {
	if made, ok := d.made[original]; ok {
		return made
	}
	sum := d.keyed(d.uids, original)
	sum[6] = sum[6]&0x0F | 0x80
	sum[8] = sum[8]&0x3F | 0x80
	if cap(d.text)-len(d.text) < longestUID {
		d.text = make([]byte, 0, 16*longestUID)
	}
	from := len(d.text)
	d.text = append(d.text, "2.25."...)
	d.text = decimal(d.text, binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))
	made := d.text[from:len(d.text):len(d.text)]
	d.made[original] = made
	return made
}

// longestUID is how long a UID may be (PS3.5 9.1).
const longestUID = 64

// pseudonym derives what stands for a patient: the same for the same issuer
// and ID, another for the same ID of another issuer.
func (d *deriver) pseudonym(issuer, id string) string {
	sum := d.keyed(d.mac("patients"), issuer, id)
	return "DG" + base32.StdEncoding.EncodeToString(sum[:15])[:20]
}

// device derives what stands for a device: 16 characters, which fit SH.
func (d *deriver) device(station, serial string) string {
	sum := d.keyed(d.mac("devices"), station, serial)
	return "DG" + base32.StdEncoding.EncodeToString(sum[:10])[:14]
}

// daysBack derives how far a patient's dates are moved: 1 to 3650 days.
func (d *deriver) daysBack(issuer, id string) int {
	sum := d.keyed(d.mac("dates"), issuer, id)
	return 1 + int(binary.BigEndian.Uint64(sum)%3650)
}

// between derives a time between two that is the patient's own.
func (d *deriver) between(issuer, id string, from, to time.Duration) time.Duration {
	sum := d.keyed(d.mac("delivery"), issuer, id)
	part, _ := bits.Mul64(binary.BigEndian.Uint64(sum), uint64(to-from)+1)
	return from + time.Duration(part)
}

// keyed is the HMAC over parts, each of which is delimited by its length. It is
// right until the next call.
func (d *deriver) keyed(mac hash.Hash, parts ...string) []byte {
	mac.Reset()
	d.room = d.room[:0]
	for _, p := range parts {
		d.room = binary.BigEndian.AppendUint64(d.room, uint64(len(p)))
		d.room = append(d.room, p...)
	}
	mac.Write(d.room)
	d.room = mac.Sum(d.room[:0])
	return d.room
}

// decimal appends a 128-bit number.
func decimal(dst []byte, hi, lo uint64) []byte {
	const chunk, digits = 1e19, 19 // the largest power of ten in 64 bits
	var b [40]byte
	at := len(b)
	for {
		qhi, r := bits.Div64(0, hi, chunk)
		qlo, rest := bits.Div64(r, lo, chunk)
		hi, lo = qhi, qlo
		last := hi == 0 && lo == 0
		for n := 0; rest > 0 || !last && n < digits; n++ {
			at--
			b[at] = byte('0' + rest%10)
			rest /= 10
		}
		if last {
			break
		}
	}
	if at == len(b) {
		return append(dst, '0')
	}
	return append(dst, b[at:]...)
}
