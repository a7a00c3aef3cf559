package surveytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"

	"github.com/dosegate/dosegate/plugin/survey"
)

// Certificate writes one for 127.0.0.1, and its key beside it, that is valid until a
// time: NAME.pem and NAME.key.
func (h *House) Certificate(name string, until time.Time) survey.CertificateOptions {
	h.T.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	h.Must(err)
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "A Test"}, NotBefore: until.AddDate(-5, 0, 0), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	h.Must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	h.Must(err)
	h.Write(name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	h.Write(name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	return survey.CertificateOptions{Name: name, File: h.Path(name + ".pem")}
}
