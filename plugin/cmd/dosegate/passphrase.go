package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// shortestPassphrase is against mistakes; what is a good one nobody can check.
const shortestPassphrase = 10

func passphraseFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "passphrase-file", "", "a `file` with the passphrase; without it it is asked for, or read from standard input")
}

// passphraseFrom is where a passphrase comes from.
type passphraseFrom struct {
	file  string
	isNew bool // it is typed twice, and may not be short
	cmd   *cobra.Command
}

func (p passphraseFrom) read() (string, error) {
	text, err := p.get()
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if text = strings.TrimRight(text, "\r\n"); text == "" || p.isNew && len(text) < shortestPassphrase {
		return "", usagef("the passphrase has to have at least %d characters", shortestPassphrase)
	}
	return text, nil
}

func (p passphraseFrom) get() (string, error) {
	if p.file != "" {
		text, err := os.ReadFile(p.file)
		return string(text), err
	}
	return askSecret(p.cmd, "Passphrase", p.isNew)
}

// askSecret asks for what must not be seen, twice if a mistake in it would only
// show later. From a pipe its first line is taken.
func askSecret(cmd *cobra.Command, what string, twice bool) (string, error) {
	terminal := int(os.Stdin.Fd())
	if !term.IsTerminal(terminal) {
		line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return line, err
	}
	ask := func(what string) (string, error) {
		fmt.Fprint(cmd.ErrOrStderr(), what+": ")
		text, err := term.ReadPassword(terminal)
		fmt.Fprintln(cmd.ErrOrStderr())
		return string(text), err
	}
	first, err := ask(what)
	if err != nil || !twice {
		return first, err
	}
	again, err := ask("The same again")
	if err == nil && first != again {
		err = errors.New("the two differ")
	}
	return first, err
}

// encrypt makes an age file, which the program of that name opens as well.
func encrypt(text []byte, passphrase string) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fmt.Errorf("encrypt the key: %w", err)
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, recipient)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("encrypt the key: %w", err)
	}
	return file.Bytes(), nil
}

func decrypt(file []byte, passphrase string) ([]byte, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("decrypt the key: %w", err)
	}
	r, err := age.Decrypt(bytes.NewReader(file), identity)
	if err != nil {
		return nil, fmt.Errorf("decrypt the key: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("decrypt the key: %w", err)
	}
	return text, nil
}
