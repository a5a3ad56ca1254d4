// Package sharetest is the conformance kit of share plugins: it starts a plugin as
// the passport does, asks it what the passport may ask, and tells which demands
// of the contract (plugins/sdk/wire) it meets. It speaks to the plugin over the
// wire, so that the plugin may be written in any language.
//
//	func TestConformance(t *testing.T) { sharetest.Test(t, "./social") }
//
// It owns no table and no event and imports nothing of the passport's core.
// Plugin authors and `osier plugin test` are the callers.
package sharetest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// CallTimeout is how long a plugin may take for one answer, as in the passport.
const CallTimeout = 10 * time.Second

// Result is one demand and how it was met.
type Result struct {
	Name string // what is demanded, in a few words
	Err  error  // what the plugin did instead; nil when the demand is met
}

// demand is one thing that a plugin has to do. An error says what it did instead.
type demand struct {
	name string
	of   func(*wire.Target) bool // the targets that it is made of; nil means of the plugin as a whole
	meet func(ctx context.Context, p *subject) error
}

// demands in the order in which they are tried. The last two start or end processes.
func demands() []demand {
	all := []demand{
		{"says what it offers, within the bounds of the contract", nil, describes},
		{"says the same each time", nil, describesTheSame},
		{"has a label in English for its name and each target", nil, labelled},
		{"has icons without scripts", nil, harmlessIcons},
		{"gives addresses on its own hosts that lead back to the badge", isLink, leadsBack},
		{"encodes whatever people type", isLink, encodes},
		{"gives the same address each time", isLink, sharesTheSame},
		{"keeps parallel calls apart", isLink, keepsApart},
		{"refuses a target that it does not have, and lives on", nil, refusesUnknown},
		{"bears fields and items that are missing", isLink, bearsNothing},
		{"makes addresses without the network", isLink, noNetwork},
	}
	return append(append(all, accountDemands()...), []demand{
		{"stays below 64 MB after a thousand calls, 192 MB in an interpreter", nil, staysSmall},
		{"ends within five seconds when the passport is gone", nil, endsWithParent},
		{"ends within two seconds when it is told to", nil, ends},
	}...)
}

func isLink(t *wire.Target) bool { return t.GetKind() == wire.Kind_KIND_LINK }

// of gives the demands that are made of a plugin with these targets.
func of(targets []*wire.Target) []demand {
	return slices.DeleteFunc(demands(), func(d demand) bool { return d.of != nil && !slices.ContainsFunc(targets, d.of) })
}

// Suite is a plugin and what the kit needs to try it.
type Suite struct {
	Command []string // an executable and its arguments
	// Remote answers as the plugin's service does where all is well, on every host.
	// Nil means answers in which many plugins find what they look for.
	Remote http.Handler
	// Fields are values of Target.Connect, Target.Options and Plugin.Settings by key, or
	// by target, full stop and key, where the plugin takes not just any.
	Fields map[string]string
}

// Run starts the plugin that command is (an executable and its arguments) and
// tries the demands, see [Suite.Run].
func Run(ctx context.Context, command ...string) ([]Result, error) {
	return Suite{Command: command}.Run(ctx)
}

// Run starts the plugin and tries all demands that are made of the kinds of targets
// which it has. It can reach nothing but the kit's remote. The error is that of a plugin that could not be started at all; it quotes
// what the plugin wrote to standard error.
func (s Suite) Run(ctx context.Context) ([]Result, error) {
	p, err := start(ctx, s)
	if err != nil {
		return nil, err
	}
	defer p.end()
	all := demands()
	if d, err := p.describe(ctx); err == nil { // else the first demand says it
		all = of(d.GetTargets())
	}
	results := make([]Result, 0, len(all))
	for _, d := range all {
		results = append(results, Result{Name: d.name, Err: try(ctx, p, d)})
	}
	return results, ctx.Err()
}

// try meets one demand on a living process: one that an earlier demand ended is
// started again.
func try(ctx context.Context, p *subject, d demand) error {
	if p.ended() {
		if err := p.restart(ctx); err != nil {
			return fmt.Errorf("it could not be started again: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	return d.meet(ctx, p)
}

// TB is what the kit needs of a *testing.T.
type TB interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// Test runs the kit on the plugin that command is and fails t with each demand
// that is not met.
func Test(t TB, command ...string) {
	t.Helper()
	Suite{Command: command}.Test(t)
}

// Test runs the kit and fails t with each demand that is not met.
func (s Suite) Test(t TB) {
	t.Helper()
	results, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil {
			t.Errorf("%s: %v", r.Name, r.Err)
		}
	}
}
