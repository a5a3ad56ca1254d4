package verify

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
	"github.com/osier-passport/osier/core/openbadge/wrap"
)

const (
	maxContained = 20 // endorsements, or credentials of a CLR, looked at
	maxDepth     = 3  // a CLR holds badges, a badge holds endorsements
)

// endorsement is one endorsement and what it may speak of where it stands.
type endorsement struct {
	raw   strictjson.Value
	about []string
}

// checkEndorsements verifies each embedded endorsement for itself (OB3 §9.6). A bad one is
// shown and leaves the verdict: it is somebody else's word about the badge.
func (r *run) checkEndorsements(ctx context.Context) {
	if r.depth >= maxDepth {
		return
	}
	list := endorsementsOf(r.env.Root)
	for i, e := range list {
		if i == maxContained || !r.mayDescend() {
			r.emit(CheckEndorsement, unknown("too-many-documents", strconv.Itoa(len(list))))
			return
		}
		f, w := r.endorsement(ctx, e)
		r.emitBy(CheckEndorsement, f.by("OB3 §9.6"), w)
	}
}

// mayDescend takes one more credential inside others from the work of the Check.
func (r *run) mayDescend() bool {
	r.docs.work.credentials--
	return r.docs.work.credentials >= 0
}

// endorsementsOf collects the endorsements of a credential, its achievement and its profiles;
// "endorsementJwt" holds compact JWS. One on the credential may be about the credential, the
// achievement or a profile in it; elsewhere it is about what it hangs on (OB3 §B.1.1
// "endorsement", §B.1.2, §B.1.22).
func endorsementsOf(doc strictjson.Value) []endorsement {
	if !doc.Mentions("endorsement", "endorsementJwt") {
		return nil
	}
	places := []strictjson.Value{doc.Get("issuer")}
	whole := []string{doc.Get("id").Text(), idIn(doc.Get("issuer"))}
	for s := range doc.Get("credentialSubject").All() {
		for raw := range s.Get("verifiableCredential").All() { // one on a record may be about what is in it
			if e, f := openEmbedded(raw); f.ok() {
				whole = append(whole, e.Root.Get("id").Text())
			}
		}
		places = append(places, s.Get("source"))
		for a := range s.Get("achievement").All() {
			places = append(places, a, a.Get("creator"))
		}
	}
	for _, p := range places {
		whole = append(whole, p.Get("id").Text())
	}
	out := endorsementsAt(nil, doc, whole...)
	for _, p := range places {
		out = endorsementsAt(out, p, p.Get("id").Text())
	}
	return out
}

// endorsementsAt appends the endorsements that hang on one place.
func endorsementsAt(out []endorsement, place strictjson.Value, about ...string) []endorsement {
	for _, name := range []string{"endorsement", "endorsementJwt"} {
		for raw := range place.Get(name).All() {
			out = append(out, endorsement{raw, about})
		}
	}
	return out
}

// word is an endorsement as its reader is told of it.
type word struct{ by, said string }

// maxSaid is how many letters of an endorsement a report keeps.
const maxSaid = 4000

// word is who made an endorsement and what it says (OB3 §B.2.2 "endorsementComment").
func (r *run) word() word {
	w := word{by: r.author()}
	if c := r.report.Credential; c != nil {
		w.said = c.Description
		if letters := []rune(w.said); len(letters) > maxSaid {
			w.said = string(letters[:maxSaid]) + "…"
		}
	}
	return w
}

// endorsement gives the outcome for one endorsement, who made it and what it says. That it is about the
// badge is asked last: only of a proved one is the answer worth anything.
func (r *run) endorsement(ctx context.Context, e endorsement) (finding, word) {
	env, f := openEmbedded(e.raw)
	if !f.ok() {
		return f, word{}
	}
	if !typed(env.Root, "EndorsementCredential") {
		return fail("wrong-type", "endorsement.type"), word{}
	}
	s := r.sub(env, RoleEndorsement)
	if f := s.whole(ctx); !f.ok() {
		return f, s.word()
	}
	for subject := range env.Root.Get("credentialSubject").All() {
		if id := idIn(subject); !about(e.about, id) {
			return fail("endorsed-other", id), s.word()
		}
	}
	return finding{Result: Pass, Detail: s.author()}, s.word()
}

func about(what []string, id string) bool { return id != "" && slices.Contains(what, id) }

