package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/spf13/cobra"
)

func healthcheckCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "healthcheck -c dosegate.yaml",
		Short: "Whether serve is running and answers, for a container without a shell",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(path)
			if err != nil {
				return err
			}
			words, err := askHealth(cmd.Context(), c.Web)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), words)
			return err
		},
	}
	configFlag(cmd, &path)
	return cmd
}

// askHealth asks the page that listens on an address of this machine what serve
// does.
func askHealth(ctx context.Context, c config.Web) (words string, err error) {
	// No proxy, and no check of the certificate: it is made for another name than
	// that of this machine's loopback, and nothing is told that is to be kept.
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	u := url.URL{Scheme: "http", Host: reachable(c.Listen), Path: "/healthz"}
	if c.CertificateFile != "" {
		u.Scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", fmt.Errorf("ask for health: %w", err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("dosegate serve does not answer on %s: %w", u.Host, errors.Unwrap(err))
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("dosegate serve on %s is not well: status %d: %s", u.Host, answer.StatusCode, strings.TrimSpace(string(body)))
	}
	return strings.TrimSpace(string(body)), err
}

// reachable is where an address that is listened on can be asked: one that
// means every interface cannot be.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen // config has checked it
	}
	switch ip := net.ParseIP(host); {
	case host == "", ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
