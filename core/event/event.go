// Package event carries news sideways between features inside one process.
//
// A feature defines its event types and publishes them in the transaction that
// makes them true. Subscribers, wired in core/app.go, run inside that
// transaction (On: they fail or succeed with it) or after its commit (After: in a
// goroutine of their own, for work that may be lost in a crash). Work that must
// not be lost is a job, added by an On handler.
package event

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/osier-passport/osier/core/db"
)

// Bus knows the subscribers. Subscribe before the first Publish.
type Bus struct {
	log     *slog.Logger
	inside  map[reflect.Type][]func(context.Context, *db.Tx, any) error
	after   map[reflect.Type][]func(context.Context, any) error
	running Background
}

// New makes an empty bus that logs the errors of After handlers.
func New(log *slog.Logger) *Bus {
	return &Bus{
		log:    log,
		inside: make(map[reflect.Type][]func(context.Context, *db.Tx, any) error),
		after:  make(map[reflect.Type][]func(context.Context, any) error),
	}
}

// On runs f inside the transaction of each publisher of E, in the order of subscription.
func On[E any](b *Bus, f func(ctx context.Context, tx *db.Tx, e E) error) {
	k := reflect.TypeFor[E]()
	b.inside[k] = append(b.inside[k], func(ctx context.Context, tx *db.Tx, e any) error {
		return f(ctx, tx, e.(E)) //nolint:errcheck,forcetypeassert // stored under the type of E
	})
}

// After runs f once the transaction of a publisher of E is committed.
func After[E any](b *Bus, f func(ctx context.Context, e E) error) {
	k := reflect.TypeFor[E]()
	b.after[k] = append(b.after[k], func(ctx context.Context, e any) error {
		return f(ctx, e.(E)) //nolint:errcheck,forcetypeassert // stored under the type of E
	})
}

// Publish tells the subscribers of E. An error of an On handler is the
// publisher's to return, so that the transaction fails.
func Publish[E any](ctx context.Context, tx *db.Tx, b *Bus, e E) error {
	k := reflect.TypeFor[E]()
	for _, f := range b.inside[k] {
		if err := f(ctx, tx, e); err != nil {
			return fmt.Errorf("handle %s: %w", k, err)
		}
	}
	for _, f := range b.after[k] {
		later := context.WithoutCancel(ctx)
		tx.After(func() { b.start(later, k, f, e) })
	}
	return nil
}

// Wait returns when the After handlers that run have ended.
func (b *Bus) Wait() { b.running.Wait() }

func (b *Bus) start(ctx context.Context, k reflect.Type, f func(context.Context, any) error, e any) {
	b.running.Go(b.log, k.String(), func() {
		if err := f(ctx, e); err != nil {
			b.log.Error("event handler failed", "event", k.String(), "error", err)
		}
	})
}
