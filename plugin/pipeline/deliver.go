package pipeline

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/registry"
)

// patienceWhenStopping is how long what is under way may still take after a stop was
// asked for: a send, a deletion. A send that is cut off stays
// queued: sending again is sending the same.
const patienceWhenStopping = 5 * time.Second

// one makes one attempt at one delivery.
func (d *deliverer) one(ctx context.Context, w ledger.Work) {
	if err := d.attempt(ctx, w); err != nil && !errors.Is(err, ledger.ErrConflict) && !errors.Is(err, errKept) {
		d.log.Error("cannot record a delivery", at(w.Report.ID), "error", err)
	}
}

func (d *deliverer) attempt(stopping context.Context, w ledger.Work) error {
	// What was begun is brought to its end, so that its receipt is recorded.
	ctx := context.WithoutCancel(stopping)
	reach, cancel := lasting(stopping, patienceWhenStopping)
	defer cancel()
	r := w.Report
	src, err := d.source(r.Source)
	if err != nil {
		return d.later(ctx, w, err.Error(), 0)
	}
	f, err := d.look(reach, src, r.OrthancID, r.ReceivedAt)
	if errors.Is(err, orthanc.ErrNotFound) {
		err = d.gone(reach, src, r, ledger.ByDeliver)
		switch {
		case errors.Is(err, errMissing):
			return d.later(ctx, w, "source "+src.Name+" does not have it, nor most of its other reports", 0)
		case errors.Is(err, errKept):
			d.log.Warn("the report is gone from Orthanc before it was delivered", at(r.ID))
			return err
		}
	}
	if err != nil {
		return d.later(ctx, w, "source "+src.Name+" does not give the report", 0)
	}
	return d.transmit(ctx, reach, src, w, f)
}

// transmit decides again on what was fetched, and sends what may be. Reach is for what
// speaks to others, and ends some time after a stop.
func (d *deliverer) transmit(ctx, reach context.Context, src *Source, w ledger.Work, f *found) error {
	r := w.Report
	if stop, err := d.stopped(ctx, src, w, f); stop || err != nil {
		return err
	}
	as := deid.Context{Key: f.key, Edition: w.Delivery.Edition, Issuer: cmp.Or(src.Issuer, f.verdict.Issuer), Facility: f.verdict.Facility}
	if due := d.due(w, f, as); d.Now().Before(due) {
		return d.Ledger.Postpone(ctx, r.ID, d.to.Name(), due)
	}
	p, err := d.prepare(d.to.Name(), r, f, as)
	if errors.Is(err, deid.ErrNoFacility) {
		return d.later(ctx, w, err.Error(), 0)
	}
	if err != nil {
		return d.unsafe(ctx, src, r, err)
	}
	if n := p.numbersDropped; n > 0 {
		d.log.Warn("values that are no numbers are left out of the report", at(r.ID), "count", n)
	}
	other, err := d.otherBytes(ctx, w, p.sent)
	if err != nil {
		return err
	}
	if other != "" {
		d.log.Error(other, at(r.ID))
		return d.Ledger.Rejected(ctx, r.ID, d.to.Name(), ledger.Sent{}, other+"; resend it with --as-new")
	}
	d.step("before send")
	receipt, err := d.to.Send(reach, p.object)
	d.step("after send")
	return d.settle(ctx, src, w, p.sent, receipt, err)
}

// lasting is a context that ends some time after another one does.
func lasting(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return longer, func() { stop(); cancel() }
}

// stopped decides again, by what the instance is now, and takes a report out
// of the queue that is not to be sent any more.
func (d *deliverer) stopped(ctx context.Context, src *Source, w ledger.Work, f *found) (bool, error) {
	r, v := w.Report, f.verdict
	switch {
	case v.Action == filter.Ignore, f.digest != r.Digest:
		v = filter.Verdict{Action: filter.Hold, ReasonCode: filter.Changed,
			Reason: "what Orthanc holds is not what was accepted"}
	case v.Action == filter.Accept && slices.Contains(d.registries(v), d.to.Name()):
		return false, nil
	case v.Action == filter.Accept:
		return true, d.Ledger.Accept(ctx, r.ID, ledger.Verdict{ReasonCode: v.ReasonCode, Reason: v.Reason}, d.registries(v), ledger.ByDeliver)
	}
	return true, d.hold(ctx, src, r, v, ledger.ByDeliver)
}

