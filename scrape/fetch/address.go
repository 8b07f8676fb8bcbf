package fetch

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
)

// reserved are the blocks that no publisher's server has, beyond those that package
// netip knows by name: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890
// and its updates). Blocks that carry an IPv4 address inside are refused whole.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),    // IETF protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarking
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
	netip.MustParsePrefix("::/96"),           // IPv4-compatible, unspecified, loopback
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64
	netip.MustParsePrefix("64:ff9b:1::/48"),  // NAT64, local
	netip.MustParsePrefix("100::/64"),        // discard
	netip.MustParsePrefix("2001::/23"),       // Teredo and other protocol assignments
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4
	netip.MustParsePrefix("fec0::/10"),       // site-local, deprecated
}

// public says whether an address may be a publisher's.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false // loopback, link-local, multicast, unspecified, broadcast, private
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// newBase makes the transport that really sends. The address is checked when the socket
// is made, after name resolution, so that no name leads around the check.
func newBase(o Options) *http.Transport {
	d := &net.Dialer{
		Timeout: o.ConnectTimeout,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("%w: %q", ErrAddress, address)
			}
			if o.LoopbackOnly {
				if !ap.Addr().Unmap().IsLoopback() {
					return fmt.Errorf("%w: %s is not loopback", ErrAddress, ap.Addr())
				}
				return nil
			}
			if !public(ap.Addr()) {
				return fmt.Errorf("%w: %s is not public", ErrAddress, ap.Addr())
			}
			return nil
		},
	}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if o.Resolve != nil {
				address = o.Resolve(address)
			}
			return d.DialContext(ctx, network, address)
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    o.ConnectTimeout,
		ResponseHeaderTimeout:  o.HeaderTimeout,
		MaxResponseHeaderBytes: 256 << 10,
		IdleConnTimeout:        o.HeaderTimeout,
		DisableCompression:     true, // the wire bytes are ours to keep
		ForceAttemptHTTP2:      true,
	}
}

// checkHost refuses addresses that the source did not declare.
func (b *bound) checkHost(u *url.URL) error {
	switch {
	case u.Scheme != "https" && !(u.Scheme == "http" && b.f.o.AllowHTTP):
		return fmt.Errorf("%w: %q is not https", ErrHost, u.Redacted())
	case u.User != nil:
		return fmt.Errorf("%w: %q names a user", ErrHost, u.Redacted())
	case u.Port() != "" && u.Port() != map[string]string{"https": "443", "http": "80"}[u.Scheme]:
		return fmt.Errorf("%w: %q names a port", ErrHost, u.Redacted())
	case !b.hosts[hostName(u.Hostname())]:
		return fmt.Errorf("%w: %q", ErrHost, u.Hostname())
	}
	return nil
}
