package badge

import (
	"net/url"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// historyMost is how many checks of a badge its page tells of: some ten years of them.
const historyMost = 500

// Period is a run of checks with the same outcome, the newest first.
type Period struct {
	Verdict  string
	From, To time.Time // of its first and of its last check
	Checks   []Verification
}

// Verification is one entry of the ledger. URL is where its report is shown, Shown says
// that this is the page.
type Verification struct {
	At    time.Time
	URL   string
	Shown bool
}

// periods groups checks, the newest first, by their outcome. shown is the time of the one
// whose report is on the page, zero for the last.
func periods(list []Ledger, path string, shown time.Time) []Period {
	var out []Period
	for i, l := range list {
		if len(out) == 0 || out[len(out)-1].Verdict != string(l.Verdict) {
			out = append(out, Period{Verdict: string(l.Verdict), To: l.At})
		}
		p := &out[len(out)-1]
		v := Verification{At: l.At, URL: path, Shown: l.At.Equal(shown)}
		if i == 0 {
			v.Shown = v.Shown || shown.IsZero()
		} else {
			v.URL = withQuery(path, "at", strconv.FormatInt(db.Micros(l.At), 10))
		}
		p.From, p.Checks = l.At, append(p.Checks, v)
	}
	return out
}

// withQuery adds a parameter to a path that may have one.
func withQuery(path, name, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// addHistory adds the list of all checks and, where the request asks for an earlier one by
// its time, that report in place of the last. The error is a fault NotFound when the ledger
// has none of that time.
func (p *Pages) addHistory(c *web.Ctx, page *VerifyPage, b Badge) error {
	read := p.badges.Base.Read()
	at, err := strconv.ParseInt(c.Query("at"), 10, 64)
	if asked := c.Query("at") != ""; asked && err != nil {
		return errNotFound()
	} else if asked {
		l, err := getLedger(c.Context(), read, b.ID, at)
		if fault.Is(err, fault.NotFound) {
			return errNotFound()
		}
		if err != nil {
			return err
		}
		page.ShownAt, page.VerifiedAt, page.Verdict = l.At, l.At, string(l.Verdict)
		page.ValidAt, page.UnreachableSince = time.Time{}, time.Time{}
		addReport(page, l)
	}
	all, err := listChecks(c.Context(), read, b.ID, historyMost)
	page.History = periods(all, withKey("/b/"+b.PublicID+"/verify", c.Query("key")), page.ShownAt)
	return err
}

// addReport puts one report on the page.
func addReport(page *VerifyPage, l Ledger) {
	page.Checks = checkViews(visibleSteps(l.Report.Checks, page.Own))
	page.Recipient = recipientResult(l.Report.Checks)
	page.Documents, page.Keys = DocumentViews(l.Report.Documents), nil
	for _, k := range l.Report.Keys {
		page.Keys = append(page.Keys, KeyView{k.ID, k.Thumbprint})
	}
}
