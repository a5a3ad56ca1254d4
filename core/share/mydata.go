package share

import (
	"cmp"
	"context"
	"strings"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Share) OwnerName() string { return "share" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Share) OwnerTables() []string {
	return []string{"share", "share_account", "share_connect", "share_job", "share_choice"}
}

// Export hands out what the person shared.
func (s *Share) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list, err := listAll(ctx, s.base.Read(), person)
	if err != nil {
		return err
	}
	accounts, err := s.exportAccounts(ctx, person)
	if err != nil {
		return err
	}
	posts, err := s.exportJobs(ctx, person)
	if err != nil {
		return err
	}
	choices, err := s.exportChoices(ctx, person)
	if err != nil {
		return err
	}
	for _, d := range []struct {
		name string
		list any
	}{{"shares", list}, {"accounts", accounts}, {"posts", posts}, {"places", choices}} {
		if err := archive.Put(put, "share/"+d.name+".json", d.list); err != nil {
			return err
		}
	}
	return nil
}

// Counts gives how much was shared.
func (s *Share) Counts(ctx context.Context, person int64) (map[string]int, error) {
	return countOf(ctx, s.base.Read(), person)
}

// Place is somewhere that the person shared badges to.
type Place struct {
	Target string // "linkedin.post"
	Name   string // as people know it
	Badges int
}

// Places gives where a person shared badges to, with its names in a language.
func (s *Share) Places(ctx context.Context, person int64, lang string) ([]Place, error) {
	list, err := countPlaces(ctx, s.base.Read(), person)
	if err != nil {
		return nil, err
	}
	for i, p := range list {
		list[i].Name = s.targetName(p.Target, lang)
	}
	return list, nil
}

// targetName is what people know a target by: its service, of which a plugin can
// have several.
func (s *Share) targetName(id, lang string) string {
	plugin, target, _ := strings.Cut(id, ".")
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.descriptors[plugin]
	for _, t := range d.Targets {
		if t.ID == target {
			return d.ServiceOf(t, lang)
		}
	}
	return cmp.Or(d.Name[lang], d.Name["en"], plugin)
}

// Erase deletes what the person shared from our log, and what they connected. Part
// has asked the remotes before; targets of the kind "link" hold nothing that we
// could take back.
func (s *Share) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	for _, f := range []func(context.Context, *db.Tx, int64) error{deleteOfPerson, deleteJobsOf, deleteConnections, deleteAccountsOf, deleteChoicesOf} {
		if err := f(ctx, tx, person); err != nil {
			return err
		}
	}
	return nil
}
