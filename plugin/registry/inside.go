package registry

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// errOutside says that an address is not of the house's own network.
var errOutside = errors.New("its address is not inside")

// Inside reports whether an address is of this machine or of a private network
// (RFC 1918, RFC 4193): what is configured as inside must be there.
func Inside(address netip.Addr) bool {
	address = address.Unmap()
	return address.IsLoopback() || address.IsPrivate()
}

// insideHost refuses a host of which any address is not inside.
func insideHost(ctx context.Context, registry, host string) error {
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		kind, words := unreached(err)
		return failure(registry, kind, words, safeCause(err))
	}
	for _, address := range addresses {
		if !Inside(address) {
			return failure(registry, Paused, errOutside.Error(), nil)
		}
	}
	return nil
}

// dialer reaches a registry. Where that is inside, the address is looked at
// when the connection is made, whatever the name stood for before.
func dialer(inside bool) *net.Dialer {
	d := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	if inside {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !Inside(to.Addr()) {
				return errOutside
			}
			return nil
		}
	}
	return d
}
