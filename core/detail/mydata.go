package detail

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Details) OwnerName() string { return "details" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Details) OwnerTables() []string {
	return []string{"badge_detail", "badge_evidence", "badge_view"}
}

const exportName = "details/badge_details.json"

type exportedDetail struct {
	Badge      string             `json:"id"` // of badges/badges.json
	Name       string             `json:"name"`
	Note       string             `json:"note,omitempty"`
	HalfStars  int                `json:"ratingInHalfStars,omitempty"`
	Place      string             `json:"place,omitempty"`
	PlaceShown bool               `json:"placeShown,omitempty"`
	Evidence   []exportedEvidence `json:"evidence,omitempty"`
	Views      []exportedViews    `json:"views,omitempty"`
}

type exportedEvidence struct {
	Kind    Kind      `json:"kind"`
	Title   string    `json:"title,omitempty"`
	URL     string    `json:"url,omitempty"`
	Text    string    `json:"text,omitempty"`
	File    string    `json:"file,omitempty"` // id of a file of files/
	Shown   bool      `json:"shown"`
	AddedAt time.Time `json:"addedAt"`
}

type exportedViews struct {
	Day  string `json:"day"`
	Kind string `json:"by"`
	Hits int    `json:"times"`
}

// Export hands out what the person adds to their badges, and the views of them.
func (s *Details) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	d := s.Base.Read()
	list, err := listDetailed(ctx, d, person)
	if err != nil {
		return err
	}
	out := make([]exportedDetail, 0, len(list))
	for _, b := range list {
		x, err := s.exportOne(ctx, d, b)
		if err != nil {
			return err
		}
		out = append(out, x)
	}
	return archive.Put(put, exportName, out)
}

func (s *Details) exportOne(ctx context.Context, d db.DB, b detailed) (exportedDetail, error) {
	x := exportedDetail{Badge: b.publicID, Name: b.name}
	own, err := s.Of(ctx, b.id)
	if err != nil {
		return x, err
	}
	x.Note, x.HalfStars, x.Place, x.PlaceShown = own.Note, own.Rating, own.Place, own.PlaceShown
	evidence, err := listEvidence(ctx, d, b.id, true)
	if err != nil {
		return x, err
	}
	for _, e := range evidence {
		x.Evidence = append(x.Evidence, exportedEvidence{e.Kind, e.Title, e.URL, e.Body, e.FileID, e.Shown, e.CreatedAt})
	}
	views, err := listViews(ctx, d, b.id)
	for _, v := range views {
		day := time.Unix(v.day*int64(viewDay/time.Second), 0).UTC().Format(time.DateOnly)
		x.Views = append(x.Views, exportedViews{day, v.kind, v.hits})
	}
	return x, err
}

// Counts gives how much there is of each document.
func (s *Details) Counts(ctx context.Context, person int64) (map[string]int, error) {
	list, err := listDetailed(ctx, s.Base.Read(), person)
	return map[string]int{exportName: len(list)}, err
}

// Erase deletes all of it.
func (s *Details) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return deleteOfPerson(ctx, tx, person)
}
