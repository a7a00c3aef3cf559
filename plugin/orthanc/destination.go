package orthanc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// Destination is a place that this Orthanc knows by a name and sends to itself:
// one of its DICOM modalities, or another Orthanc that is its peer.
type Destination struct {
	c    *Client
	path string
	peer bool
}

// Modality is a DICOM application entity of Orthanc's configuration.
func (c *Client) Modality(name string) *Destination {
	return &Destination{c: c, path: "/modalities/" + url.PathEscape(name)}
}

// Peer is another Orthanc of Orthanc's configuration.
func (c *Client) Peer(name string) *Destination {
	return &Destination{c: c, path: "/peers/" + url.PathEscape(name), peer: true}
}

// TransferError is what Orthanc says of a transfer that failed. Its words can
// quote what the other side said, so only numbers are read from them.
type TransferError struct {
	Unknown     bool // Orthanc has no destination of the name
	Unreached   bool // it did not get through to the destination
	DIMSEStatus int  // what the destination answered (PS3.7 C); 0: nothing
}

func (e *TransferError) Error() string {
	switch {
	case e.Unknown:
		return "Orthanc has no destination of that name"
	case e.DIMSEStatus != 0:
		return fmt.Sprintf("the destination answered with status %04X", e.DIMSEStatus)
	}
	return "Orthanc could not send it"
}

// transferTimeout bounds a transfer. Orthanc has its own, of ten seconds for an
// answer of the other side.
const transferTimeout = 2 * time.Minute

// Send has Orthanc send a file on without storing it. An error that Orthanc
// itself tells is a *TransferError.
func (d *Destination) Send(ctx context.Context, file []byte) error {
	_, err := d.ask(ctx, "forward a report", http.MethodPost, "/store-straight", file)
	return err
}

// Reach has Orthanc ask the destination whether it is there.
func (d *Destination) Reach(ctx context.Context) error {
	method, path := http.MethodPost, "/echo"
	if d.peer {
		method, path = http.MethodGet, "/system"
	}
	_, err := d.ask(ctx, "reach a destination", method, path, []byte("{}"))
	return err
}

// Host is where Orthanc's configuration says that the destination is: a name or
// an address, without a port.
func (d *Destination) Host(ctx context.Context) (string, error) {
	answer, err := d.ask(ctx, "read where a destination is", http.MethodGet, "/configuration", nil)
	if err != nil {
		return "", err
	}
	var said struct{ Host, Url string }
	if err := json.Unmarshal(answer, &said); err != nil {
		return "", d.c.failed("read where a destination is", errors.New("the answer is not Orthanc's"))
	}
	if !d.peer {
		return said.Host, nil
	}
	u, err := url.Parse(said.Url)
	if err != nil {
		return "", d.c.failed("read where a destination is", errors.New("the peer's URL cannot be read"))
	}
	return u.Hostname(), nil
}

func (d *Destination) ask(ctx context.Context, op, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, d.c.base+d.path+path, bytes.NewReader(body))
	if err != nil {
		return nil, d.c.failed(op, errors.New("make the request"))
	}
	d.c.identify(req)
	resp, err := d.c.http.Do(req)
	if err != nil {
		return nil, d.c.failed(op, withoutURL(err))
	}
	defer resp.Body.Close()
	answer, err := readWhole(resp, smallAnswer)
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, d.c.failed(op, transferError(resp.StatusCode, answer))
	case err != nil:
		return nil, d.c.failed(op, err)
	}
	return answer, nil
}

// dimseStatus is how Orthanc 1.10 to 1.13 word a refusal by the destination.
var dimseStatus = regexp.MustCompile(`DIMSE status 0x([0-9A-Fa-f]{4})\b`)

// transferError reads an answer that is not 200.
func transferError(status int, answer []byte) error {
	var said struct {
		OrthancStatus int
		Details       string
	}
	if json.Unmarshal(answer, &said) != nil || said.OrthancStatus == 0 && said.Details == "" {
		return &statusError{status: status} // a proxy's words, or none
	}
	if status == http.StatusNotFound {
		return &TransferError{Unknown: true}
	}
	if m := dimseStatus.FindStringSubmatch(said.Details); m != nil {
		number, _ := strconv.ParseUint(m[1], 16, 16)
		return &TransferError{DIMSEStatus: int(number)}
	}
	return &TransferError{Unreached: true}
}
