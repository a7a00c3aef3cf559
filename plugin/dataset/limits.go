package dataset

// Limits bound what an untrusted input may cost. A field that is zero takes
// the value of [DefaultLimits].
type Limits struct {
	Bytes    int // of the file
	Inflated int // of a deflated data set after inflating
	Elements int // elements and items in all
	Depth    int // of nested sequences and items, each counted
}

// DefaultLimits fit reports several times as large as the largest ones seen
// (3.3 MB, 14,736 content items, 316 events).
var DefaultLimits = Limits{Bytes: 64 << 20, Inflated: 12 << 20, Elements: 1 << 19, Depth: 100}

func (l Limits) withDefaults() Limits {
	pick := func(v, d int) int {
		if v <= 0 {
			return d
		}
		return v
	}
	return Limits{
		Bytes:    pick(l.Bytes, DefaultLimits.Bytes),
		Inflated: pick(l.Inflated, DefaultLimits.Inflated),
		Elements: pick(l.Elements, DefaultLimits.Elements),
		Depth:    pick(l.Depth, DefaultLimits.Depth),
	}
}