// due is when a report may first be sent (registries[].deliver_after). It
// derives from the patient, whom the ledger does not know, so it is found only
// here, where the report is at hand. What was sent before waits no more.
func (d *deliverer) due(w ledger.Work, f *found, as deid.Context) time.Time {
	wait := d.DeliverAfter[d.to.Name()]
	if wait == (Delay{}) || w.Delivery.SentSHA256 != "" {
		return time.Time{}
	}
	return w.Report.ReceivedAt.Add(deid.Delay(f.doc, as, wait.From, wait.To))
}

// unsafe holds a report that could not be made safe to send.
func (d *deliverer) unsafe(ctx context.Context, src *Source, r ledger.Report, err error) error {
	var leak *deid.LeakError
	v := filter.HeldUnreadable(err)
	if errors.As(err, &leak) {
		v = filter.Verdict{Action: filter.Hold, ReasonCode: filter.Leak, Reason: "not sent: " + leak.Error()}
	}
	d.log.Warn("the report is not safe to send", at(r.ID), "reason", v.Reason)
	return d.hold(ctx, src, r, v, ledger.ByDeliver)
}

// otherBytes says why the report is not sent when the registry has other bytes
// under this very UID: it would keep the first and say nothing. What it rejected it
// does not have. The other bytes may be those of another source's copy.
func (d *deliverer) otherBytes(ctx context.Context, w ledger.Work, now ledger.Sent) (string, error) {
	was := w.Delivery
	if !was.DeliveredAt.IsZero() && was.SentSOPInstanceUID == now.SentSOPInstanceUID && was.SentSHA256 != now.SentSHA256 {
		return "not sent: it would send other bytes under the same UID", nil
	}
	other, ok, err := d.Ledger.SentAs(ctx, now.SentSOPInstanceUID, d.to.Name(), w.Report.ID)
	if ok && other.SentSHA256 != now.SentSHA256 {
		return "not sent: the registry has this report with other bytes, from another source or place (report " + other.ReportID + ")", nil
	}
	return "", err
}

// settle records what came of a send.
func (d *deliverer) settle(ctx context.Context, src *Source, w ledger.Work, sent ledger.Sent, receipt registry.Receipt, err error) error {
	id := w.Report.ID
	sent.Status, sent.FailureReason, sent.Count, sent.Warning = receipt.Status, receipt.FailureReason, receipt.Count, receipt.Warning
	var failed *registry.Error
	switch {
	case err == nil:
		d.answered(ctx)
		if err := d.Ledger.Delivered(ctx, id, d.to.Name(), sent); err != nil {
			return err
		}
		d.log.Info("delivered", at(id), "status", receipt.Status, "attempt", w.Delivery.Attempts+1)
		d.step("after delivered")
		return nil
	case errors.As(err, &failed) && failed.Kind == registry.Rejected:
		d.answered(ctx)
		sent.Status, sent.FailureReason, sent.Count = failed.Receipt.Status, failed.Receipt.FailureReason, failed.Receipt.Count
		if err := d.Ledger.Rejected(ctx, id, d.to.Name(), sent, failed.Error()); err != nil {
			return err
		}
		d.log.Error("rejected by the registry", at(id), "error", failed)
		return nil
	case errors.As(err, &failed) && failed.Kind == registry.Paused:
		return d.later(ctx, w, failed.Error(), d.refused(ctx, failed))
	case errors.Is(err, registry.ErrNoFacility): // the registry was not asked
		return d.later(ctx, w, err.Error(), 0)
	case errors.As(err, &failed):
		d.circuit.failed(d.steadyNow(), failed.RetryAfter)
		d.log.Warn("not delivered, trying again", at(id), "error", failed, "attempt", w.Delivery.Attempts+1)
		return d.later(ctx, w, failed.Error(), failed.RetryAfter)
	}
	return d.later(ctx, w, "the delivery failed", 0)
}

// later leaves a delivery in the queue for its next attempt.
func (d *deliverer) later(ctx context.Context, w ledger.Work, why string, asked time.Duration) error {
	return d.Ledger.Retry(ctx, w.Report.ID, d.to.Name(), d.Now().Add(pause(w.Delivery.Attempts, asked)), why)
}
