package orthanc

import (
	"strings"
	"testing"
)

func mustName(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

func mustNotName(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(err.Error(), w) {
			t.Errorf("error %q says %q", err, w)
		}
	}
}
