package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Failure reasons of PS3.18 Table I.2-2 and PS3.7 C that are not about the object.
const (
	duplicateSOPInstance = 0x0111
	processingFailure    = 0x0110
	outOfResources       = 0xA7 // A7xx
)

// maxRetryAfter bounds how long a registry can silence us with one answer.
const maxRetryAfter = 24 * time.Hour

// judge decides what an answer means for the object. The status is about the
// request; what the body says of the object comes first, where it says it.
func (s *STOW) judge(resp *http.Response, answer []byte, sopInstanceUID string) (Receipt, error) {
	said, unreadable := readAnswer(answer, sopInstanceUID)
	receipt := Receipt{Status: resp.StatusCode, FailureReason: said.failureReason, Warning: said.warning, Count: said.count}
	success := resp.StatusCode >= 200 && resp.StatusCode < 300
	fail := func(kind Kind, words string) (Receipt, error) {
		return receipt, &Error{Kind: kind, Receipt: receipt, RetryAfter: retryAfter(resp.Header), Op: s.says(words + numbers(receipt))}
	}
	switch {
	case refusesUs(resp.StatusCode):
		return fail(Paused, refusal(resp.StatusCode))
	case said.stored && said.failed, said.stored && !success:
		// Orthanc does the second when another object of the same request is bad;
		// there is none in ours. Sending again costs nothing, a lost report does.
		return fail(Transient, "the answer contradicts itself")
	case said.stored:
		return receipt, nil
	case said.failed && said.failureReason == duplicateSOPInstance:
		// It has our object: UIDs are derived, so nobody else's can be under it.
		receipt.Warning = true
		return receipt, nil
	case refusesObject(resp.StatusCode):
		return fail(Rejected, "the report is rejected")
	case said.failed && passing(said.failureReason):
		return fail(Transient, "the report could not be stored")
	case said.failed:
		return fail(Rejected, "the report is rejected")
	case success && unreadable != nil:
		return fail(Transient, "the answer cannot be read, so nobody knows whether the report was stored")
	case success:
		// Orthanc's plugin says just this when its disk is full.
		return fail(Transient, "the answer does not name the report, so nobody knows whether it was stored")
	case resp.StatusCode == http.StatusBadRequest && unreadable == nil:
		// Orthanc's plugin says this of what it cannot read as DICOM: a response,
		// but no object in it. Without a response, a 400 comes from something on
		// the way, and is about the way: below.
		return fail(Rejected, "the report is rejected as unreadable")
	}
	return fail(Transient, "the report was not taken")
}

func refusesUs(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return status >= 300 && status < 400
}

func refusal(status int) string {
	if status < 400 {
		return "it redirects, which is not followed: configure the address that it is at now"
	}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		return "it refuses our username or password"
	}
	return "nothing takes reports at its address: is the path right, ending in /studies?"
}

// refusesObject says whether a status alone is a verdict on the object.
func refusesObject(status int) bool {
	switch status {
	case http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// passing says whether a failure reason may be gone the next time. "Processing
// failure" is what is said where nothing more precise is known.
func passing(reason int) bool {
	return reason == 0 || reason == processingFailure || reason>>8 == outOfResources
}

func numbers(r Receipt) string {
	if r.FailureReason != 0 {
		return fmt.Sprintf(" (status %d, failure reason %04X)", r.Status, r.FailureReason)
	}
	return fmt.Sprintf(" (status %d)", r.Status)
}

// retryAfter reads seconds or a date: RFC 9110 10.2.3.
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// lost makes the error of a request that got no answer.
func (s *STOW) lost(err error) error {
	kind, words := unreached(err)
	return &Error{Kind: kind, Op: s.says(words), Err: safeCause(err)}
}

// unreached tells what is wrong with the way to a registry. The errors of
// net/http quote addresses and answers, so these are words of our own.
func unreached(err error) (Kind, string) {
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	name, hasName := errors.AsType[*net.DNSError](err)
	op, hasOp := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, errOutside):
		return Paused, errOutside.Error()
	case errors.Is(err, errOwnCertificate):
		return Paused, errOwnCertificate.Error()
	case errors.Is(err, errTokenRefused):
		return Paused, errTokenRefused.Error()
	case badCertificate:
		return Paused, "its certificate is not trusted"
	case noTLS || errors.Is(err, http.ErrSchemeMismatch):
		return Paused, "it does not speak TLS"
	case hasOp && op.Op == "remote error": // so crypto/tls calls an alert
		return Paused, "it refuses our TLS"
	case hasName && name.IsNotFound:
		return Paused, "its host name does not exist"
	case hasName:
		return Transient, "its host name cannot be looked up"
	}
	return Transient, "it was not reached, or did not answer"
}

// safeCause keeps what the system says, and drops what the other side says.
func safeCause(err error) error {
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			return cause
		}
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return nil
}
