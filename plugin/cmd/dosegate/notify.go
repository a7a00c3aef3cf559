package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/notify"
	"github.com/dosegate/dosegate/plugin/survey"
	"github.com/spf13/cobra"
)

func notifyCommand() *cobra.Command {
	var path string
	var test bool
	cmd := &cobra.Command{
		Use:   "notify -c dosegate.yaml [--test]",
		Short: "What needs somebody now, of what serve tells by mail and webhook; with --test a message is sent to try the way",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if test {
				c, err := loadConfig(path)
				if err != nil {
					return err
				}
				return testNotify(cmd.Context(), c, cmd.OutOrStdout())
			}
			o, err := openLedger(cmd.Context(), path)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.ledger.Close()) }()
			return listNotify(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&test, "test", false, "send a message by every way that is configured")
	return cmd
}

// testNotify needs no ledger: it may be tried before the first start.
func testNotify(ctx context.Context, c *config.Config, to io.Writer) error {
	channels := newChannels(c.Notify)
	if len(channels) == 0 {
		return usagef("notify: neither mail nor webhook is configured in %s", c.File())
	}
	failed := false
	for _, channel := range channels {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		err := channel.Send(ctx, notify.Test(newNotify(c, survey.Options{Now: time.Now}, slog.New(slog.DiscardHandler))))
		cancel()
		if failed = failed || err != nil; err != nil {
			fmt.Fprintf(to, "%s: FAILED: %v\n", channel.Name(), err)
			continue
		}
		fmt.Fprintf(to, "%s: a test was sent\n", channel.Name())
	}
	if failed {
		return errFailed
	}
	return nil
}

func listNotify(ctx context.Context, o *opened, to io.Writer) error {
	stations, err := watchStations(ctx, o.config, o.ledger)
	if err != nil {
		return err
	}
	all, err := notify.Present(ctx, newNotify(o.config, newSurvey(o.config, o.ledger, stations), slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	t := newTable(to, "WHAT", "ABOUT", "COUNT", "IN WORDS")
	for _, c := range all {
		t.row(string(c.Kind), c.About, fmt.Sprint(c.Count), c.Words)
	}
	return t.end()
}

// newNotify maps notify.
func newNotify(c *config.Config, look survey.Options, log *slog.Logger) notify.Options {
	return notify.Options{Look: look, Channels: newChannels(c.Notify), Weekly: c.Notify.Weekly, Site: c.Notify.Site, Version: version(), Log: log,
		Rules: notify.Rules{Before: time.Duration(c.Notify.ExpiresIn), HoldFor: time.Duration(c.Holding.For)}}
}

func newChannels(c config.Notify) (all []notify.Channel) {
	if c.Mail.Server != "" {
		all = append(all, newMail(c.Mail))
	}
	if address := c.Webhook.URL.Reveal(); address != "" {
		all = append(all, notify.NewWebhook(notify.WebhookOptions{URL: address, Token: c.Webhook.Token.Reveal(), CAFile: c.Webhook.CAFile}))
	}
	return all
}

func newMail(c config.Mail) *notify.Mail {
	return notify.NewMail(notify.MailOptions{Server: c.Server, TLS: c.TLS, CAFile: c.CAFile, Username: c.Username, Password: c.Password.Reveal(), From: c.From, To: c.To})
}

// newSurvey is what there is to look at. The gate is whoever's that knows one.
func newSurvey(c *config.Config, l *ledger.Ledger, stations *filter.Watched) survey.Options {
	o := survey.Options{Ledger: l, Stations: stations, Now: time.Now}
	for _, r := range c.Registries {
		o.Registries = append(o.Registries, survey.RegistryOptions{Name: r.Name, Waits: time.Duration(r.DeliverAfter.To)})
		if r.CertificateFile != "" {
			o.Certificates = append(o.Certificates, survey.CertificateOptions{Name: "registry " + r.Name, File: r.CertificateFile})
		}
	}
	for _, s := range c.Orthanc {
		o.Sources = append(o.Sources, survey.SourceOptions{Name: s.Name, Archive: s.Role == config.Archive})
	}
	if c.Web.CertificateFile != "" {
		o.Certificates = append(o.Certificates, survey.CertificateOptions{Name: "web", File: c.Web.CertificateFile})
	}
	if !c.LedgerIsShared() { // the disk of another machine is not ours to look at
		o.Disks = []survey.DiskOptions{{Name: "ledger", Path: filepath.Dir(c.LedgerAddress())}}
	}
	return o
}

// notify checks that the mail server takes us. A webhook cannot be asked without
// telling it something.
func (f *findings) notify(ctx context.Context, c *config.Config) {
	if c.Notify.Mail.Server != "" {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if err := newMail(c.Notify.Mail).Reach(ctx); err != nil {
			f.fail("mail server", err)
		} else {
			f.ok("mail server", "%s, to %d addresses; dosegate notify --test writes to them", c.Notify.Mail.Server, len(c.Notify.Mail.To))
		}
	}
	if c.Notify.Webhook.URL.Reveal() != "" {
		f.ok("webhook", "not asked: dosegate notify --test tells it something")
	}
	if len(newChannels(c.Notify)) == 0 {
		f.warn("notify", "nobody is told when reports are about to expire: set notify.mail or notify.webhook")
	}
}
