package core

import (
	"strings"
	"time"

	"github.com/osier-passport/osier/core/mydata"
)

// remove removes an account and returns when all of it is gone.
func (p *passport) remove(person int64) error {
	r, err := p.data.Remove(p.t.Context(), person, mydata.Removal{})
	if err != nil {
		return err
	}
	return p.erased(r)
}

func (p *passport) erased(r mydata.Receipt) error {
	r, err := p.data.Await(p.t.Context(), r, time.Minute)
	if err == nil && !r.Done() {
		p.t.Errorf("not erased in a minute: %+v", r)
	}
	return err
}

// export makes and fetches the ZIP of all that is held about a visitor.
func (v *visitor) export() answer {
	v.post("/settings/data/export").is(v.p.t, 303)
	page := v.get("/settings/data")
	for end := time.Now().Add(time.Minute); strings.Contains(string(page.body), "data-live") && time.Now().Before(end); page = v.get("/settings/data") {
	}
	return v.post(page.attribute(v.p.t, `form[action^="/settings/data/export/"]`, "action")).is(v.p.t, 200)
}
