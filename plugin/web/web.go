package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// Options are what a page is made of.
type Options struct {
	Address
	Prefix    string // path below which a proxy shows the page, "" or "/dosegate"
	Hosts     []string
	UsersFile string
	BehindTLS bool

	Ledger     *ledger.Ledger
	Stations   *filter.Watched                       // looked at by the page alone
	Rules      func(*filter.Stations) *filter.Filter // the filter with a stations list
	Registries []Registry                            // in the order of the configuration
	Sources    []Source                              // likewise
	Settings   []Setting                             // the configuration in force
	Dictionary Dictionary                            // what leaves the house
	Contents   func(context.Context, ledger.Report) (*Contents, error)
	Resend     func(ctx context.Context, gate *pipeline.Gate, id, registry string, asNew bool, by string) error
	HoldFor    time.Duration
	Metrics    http.Handler // for Prometheus, nil: there are none
	Doorbell   http.Handler // of the plugin inside Orthanc, nil: there is none
	Version    string
	Now        func() time.Time
}

// Registry is a place that reports are delivered to.
type Registry struct {
	Name    string
	Address string                              // as it may be shown
	Inside  bool                                // in the house: it gets what names it alone
	Test    func(context.Context) []TestFinding // tries the way to it, step by step
}

// Source is an Orthanc whose feed is followed.
type Source struct {
	Name       string
	Archive    bool
	BrowserURL string // of Orthanc as a browser reaches it
	Look       func(context.Context) (words string, err error)
	// StructuredReports are the Orthanc IDs of those in an instance, a series or a
	// study that it has.
	StructuredReports func(ctx context.Context, level, id string) (ids []string, has bool, err error)
}

// Server is a page that is being served.
type Server struct {
	Options
	http     *http.Server
	listener net.Listener
	done     chan error
	stop     context.CancelFunc
	loops    sync.WaitGroup

	gate     atomic.Pointer[pipeline.Gate] // nil while this dosegate may change nothing
	acting   sync.Mutex                    // acts of persons happen one after the other
	people   *people
	pages    *pages
	monitor  *monitor
	devices  *deviceCache
	live     *live
	glances  glances
	inSecret bool // browsers reach the page by https
}

// Listen begins to serve.
func Listen(o Options) (*Server, error) {
	s := &Server{Options: o, done: make(chan error, 1), inSecret: o.BehindTLS || o.CertificateFile != ""}
	if s.Now == nil {
		s.Now = time.Now
	}
	var err error
	if s.pages, err = parsePages(); err != nil {
		return nil, err
	}
	if s.people, err = newPeople(o.UsersFile, s.Now); err != nil {
		return nil, err
	}
	if s.listener, err = o.listen(); err != nil {
		return nil, err
	}
	s.devices, s.live = newDeviceCache(), newLive()
	s.monitor = &monitor{sources: o.Sources, found: make([]SourceState, len(o.Sources))}
	s.http = o.server(s.handler())
	s.begin()
	return s, nil
}

// begin starts what runs beside the requests.
func (s *Server) begin() {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.loops.Go(func() { s.monitor.run(ctx) })
	s.loops.Go(func() { s.watch(ctx) })
	go func() { s.done <- s.http.Serve(s.listener) }()
	if s.people.none() {
		s.Log.Warn("nobody may log in to the page yet: open this link once, to set the first operator's password", "link", s.firstLink())
	}
}

// Act gives the page the gate by which persons act; nil takes it away.
func (s *Server) Act(g *pipeline.Gate) { s.gate.Store(g) }

// Addr is the address that is listened on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops serving at once.
func (s *Server) Close() error {
	s.stop()
	s.live.close()
	err := s.http.Close()
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	s.loops.Wait()
	return err
}

// scheme is what browsers reach the page by.
func (s *Server) scheme() string {
	if s.inSecret {
		return "https"
	}
	return "http"
}

// registryNames are in the order of the configuration.
func (s *Server) registryNames() []string {
	var names []string
	for _, r := range s.Registries {
		names = append(names, r.Name)
	}
	return names
}

// defaults are the registries that a report goes to where nothing names any.
func (s *Server) defaults() []string {
	names := []string{}
	for _, r := range s.Registries {
		if !r.Inside {
			names = append(names, r.Name)
		}
	}
	return names
}

// home is the path of a page below the prefix.
func (s *Server) home(path string) string { return strings.TrimSuffix(s.Prefix, "/") + path }
