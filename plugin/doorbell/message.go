package doorbell

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
)

// Event is what a message tells.
type Event uint8

const (
	// Stored: Orthanc stored a structured report; the feed has it.
	Stored Event = iota + 1
	// Refused: Orthanc refused what is no dose report, Count times, from Sender.
	Refused
	// Changed: a second copy of Instance came, with another content.
	Changed
)

// Message is one ring.
type Message struct {
	Event    Event
	Count    uint32 // of Refused
	Sender   string // of Refused: the AE title, at most 16 characters
	Instance string // of Changed: Orthanc's ID of the instance
}

// Size is that of an encoded message, in bytes. Every message has it: one byte
// each of version and event, two that are zero, the count, the sender in 16
// bytes, the 20 bytes of Orthanc's ID (PS3.5 knows nothing of it: it is a SHA-1),
// and 20 that are zero. Numbers are big endian.
const Size = 64

const (
	version    = 1
	atCount    = 4
	atSender   = 8
	atInstance = 24
	atRest     = 44
)

var errMessage = errors.New("this is no message of a doorbell")

// Append appends the encoded message.
func (m Message) Append(to []byte) ([]byte, error) {
	var b [Size]byte
	b[0], b[1] = version, byte(m.Event)
	binary.BigEndian.PutUint32(b[atCount:], m.Count)
	copy(b[atSender:atInstance], plainAET(m.Sender))
	if m.Instance != "" {
		id, err := hex.DecodeString(strings.ReplaceAll(m.Instance, "-", ""))
		if err != nil || len(id) != atRest-atInstance {
			return nil, errMessage
		}
		copy(b[atInstance:], id)
	}
	return append(to, b[:]...), nil
}

// Parse reads an encoded message.
func Parse(b []byte) (Message, error) {
	if len(b) != Size || b[0] != version || b[2] != 0 || b[3] != 0 || !zero(b[atRest:]) {
		return Message{}, errMessage
	}
	m := Message{Event: Event(b[1]), Count: binary.BigEndian.Uint32(b[atCount:]),
		Sender: plainAET(string(bytes.TrimRight(b[atSender:atInstance], "\x00")))}
	switch {
	case m.Event < Stored || m.Event > Changed:
		return Message{}, errMessage
	case !zero(b[atInstance:atRest]):
		m.Instance = orthancID(b[atInstance:atRest])
	}
	return m, nil
}

func zero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// orthancID writes 20 bytes as Orthanc does: five groups of eight digits.
func orthancID(b []byte) string {
	digits := hex.EncodeToString(b)
	groups := make([]string, 0, 5)
	for i := 0; i < len(digits); i += 8 {
		groups = append(groups, digits[i:i+8])
	}
	return strings.Join(groups, "-")
}

// plainAET leaves of a text from outside what an AE title may hold (PS3.5 6.2).
func plainAET(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '\\' {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
	return s[:min(len(s), 16)]
}
