package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

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
			words, err := askHealth(cmd.Context(), c.Web.Listen)
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
func askHealth(ctx context.Context, listen string) (words string, err error) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}} // and no proxy
	u := url.URL{Scheme: "http", Host: reachable(listen), Path: "/healthz"}
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
