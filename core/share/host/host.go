// Package host runs share plugins: it finds them, starts each in a process of
// its own when somebody shares, checks what it answers, stops it when it is
// idle and gives up on one that keeps crashing. A dead, slow or lying plugin
// costs one button, never a page.
//
// It knows neither web nor database: descriptors are kept and shares are logged
// by core/share, its only caller beside the `osier plugin` commands. It owns no
// table and publishes no event. On disk it owns the private folder (copies of
// community executables, sockets, plugins.lock). The contract is
// plugins/sdk/wire; errors are faults with a key plugin.error.*.
package host

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk"
)

// Bounds of the supervision that nobody needs to change.
const (
	callsAtOnce   = 4                // per plugin
	busyWait      = 2 * time.Second  // for one of them to end
	startsAtOnce  = 4                // of all plugins: more would only wait for each other, and be late
	maxFiles      = 256              // open in a process at once (Linux)
	maxTasks      = 1024             // processes and threads of the user beside those of the machine when it started (Linux)
	stopGrace     = time.Second      // between the request to end and the kill
	closeGrace    = 2 * time.Second  // for all plugins together
	maxAge        = 24 * time.Hour   // of a process
	reapEvery     = 30 * time.Second // looks for idle processes
	crashWindow   = 10 * time.Minute
	crashLimit    = 5 // within crashWindow
	maxBackoff    = time.Minute
	halfOpenAfter = 30 * time.Minute // a disabled plugin gets one more try
	hangLimit     = 3                // calls in a row without an answer in time
	healthTimeout = time.Second
)

// Options of a Host. PrivateDir is required.
type Options struct {
	Dir        string       // folder of community plugins; empty or missing means none
	PrivateDir string       // ours alone (made with mode 0700): copies, sockets, plugins.lock
	Bundled    []sdk.Plugin // served by our own binary as `plugin serve ID`
	Self       string       // path of our own binary; empty means the running one
	Log        *slog.Logger
	Clock      func() time.Time
	// Dial connects a plugin's way out with host:port, once the host is known to be
	// one that the plugin may reach; it refuses addresses that are not public. Nil:
	// plugins have no way out by us.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	Env  []string // more for the environment of plugins, such as the roots of a test, whose files they may read
	// Hidden are files and folders of the passport that no plugin may read, even when
	// they lie in a folder of programs, such as /opt. All else is hidden anyway, but
	// for the system's programs and a plugin's own. See Confinement.
	Hidden []string

	StartTimeout    time.Duration // until a started plugin has described itself; default 15 s
	CallTimeout     time.Duration // of a share, with start and waiting; default 10 s
	DescribeTimeout time.Duration // of the call Describe; default 2 s
	IdleAfter       time.Duration // until an unused process is stopped; default 5 min
	Memory          int64         // bytes of data that a process may hold (Linux); default 512 MiB, negative means no limit
}

// Source says where a plugin comes from.
type Source string

// The sources.
const (
	Bundled   Source = "bundled"
	Community Source = "community"
)

// State says whether a plugin can be used now.
type State string

// The states.
const (
	OK       State = "ok"       // running, or started when needed
	Backoff  State = "backoff"  // crashed; tried again in a moment
	Disabled State = "disabled" // not used, see Status.Reason
)

// Status is a plugin as the administrator sees it.
type Status struct {
	ID       string
	Version  string // empty while unknown
	Source   Source
	Path     string // of the executable; empty for a bundled plugin
	State    State
	Reason   *fault.Error // why not OK; nil when OK
	PID      int          // 0 while not running
	Restarts int          // starts after the first
	LastLogs []string     // at most 50 lines, oldest first
	Memory   int64        // bytes of the process beside pages of files; 0 while not running, or where the system does not tell
	Calls    int          // answered or not, since the passport started
	Failures int          // calls without an answer that could be used
	Errors   []Mishap     // the last ones, oldest first
	// Announced is what plugin.yaml says the plugin offers; its ID is empty
	// without one. Describe has the plugin's own word.
	Announced sdk.Descriptor
	// Anywhere tells that the plugin may connect to anything by itself: plugin.yaml says
	// that it does, or there is none, so that nothing is known before it runs.
	Anywhere bool

	place int // see source
}

