package main

import (
	"fmt"
	"strings"

	"github.com/dosegate/dosegate/plugin/web"
	"github.com/spf13/cobra"
)

func passwdCommand() *cobra.Command {
	var path, role string
	var token, remove bool
	cmd := &cobra.Command{
		Use:   "passwd -c dosegate.yaml [--role viewer|operator] [--token | --remove] NAME",
		Short: "Set the password of a user of the page, make a token for the API, or remove either",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(path)
			if err != nil {
				return err
			}
			if role != "" && role != string(web.Viewer) && role != string(web.Operator) {
				return usagef("--role: %q is neither viewer nor operator", role)
			}
			if token && remove {
				return usagef("--token makes one, --remove removes: give one of them")
			}
			p := passwd{file: c.Web.UsersFile, role: web.Role(role), cmd: cmd}
			return p.change(args[0], token, remove)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&role, "role", "", "`viewer` or operator; without it that of now, viewer for somebody new")
	cmd.Flags().BoolVar(&token, "token", false, "make a token for a program instead, and print it once")
	cmd.Flags().BoolVar(&remove, "remove", false, "remove the user or token")
	return cmd
}

// passwd changes the users file.
type passwd struct {
	file string
	role web.Role
	cmd  *cobra.Command
}

func (p passwd) change(name string, token, remove bool) error {
	users, err := web.ReadUsers(p.file)
	if err != nil {
		return usageError{err}
	}
	if users == nil {
		users = &web.Users{}
	}
	said := ""
	switch {
	case remove:
		err, said = users.Remove(name), name+" is removed from "+p.file
	case token:
		said, err = users.NewToken(name, p.role)
	default:
		said, err = p.set(users, name)
	}
	if err != nil {
		return usageError{err}
	}
	if err := users.Write(p.file); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.cmd.OutOrStdout(), said)
	return err
}

func (p passwd) set(users *web.Users, name string) (string, error) {
	password, err := askSecret(p.cmd, "Password", true)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password = strings.TrimRight(password, "\r\n")
	return "the password of " + name + " is set in " + p.file, users.Set(name, p.role, password)
}
