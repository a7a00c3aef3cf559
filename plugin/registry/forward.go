package registry

import (
	"context"
	"errors"
	"strings"
)

// Forwarder sends a file on to a place that a source Orthanc knows by a name:
// one of its modalities or peers. The orthanc package is one.
type Forwarder interface {
	// Forward sends the file. A failure is an *ForwardError where Orthanc said
	// what it is.
	Forward(ctx context.Context, file []byte) error
	// Reach finds out whether the place answers (C-ECHO, or asking what it is).
	Reach(ctx context.Context) error
	// Address is the host that Orthanc's own configuration gives the place.
	Address(ctx context.Context) (host string, err error)
}

// ForwardError is what Orthanc says of a transfer that failed.
type ForwardError struct {
	Unknown bool // Orthanc has no modality or peer of the name
	Status  int  // of DIMSE (PS3.7 C); 0: none was told
}

func (e *ForwardError) Error() string { return "Orthanc could not forward the report" }

// ForwardOptions say which place of which Orthanc a registry is.
type ForwardOptions struct {
	Name   string
	Inside bool // it must be in the house: see [Inside]
	Via    Forwarder
}

// Forward is a registry that Orthanc itself sends to: by C-STORE to one of its
// modalities (PS3.4 B, with TLS where Orthanc is configured so), or to another
// Orthanc that is its peer. Nothing is stored on the way.
type Forward struct {
	name   string
	inside bool
	via    Forwarder
}

var _ Registry = (*Forward)(nil)

// NewForward makes the registry; it asks nothing yet.
func NewForward(o ForwardOptions) *Forward {
	return &Forward{name: o.Name, inside: o.Inside, via: o.Via}
}

// Name is the one in the configuration.
func (f *Forward) Name() string { return f.name }

// Send has Orthanc send the object.
func (f *Forward) Send(ctx context.Context, o Object) (Receipt, error) {
	if err := f.inHouse(ctx); err != nil {
		return Receipt{}, err
	}
	if err := f.via.Forward(ctx, o.File); err != nil {
		return f.judge(err)
	}
	return Receipt{Count: 1}, nil
}

// Check has Orthanc ask the place whether it is there.
func (f *Forward) Check(ctx context.Context) error {
	if err := f.inHouse(ctx); err != nil {
		return err
	}
	if err := f.via.Reach(ctx); err != nil {
		_, err = f.judge(err)
		return err
	}
	return nil
}

// inHouse reads from Orthanc's configuration where the place is, since that is
// Orthanc's to decide and can change under us.
func (f *Forward) inHouse(ctx context.Context) error {
	if !f.inside {
		return nil
	}
	host, err := f.via.Address(ctx)
	if err != nil {
		_, err = f.judge(err)
		return err
	}
	return insideHost(ctx, f.name, host)
}

// judge tells what a failure means for the next report.
func (f *Forward) judge(err error) (Receipt, error) {
	var said *ForwardError
	if !errors.As(err, &said) {
		return Receipt{}, failure(f.name, Transient, "Orthanc was not reached, or did not answer", safeCause(err))
	}
	receipt := Receipt{FailureReason: said.Status}
	kind, words := Transient, "Orthanc could not send the report"
	switch {
	case said.Unknown:
		kind, words = Paused, "Orthanc has no modality or peer of that name"
	case said.Status == duplicateSOPInstance:
		receipt.Warning, receipt.Count = true, 1
		return receipt, nil
	case said.Status == 0 || passing(said.Status):
	case said.Status == 0x0124, said.Status == 0x0122: // not authorized, SOP class not supported
		kind, words = Paused, "it refuses what Orthanc sends"
	default:
		kind, words = Rejected, "the report is rejected"
	}
	e := failure(f.name, kind, words+strings.TrimPrefix(numbers(receipt), " (status 0)"), nil)
	e.Receipt = receipt
	return receipt, e
}