// Request asks to share Item to Target. A target of kind link takes no more.
type Request struct {
	Target string
	Item   sdk.Item

	Image    []byte // the drawn card, PNG; may be nil
	ImageAlt string
	Options  map[string]string
	Settings map[string]string // the administrator's
	Grant    Grant
	Key      string // idempotency key, the same for each try
}

// Result is what the plugin answered, checked.
type Result struct {
	URL string // where to send the person: https on a declared host, or mailto
}

// Host supervises all plugins. Make it with New, end it with Close.
type Host struct {
	opt  Options
	lock lockFile
	run  runDir

	starts chan struct{} // one taken by each process that starts

	secrets *secrets
	egress  *egress // nil without Options.Dial

	mu     sync.Mutex // taken before a unit's
	units  map[string]*unit
	looked map[string]look // what the last scan saw in the folder, by id

	life   sync.Mutex // taken after all others
	closed bool
	stop   chan struct{} // closed with the host
	bg     sync.WaitGroup
}

// New looks into the plugins folder and starts nothing. Faults of single plugins
// never make it fail; they show in List. The error is about Options alone.
func New(o Options) (*Host, error) {
	if o.PrivateDir == "" {
		return nil, fmt.Errorf("plugin host: PrivateDir is required")
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	h := &Host{
		opt:    o,
		lock:   lockFile{path: filepath.Join(o.PrivateDir, "plugins.lock")},
		run:    runDir{parent: o.PrivateDir},
		units:  map[string]*unit{},
		looked: map[string]look{},
		stop:   make(chan struct{}),
		starts: make(chan struct{}, startsAtOnce),
	}
	h.secrets = newSecrets(o.Clock)
	if o.Dial != nil {
		h.egress = newEgress(o.Dial, func(plugin, host string) {
			o.Log.Warn("plugin wants to reach a host that it does not declare", "plugin", plugin, "host", sdk.Clip(sdk.Plain(host), maxDetail, nil))
		})
	}
	if err := h.run.clean(); err != nil {
		return nil, fmt.Errorf("plugin host: %w", err)
	}
	for n, p := range o.Bundled {
		d, err := p.Descriptor()
		if err != nil {
			return nil, fmt.Errorf("plugin host: bundled plugin: %w", err)
		}
		h.units[d.ID] = newUnit(h, source{id: d.ID, from: Bundled, descriptor: &d, hosts: d.Hosts, place: n + 1})
	}
	h.Scan()
	h.background(h.reapForever)
	return h, nil
}

func (o *Options) complete() error {
	var err error
	if o.PrivateDir, err = filepath.Abs(o.PrivateDir); err != nil {
		return fmt.Errorf("plugin host: private folder: %w", err)
	}
	if o.Dir != "" {
		if o.Dir, err = filepath.Abs(o.Dir); err != nil {
			return fmt.Errorf("plugin host: plugins folder: %w", err)
		}
	}
	if o.Self == "" {
		if o.Self, err = ownBinary(); err != nil {
			return fmt.Errorf("plugin host: own binary: %w", err)
		}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	orDefault(&o.StartTimeout, 15*time.Second)
	orDefault(&o.CallTimeout, 10*time.Second)
	orDefault(&o.DescribeTimeout, 2*time.Second)
	orDefault(&o.IdleAfter, 5*time.Minute)
	if o.Memory == 0 {
		o.Memory = 512 << 20
	}
	return nil
}

func orDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// ownBinary is the running executable. On Linux /proc/self/exe stays the very
// file that runs, even when an upgrade has put another one in its place.
func ownBinary() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// List looks into the plugins folder again and tells the state of every plugin:
// bundled ones in the order of their list, then the others by id.
func (h *Host) List() []Status {
	h.Scan()
	units := h.all()
	all := make([]Status, 0, len(units))
	for _, u := range units {
		all = append(all, u.status())
	}
	slices.SortFunc(all, func(a, b Status) int {
		return cmp.Or(strings.Compare(string(a.Source), string(b.Source)), cmp.Compare(a.place, b.place), strings.Compare(a.ID, b.ID))
	})
	return all
}

// Describe answers what plugin id offers. A bundled plugin is not started for
// it. The errors are faults: NotFound, or Unavailable with the reason.
func (h *Host) Describe(ctx context.Context, id string) (sdk.Descriptor, error) {
	u, err := h.unit(id)
	if err != nil {
		return sdk.Descriptor{}, err
	}
	if d := u.bundledDescriptor(); d != nil {
		return *d, nil
	}
	ctx, cancel := context.WithTimeout(ctx, h.opt.CallTimeout)
	defer cancel()
	p, release, err := u.acquire(ctx)
	if err != nil {
		return sdk.Descriptor{}, err
	}
	defer release()
	return p.descriptor, nil
}

// Share asks plugin id for the address that shares r and checks it. It ends
// within Options.CallTimeout. The errors are faults: NotFound for a plugin or
// target that does not exist, Invalid (plugin.error.refused) when the plugin
// says that this item cannot be shared, else Unavailable with the reason.
func (h *Host) Share(ctx context.Context, id string, r Request) (Result, error) {
	u, err := h.unit(id)
	if err != nil {
		return Result{}, err
	}
	return u.share(ctx, r)
}

// Accept takes the present executable of community plugin id as the one to run
// from now on, after it was changed.
func (h *Host) Accept(id string) error {
	h.Scan()
	h.mu.Lock()
	defer h.mu.Unlock()
	seen, ok := h.looked[id]
	if !ok {
		return unknownPlugin(id)
	}
	if seen.fault != nil {
		return seen.fault
	}
	if err := h.lock.put(id, seen.sum, h.opt.Clock()); err != nil {
		return fmt.Errorf("accept plugin %s: %w", id, err)
	}
	h.opt.Log.Info("plugin accepted", "plugin", id, "sha256", seen.sum)
	if u := h.units[id]; u != nil {
		u.setSource(seen.source, nil)
		u.forgive()
		u.reap(h.opt.Clock()) // what still runs from the old file
	}
	return nil
}

// Restart has plugin id begin anew: what crashed is forgotten, so that it may start at
// once, and its process ends as soon as no call runs in it. It returns an error when there
// is no such plugin.
func (h *Host) Restart(id string) error {
	u, err := h.unit(id)
	if err != nil {
		return err
	}
	u.forgive()
	u.retire()
	return nil
}

// Close ends all plugins at once, in parallel, within 2 seconds, and removes
// their private files. Calls that still run fail.
func (h *Host) Close(ctx context.Context) error {
	h.life.Lock()
	was := h.closed
	h.closed = true
	if !was {
		close(h.stop)
	}
	h.life.Unlock()
	if was {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, closeGrace-stopGrace/2)
	defer cancel()
	var all sync.WaitGroup
	for _, u := range h.all() {
		all.Go(func() { u.close(ctx) })
	}
	all.Wait()
	if h.egress != nil {
		h.egress.close()
	}
	h.bg.Wait()
	if err := h.run.remove(); err != nil {
		return fmt.Errorf("close plugin host: %w", err)
	}
	return nil
}

func (h *Host) all() []*unit {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.units))
}

func (h *Host) unit(id string) (*unit, error) {
	find := func() *unit {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.units[id]
	}
	u := find()
	if u == nil && sdk.ValidID(id) {
		h.Scan() // it may just have been dropped into the folder
		u = find()
	}
	if u == nil {
		return nil, unknownPlugin(id)
	}
	return u, nil
}

// background runs f in a goroutine that Close waits for. A defect of ours in f
// is logged instead of ending the passport. After Close it does not run.
func (h *Host) background(f func()) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.closed {
		return
	}
	h.bg.Go(func() {
		defer h.recovered()
		f()
	})
}

func (h *Host) recovered() {
	if r := recover(); r != nil {
		stack := make([]byte, 8<<10)
		h.opt.Log.Error("panic in the plugin host", "panic", r, "stack", string(stack[:runtime.Stack(stack, false)]))
	}
}

func (h *Host) reapForever() {
	tick := time.NewTicker(reapEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-tick.C:
			h.reap()
		}
	}
}

// reap stops processes that are idle, old, or of a plugin that may not run.
func (h *Host) reap() {
	for _, u := range h.all() {
		u.reap(h.opt.Clock())
	}
}
