package dataset

// Syntax is a transfer syntax that this package can read (PS3.5 chapter 10,
// annex A).
type Syntax struct {
	UID       string
	Implicit  bool // VRs come from the dictionary
	BigEndian bool
	Deflated  bool
}

// The transfer syntaxes of PS3.5 annex A that data sets without compressed
// pixels come in.
var (
	ImplicitLittleEndian = Syntax{UID: "1.2.840.10008.1.2", Implicit: true}
	ExplicitLittleEndian = Syntax{UID: "1.2.840.10008.1.2.1"}
	DeflatedLittleEndian = Syntax{UID: "1.2.840.10008.1.2.1.99", Deflated: true}
	ExplicitBigEndian    = Syntax{UID: "1.2.840.10008.1.2.2", BigEndian: true}
)

// Output is the syntax that a data set of this syntax is written in: implicit
// little endian stays, all others become explicit little endian.
func (s Syntax) Output() Syntax {
	if s.Implicit {
		return ImplicitLittleEndian
	}
	return ExplicitLittleEndian
}

// syntaxOf finds the syntax of a UID. Compressed pixel data is encapsulated
// in explicit little endian (PS3.5 A.4), whatever the compression.
func syntaxOf(uid string) (Syntax, bool) {
	for _, s := range []Syntax{ImplicitLittleEndian, ExplicitLittleEndian, DeflatedLittleEndian, ExplicitBigEndian} {
		if s.UID == uid {
			return s, true
		}
	}
	const standard = "1.2.840.10008.1.2."
	if len(uid) > len(standard) && uid[:len(standard)] == standard && ValidUID(uid) {
		return Syntax{UID: uid}, true
	}
	return Syntax{}, false
}

// ValidUID reports whether s is a UID by the grammar of PS3.5 9.1. It forgives
// leading zeros in a component, which real devices write.
func ValidUID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	digit := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digit = true
		case c == '.' && digit:
			digit = false
		default:
			return false
		}
	}
	return digit
}
