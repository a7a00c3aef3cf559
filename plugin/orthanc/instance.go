package orthanc

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Received is what Orthanc noted when an instance came in.
type Received struct {
	SOPClassUID, TransferSyntax string
	RemoteAET                   string    // of the sender; "" if it did not come by C-STORE
	CalledAET                   string    // that the sender called
	Origin                      string    // "DicomProtocol", "RestApi", "Plugins", …
	ReceptionDate               time.Time // zero if Orthanc did not note it
}

// Received asks what Orthanc noted. It is the cheapest question that tells a
// report from an image: it reads the index and no file.
func (c *Client) Received(ctx context.Context, id string) (Received, error) {
	// Everything in the answer is text, our own marks included.
	var noted map[string]string
	if err := c.getJSON(ctx, "read the metadata of an instance", instance(id)+"/metadata?expand", smallAnswer, &noted); err != nil {
		return Received{}, err
	}
	r := received(noted)
	if r.empty() {
		return Received{}, c.failed("read the metadata of an instance", errors.New("the answer is not what Orthanc notes of an instance"))
	}
	return r, nil
}

func received(noted map[string]string) Received {
	date, _ := parseTime(noted["ReceptionDate"])
	return Received{
		SOPClassUID:    noted["SopClassUid"],
		TransferSyntax: noted["TransferSyntax"],
		RemoteAET:      noted["RemoteAET"],
		CalledAET:      noted["CalledAET"],
		Origin:         noted["Origin"],
		ReceptionDate:  date,
	}
}

func (r Received) empty() bool { return r.ReceptionDate.IsZero() && r.SOPClassUID == "" }

// File reads the stored file. One that is longer than max bytes, or that did
// not arrive whole, is an error; so is the page of a proxy in its place, which
// would pass for a report that cannot be read.
func (c *Client) File(ctx context.Context, id string, max int64) ([]byte, error) {
	return c.getIf(ctx, "read the file of an instance", instance(id)+"/file", max, func(h http.Header) error {
		if media, _, err := mime.ParseMediaType(h.Get("Content-Type")); err != nil || media != "application/dicom" {
			return errNoFile
		}
		return nil
	})
}

// StudyOf returns the Orthanc ID of an instance's study, where labels are put.
func (c *Client) StudyOf(ctx context.Context, id string) (string, error) {
	var study struct{ ID string }
	err := c.getJSON(ctx, "find the study of an instance", instance(id)+"/study", smallAnswer, &study)
	return study.ID, err
}

// SeriesOf returns the Orthanc ID of an instance's series, with which Series
// can be asked once for many instances.
func (c *Client) SeriesOf(ctx context.Context, id string) (string, error) {
	var parent struct{ ParentSeries string }
	err := c.getJSON(ctx, "find the series of an instance", instance(id), smallAnswer, &parent)
	return parent.ParentSeries, err
}

// Series is what Orthanc's index knows of a series. It is text from outside.
type Series struct{ Modality, Manufacturer, StationName string }

// Series asks the index about a series. The answer lists every instance of it,
// so ask once a series and not once an instance.
func (c *Client) Series(ctx context.Context, seriesID string) (Series, error) {
	var known struct{ MainDicomTags Series }
	err := c.getJSON(ctx, "read a series", "/series/"+url.PathEscape(seriesID), 16*smallAnswer, &known)
	return known.MainDicomTags, err
}

// Patient is what Orthanc's index knows of a series' patient: enough to find it
// in a text that is to be shown.
type Patient struct{ PatientName, PatientID, PatientBirthDate string }

// PatientOf asks the index about the patient of a series.
func (c *Client) PatientOf(ctx context.Context, seriesID string) (Patient, error) {
	var known struct{ MainDicomTags Patient }
	err := c.getJSON(ctx, "find the patient of a series", "/series/"+url.PathEscape(seriesID)+"/patient", 16*smallAnswer, &known)
	return known.MainDicomTags, err
}

// SetMetadata puts a mark on an instance. It makes an UpdatedMetadata line in
// the feed. Users have the numbers from 1024.
func (c *Client) SetMetadata(ctx context.Context, id string, number int, value string) error {
	return c.send(ctx, "mark an instance", http.MethodPut, instance(id)+"/metadata/"+strconv.Itoa(number), value)
}

// DeleteInstance deletes an instance, and with the last one its series, study
// and patient, protected or not.
func (c *Client) DeleteInstance(ctx context.Context, id string) error {
	return c.send(ctx, "delete an instance", http.MethodDelete, instance(id), "")
}

// Labels lists the labels of a study. Like AddLabel and RemoveLabel it is only
// for an Orthanc whose System has them: others say ErrNotFound.
func (c *Client) Labels(ctx context.Context, studyID string) ([]string, error) {
	var labels []string
	err := c.getJSON(ctx, "read the labels of a study", study(studyID)+"/labels", smallAnswer, &labels)
	return labels, err
}

// AddLabel puts a label on a study. One that it has is no error.
func (c *Client) AddLabel(ctx context.Context, studyID, label string) error {
	return c.send(ctx, "label a study", http.MethodPut, study(studyID)+"/labels/"+url.PathEscape(label), "")
}

// RemoveLabel takes a label off a study. One that it does not have is no error.
func (c *Client) RemoveLabel(ctx context.Context, studyID, label string) error {
	return c.send(ctx, "take a label off a study", http.MethodDelete, study(studyID)+"/labels/"+url.PathEscape(label), "")
}

func instance(id string) string { return "/instances/" + url.PathEscape(id) }

func study(id string) string { return "/studies/" + url.PathEscape(id) }
