package badge

import (
	"time"

	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/web"
)

// Details gives what the holder of a badge adds to it, as the viewer may see it.
// core/detail answers.
type Details func(c *web.Ctx, b Badge) (Detailed, error)

// Detailed is what the holder of a badge adds to it, and what there is around it.
type Detailed struct {
	EditURL           string // "" for who does not hold it
	Note              string // for the holder
	Rating            int    // half stars, for the holder
	Stars             string // the same in stars, as the language writes numbers
	Place             string
	Evidence          []OwnEvidence
	Twins             []Twin
	Holders           []Person
	Members, Visitors int // views, for the holder
	Weeks             []WeekView
	Most              int // views of the week with the most
}

// OwnEvidence is what the holder put beside the badge.
type OwnEvidence struct {
	ID, Kind, Title, URL, Text string

	Shown  bool
	Closed bool // a page that nobody but the holder opens
	At     time.Time
}

// Twin is another badge of the class that the same person holds.
type Twin struct {
	URL                 string
	IssuedAt, ExpiresAt time.Time
	Newer               bool
}

// WeekView is the views of a week.
type WeekView struct {
	From                     time.Time
	Members, Visitors, Views int
}

// IssuedEndorsement is one that came with the credential: by whom, how its own checks
// ended, and what it says, in Markdown, unless they failed: then nobody may have said it.
type IssuedEndorsement struct{ By, Result, Text string }

// issuedEndorsements are those in the last report.
func issuedEndorsements(steps []verify.Step) []IssuedEndorsement {
	var list []IssuedEndorsement
	for _, s := range steps {
		if s.Name == verify.CheckEndorsement && s.By != "" {
			e := IssuedEndorsement{By: s.By, Result: string(s.Result), Text: s.Said}
			if s.Result == verify.Fail {
				e.Text = ""
			}
			list = append(list, e)
		}
	}
	return list
}

// Cheer gives how a badge is congratulated on. core/social answers.
type Cheer func(c *web.Ctx, b Badge) (Cheers, error)

// Cheers are the congratulations on a badge.
type Cheers struct {
	Count  int
	People []Person // whom the viewer may know of
	Mine   bool
	URL    string // where the viewer congratulates, "" for who may not
}
