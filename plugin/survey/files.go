package survey

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"time"
)

// DiskOptions are a disk that must not become full.
type DiskOptions struct {
	Name string // what lies there: ledger
	Path string // of a folder on it
}

// Disk is how much room a disk has.
type Disk struct {
	DiskOptions
	Free uint64 // bytes that we may write
	Size uint64 // bytes
	Err  error
}

func lookAtDisks(all []DiskOptions) (found []Disk) {
	for _, o := range all {
		d := Disk{DiskOptions: o}
		d.Free, d.Size, d.Err = diskSpace(o.Path)
		found = append(found, d)
	}
	return found
}

// CertificateOptions are a certificate of ours.
type CertificateOptions struct {
	Name string // whose: web, or registry dir
	File string // PEM, the first one in it counts
}

// Certificate is until when a certificate is valid.
type Certificate struct {
	CertificateOptions
	Until time.Time
	Err   error
}

func lookAtCertificates(all []CertificateOptions) (found []Certificate) {
	for _, o := range all {
		c := Certificate{CertificateOptions: o}
		c.Until, c.Err = validUntil(o.File)
		found = append(found, c)
	}
	return found
}

func validUntil(path string) (time.Time, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return time.Time{}, err
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return time.Time{}, err
		}
		return certificate.NotAfter, nil
	}
	return time.Time{}, errors.New("there is no certificate in PEM in it")
}
