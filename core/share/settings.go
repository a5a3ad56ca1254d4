package share

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
)

func settingsAAD(plugin string) []byte { return []byte("share/settings|" + plugin) }

// Settings gives what an administrator set for a plugin, its fallbacks where nothing
// was set. Secrets are "" here; set tells which of them there are.
func (s *Share) Settings(ctx context.Context, plugin string) (values map[string]string, set map[string]bool, err error) {
	all, err := s.settingsOf(ctx, plugin)
	if err != nil {
		return nil, nil, err
	}
	values, set = map[string]string{}, map[string]bool{}
	for _, f := range s.descriptor(plugin).Settings {
		if f.Type == sdk.FieldSecret {
			set[f.Key] = all[f.Key] != ""
			continue
		}
		values[f.Key] = all[f.Key]
	}
	return values, set, nil
}

// settingsOf gives all settings, with secrets and fallbacks: for plugins alone.
func (s *Share) settingsOf(ctx context.Context, plugin string) (map[string]string, error) {
	stored, err := s.storedSettings(ctx, s.base.Read(), plugin)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, f := range s.descriptor(plugin).Settings {
		if v := stored[f.Key]; v != "" {
			all[f.Key] = v
		} else if f.Fallback != "" {
			all[f.Key] = f.Fallback
		}
	}
	return all, nil
}

func (s *Share) storedSettings(ctx context.Context, d db.DB, plugin string) (map[string]string, error) {
	sealed, err := getSettings(ctx, d, plugin)
	if errors.Is(err, db.ErrNotFound) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := s.keys.Open(sealed, settingsAAD(plugin))
	if err != nil {
		return nil, fmt.Errorf("open the settings of plugin %s: %w", plugin, err)
	}
	values := map[string]string{}
	return values, json.Unmarshal(text, &values)
}

// ErrNoCheck says that settings were to be tried, and the plugin does not try any.
var ErrNoCheck = host.ErrNoCheck

// SaveSettings sets what a form of Settings brought. A secret that is not among
// values, or empty, stays as it is; forget names secrets to be deleted. The plugin
// is asked first (Configure), with test also its remote. What is wrong comes back
// by field and nothing is stored then. The error is ErrNoCheck where they should be tried
// and the plugin tries none.
func (s *Share) SaveSettings(ctx context.Context, plugin string, values map[string]string, o SaveOptions) ([]host.FieldError, error) {
	fields := s.descriptor(plugin).Settings
	if len(fields) == 0 {
		return nil, fault.New(fault.NotFound, "share.error.no_plugin")
	}
	stored, err := s.storedSettings(ctx, s.base.Read(), plugin)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(values)
	for _, f := range fields {
		if f.Type == sdk.FieldSecret && all[f.Key] == "" {
			all[f.Key] = stored[f.Key]
		}
	}
	for _, key := range o.Forget {
		delete(all, key)
	}
	clean, wrong := checkFields(fields, all)
	if len(wrong) > 0 {
		return wrong, nil
	}
	wrong, err = s.host.Configure(ctx, plugin, clean, o.Lang, o.Test)
	if err != nil && (o.DryRun || !errors.Is(err, ErrNoCheck)) {
		return wrong, err
	}
	if len(wrong) > 0 || o.DryRun {
		return wrong, nil
	}
	text, err := json.Marshal(clean)
	if err != nil {
		return nil, fmt.Errorf("seal settings: %w", err)
	}
	return nil, s.base.Tx(ctx, func(tx *db.Tx) error {
		return upsertSettings(ctx, tx, plugin, s.keys.Seal(text, settingsAAD(plugin)))
	})
}

// SaveOptions say how settings are saved.
type SaveOptions struct {
	Lang   string   // of what is wrong
	Test   bool     // try them at the remote
	DryRun bool     // store nothing
	Forget []string // secrets to delete
}

// Limits are an administrator's bounds of one target; 0 is none.
type Limits struct {
	PersonDay  int // shares of one person in 24 hours
	Month      int // shares of all in a calendar month (UTC)
	MonthCents int // what a month may cost, for targets that charge; with 0 they are not used
}

// TargetLimits gives the bounds of a target ("twitter.api").
func (s *Share) TargetLimits(ctx context.Context, target string) (Limits, error) {
	l, err := getLimits(ctx, s.base.Read(), target)
	if errors.Is(err, db.ErrNotFound) {
		return Limits{}, nil
	}
	return l, err
}

// SetTargetLimits sets them. It returns a fault NotFound for a target that is not there,
// and Conflict for one that charges, is offered and would have no cap any more.
func (s *Share) SetTargetLimits(ctx context.Context, target string, l Limits) error {
	t, err := s.targetInfo(target)
	if err != nil {
		return err
	}
	plugin, _, _ := strings.Cut(target, ".")
	if t.Limits.CostCents > 0 && l.MonthCents == 0 && !s.TargetOff(plugin, t) {
		return errNoCap(target)
	}
	if l.PersonDay < 0 || l.Month < 0 || l.MonthCents < 0 {
		return fault.New(fault.Invalid, "share.error.limit")
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error { return upsertLimits(ctx, tx, target, l) })
}

// descriptor is what is known of a plugin.
func (s *Share) descriptor(plugin string) sdk.Descriptor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.descriptors[plugin]
}

// targetInfo finds a target by its whole id, also one that is switched off.
func (s *Share) targetInfo(id string) (sdk.TargetInfo, error) {
	plugin, target, _ := strings.Cut(id, ".")
	for _, t := range s.descriptor(plugin).Targets {
		if t.ID == target {
			return t, nil
		}
	}
	return sdk.TargetInfo{}, fault.New(fault.NotFound, "share.error.no_target")
}
