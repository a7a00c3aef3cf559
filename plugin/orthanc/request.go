package orthanc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// smallAnswer bounds answers about one resource; user metadata can be 64 KB.
const smallAnswer = 4 << 20

// Orthanc's own numbers of what HTTP calls 404. A file that is lost from the
// storage has other numbers: it is not gone, somebody must look for it.
const (
	orthancInexistentItem  = 7
	orthancUnknownResource = 17
)

var (
	errTooLarge = errors.New("the answer is larger than allowed")
	errEndless  = errors.New("the answer does not say where it ends, so a cut one would go unnoticed")
	errNoFile   = errors.New("the answer is no DICOM file: something on the way to Orthanc answers for it")
)

// statusError is an answer other than 200. It carries numbers alone: the words
// in the answer can hold anything.
type statusError struct {
	status  int
	orthanc int // Orthanc's number of the error; 0: not an answer of Orthanc's
}

func (e *statusError) Error() string {
	switch {
	case e.status == http.StatusUnauthorized:
		return "status 401: the username or password is wrong"
	case e.status >= 300 && e.status < 400:
		return fmt.Sprintf("status %d: redirected, which is not followed", e.status)
	case e.orthanc != 0:
		return fmt.Sprintf("status %d, Orthanc error %d", e.status, e.orthanc)
	}
	return fmt.Sprintf("status %d", e.status)
}

// retrying makes a client that hides a hiccup. Whatever takes longer than a
// moment is for the loops, which wait with growing pauses.
func retrying(h *http.Client) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   h,
		RetryMax:     2,
		RetryWaitMin: 100 * time.Millisecond,
		RetryWaitMax: time.Second,
		CheckRetry:   worthAnotherTry,
		// Not the library's default: that one waits as long as an answer says.
		Backoff: func(least, most time.Duration, attempt int, _ *http.Response) time.Duration {
			return min(least<<attempt, most)
		},
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

func worthAnotherTry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return !errors.Is(err, errTooLarge) && !errors.Is(err, errEndless) && !errors.Is(err, errNoFile), nil
	}
	return resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests, nil
}

// get reads one answer whole: at most max bytes, and never a part of it.
func (c *Client) get(ctx context.Context, op, path string, max int64) ([]byte, error) {
	return c.getIf(ctx, op, path, max, func(http.Header) error { return nil })
}

// getIf is get for an answer whose header says that it is what was asked for.
func (c *Client) getIf(ctx context.Context, op, path string, max int64, isIt func(http.Header) error) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, c.failed(op, errors.New("make the request"))
	}
	c.identify(req.Request)
	var answer []byte
	req.SetResponseHandler(func(resp *http.Response) (err error) {
		if answer, err = readWhole(resp, max); err == nil && resp.StatusCode == http.StatusOK {
			err = isIt(resp.Header)
		}
		return err
	})
	resp, err := c.retry.Do(req)
	if resp != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		return nil, c.failed(op, withoutURL(err))
	}
	if resp.StatusCode != http.StatusOK {
		return nil, c.failed(op, c.refusal(ctx, path, resp.StatusCode, answer))
	}
	return answer, nil
}

// send makes a request that changes something, once.
func (c *Client) send(ctx context.Context, op, method, path, body string) error {
	_, err := c.once(ctx, op, method, path, body, smallAnswer)
	return err
}

// once makes a request and reads its answer whole; it is not tried again.
func (c *Client) once(ctx context.Context, op, method, path, body string, max int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		return nil, c.failed(op, errors.New("make the request"))
	}
	c.identify(req)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.failed(op, withoutURL(err))
	}
	defer resp.Body.Close()
	answer, err := readWhole(resp, max)
	if resp.StatusCode != http.StatusOK {
		return nil, c.failed(op, c.refusal(ctx, path, resp.StatusCode, answer))
	}
	if err != nil {
		return nil, c.failed(op, err)
	}
	return answer, nil
}

func (c *Client) identify(req *http.Request) {
	if c.username != "" || c.password != "" {
		req.SetBasicAuth(c.username, c.password)
	}
}

// refusal makes an error of an answer that is not 200.
func (c *Client) refusal(ctx context.Context, path string, status int, answer []byte) error {
	var described struct{ OrthancStatus int }
	_ = json.Unmarshal(answer, &described) // what is no description has no number
	e := &statusError{status: status, orthanc: described.OrthancStatus}
	if status == http.StatusNotFound && c.gone(ctx, path, e.orthanc) {
		return ErrNotFound
	}
	return e
}

// gone looks closer at a 404, which a proxy, a wrong path in the URL, or a file
// that the storage lost bring about as well: it believes it when an Orthanc
// answers there and does not know the instance, series or study itself.
func (c *Client) gone(ctx context.Context, path string, orthanc int) bool {
	parts := strings.SplitN(path, "/", 4)
	if len(parts) < 3 || !slices.Contains([]string{"instances", "series", "studies"}, parts[1]) {
		return false
	}
	switch orthanc {
	case orthancUnknownResource, orthancInexistentItem:
		_, err := c.System(ctx)
		return err == nil
	case 0: // not described: HttpDescribeErrors is off, or a proxy's own words
		if len(parts) == 3 {
			_, err := c.System(ctx)
			return err == nil
		}
		_, err := c.get(ctx, "look again", strings.Join(parts[:3], "/"), smallAnswer)
		return errors.Is(err, ErrNotFound)
	}
	return false
}

// readWhole reads an answer of at most max bytes, and says so if it was cut.
func readWhole(resp *http.Response, max int64) ([]byte, error) {
	defer resp.Body.Close()
	if resp.ContentLength > max {
		return nil, errTooLarge
	}
	if resp.ContentLength >= 0 {
		answer := make([]byte, resp.ContentLength)
		if _, err := io.ReadFull(resp.Body, answer); err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		return answer, nil
	}
	if resp.ProtoMajor == 1 && len(resp.TransferEncoding) == 0 {
		return nil, errEndless
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, max+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(answer)) > max {
		return nil, errTooLarge
	}
	return answer, nil
}

// withoutURL takes the URL out of an error of net/http.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