// author names the issuer of a credential: its name, which is its own word, and its id.
func (r *run) author() string {
	c := r.report.Credential
	switch {
	case c == nil:
		return ""
	case c.Issuer.Name == "":
		return c.Issuer.ID
	}
	return c.Issuer.Name + " (" + c.Issuer.ID + ")"
}

// openEmbedded opens a credential inside another: an object, or a compact JWS as text.
func openEmbedded(raw strictjson.Value) (*openbadge.Envelope, finding) {
	token := raw.Text()
	if raw.IsObject() {
		token = wrap.Enveloped(raw)
	}
	switch {
	case raw.IsObject() && token == "":
		e := &openbadge.Envelope{Root: raw, Version: openbadge.V30, Form: openbadge.Unsigned}
		if typed(raw, "ClrCredential") {
			e.Version = openbadge.CLR20
		}
		if raw.Get("proof").Present() {
			e.Form = openbadge.Embedded
		}
		return e, pass()
	case raw.IsText() || token != "":
		e, err := openbadge.Open([]byte(token))
		if err != nil {
			return nil, fromError(err)
		}
		if e.Form != openbadge.VCJWT {
			return nil, fail("not-a-credential", "")
		}
		return e, pass()
	}
	return nil, fail("bad-type", "endorsement")
}

// whole verifies a credential inside another as if it stood alone, with what it holds in
// turn, and gives the finding that decides.
func (r *run) whole(ctx context.Context) finding {
	c, _ := r.env.Credential() // its type errors come again in format
	r.report.Credential, r.report.OB = c, r.env.Version
	if c != nil {
		r.report.Kind = c.Kind
	}
	r.verifiable(ctx)
	return r.deciding()
}

// deciding is the check that makes a finished run anything but valid: the first failure that
// counts, else the first check that counts and could not be made.
func (r *run) deciding() finding {
	var list []finding
	for _, c := range r.report.Checks {
		switch c.Name {
		case CheckEndorsement, CheckRefresh, CheckRecipient:
		case CheckSchema:
			if c.Result == Fail {
				list = append(list, c.finding())
			}
		default:
			list = append(list, c.finding())
		}
	}
	return worst(list...)
}

// checkContained verifies the credentials inside a CLR: a record is as good as what it
// records (CLR 2.0 §"Verification"). What could not be checked leaves the verdict. The
// endorsements of the badges inside are shown as well.
func (r *run) checkContained(ctx context.Context) {
	if r.env.Version != openbadge.CLR20 || r.depth >= maxDepth {
		return
	}
	var list []strictjson.Value
	for s := range r.env.Root.Get("credentialSubject").All() {
		list = slices.AppendSeq(list, s.Get("verifiableCredential").All())
	}
	out := pass()
	var inner []Step
	for i, raw := range list {
		if i == maxContained || !r.mayDescend() {
			out = worst(out, unknown("too-many-documents", strconv.Itoa(len(list))))
			break
		}
		e, f := openEmbedded(raw)
		if f.ok() {
			s := r.sub(e, RoleCredentials)
			s.covered = r.covers(e)
			if f = s.whole(ctx); f.ok() && s.covered {
				f = warn("covered-by-record", s.report.Credential.Name)
			}
			inner = append(inner, s.endorsementSteps()...)
		}
		switch {
		case f.Result == Fail && e != nil && !isBadgeOrKin(e.Root):
			f = unknown("contained-other", strings.Join(typesIn(e.Root), ", ")) // any credential may be in a record (CLR2 §B.1.2)
		case f.Result == Fail:
			f = fail("contained", f.Reason)
		}
		out = worst(out, f)
	}
	r.emit(CheckCredentials, out.by("CLR2 §3.3"))
	for _, s := range inner {
		r.emitBy(CheckEndorsement, s.finding(), word{s.By, s.Said})
	}
}

// covers reports whether the proof of a record is that of a credential in it as well: it has
// none of its own, and the record's issuer is its issuer. The proof covers its text; what the
// record says of somebody else's credentials is no word of theirs (CLR2 §B.1.2, VC 2.0 §4.12).
func (r *run) covers(e *openbadge.Envelope) bool {
	issuer := idIn(e.Root.Get("issuer"))
	return e.Form == openbadge.Unsigned && issuer != "" && issuer == idIn(r.env.Root.Get("issuer"))
}

func (r *run) endorsementSteps() []Step {
	return slices.DeleteFunc(slices.Clone(r.report.Checks), func(s Step) bool { return s.Name != CheckEndorsement })
}
