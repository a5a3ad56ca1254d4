package mail

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/theme"
)

func probe(t *testing.T, s config.SMTP, roots *tls.Config, to string) ([]string, error) {
	t.Helper()
	var steps []string
	p := Probe{SMTP: s, TLS: roots, Tell: func(s Step) { steps = append(steps, s.Name+": "+s.Result) }}
	err := p.Send(t.Context(), to, "en", theme.Mail{Subject: "Test é", Text: "It works.\n", HTML: "<p>It works.</p>"})
	return steps, err
}

func TestProbeTellsEachStep(t *testing.T) {
	server, roots := certificate(t)
	for _, mode := range []string{"none", "starttls", "tls"} {
		for _, ways := range [][]string{nil, {"PLAIN"}, {"LOGIN"}, {"PLAIN", "LOGIN"}} {
			t.Run(mode+" "+strings.Join(ways, " "), func(t *testing.T) {
				s := sink{ways: ways}
				settings := s.listen(t, mode, server)
				if ways != nil {
					settings.User, settings.Password = "osier", "s3cret"
				}
				steps, err := probe(t, settings, roots, "anna@example.org")
				if err != nil {
					t.Fatalf("%v, after %q", err, steps)
				}
				got := strings.Join(steps, "\n")
				if want := "sign-in: " + first(ways); ways != nil && !slices.Contains(steps, want) {
					t.Errorf("no step %q in\n%s", want, got)
				}
				if strings.Contains(got, "TLS 1.") != (mode != "none") || strings.Contains(got, "s3cret") {
					t.Errorf("steps:\n%s", got)
				}
				if len(s.taken) != 1 || s.taken[0].tls != (mode != "none") || !strings.Contains(s.taken[0].data, "It works.") ||
					!strings.Contains(s.taken[0].data, "Auto-Submitted: auto-generated") {
					t.Errorf("taken: %+v", s.taken)
				}
			})
		}
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// TestMailIsSentByLogin: the queue signs in by the same ways.
func TestMailIsSentByLogin(t *testing.T) {
	server, roots := certificate(t)
	for _, way := range []string{"PLAIN", "LOGIN"} {
		s := sink{ways: []string{way}}
		settings := s.listen(t, "starttls", server)
		settings.User, settings.Password = "osier", "s3cret"
		w := newBench(t, dbtest.SQLite(t), settings)
		w.mailer.tls = roots
		w.must(t, w.send(t, Message{To: "anna@example.org", Lang: "en", Template: "confirm", Data: "x"}))
		w.must(t, w.queue.Drain(t.Context()))
		if len(s.taken) != 1 || len(s.users) != 1 {
			t.Errorf("%s: %d mails, users %q", way, len(s.taken), s.users)
		}
	}
}

func TestProbeSaysWhatToDo(t *testing.T) {
	server, roots := certificate(t)
	refuse := func(at string, code int) func(string) error {
		return func(step string) error {
			if step == at {
				return &smtp.SMTPError{Code: code, Message: "no"}
			}
			return nil
		}
	}
	for _, tt := range []struct {
		name, offered, step, hint string
		roots                     *tls.Config
		refuse                    func(string) error
		change                    func(*config.SMTP)
	}{
		{"no server", "none", "configuration", "smtp.host", nil, nil, func(s *config.SMTP) { s.Host = "" }},
		{"no sender", "none", "configuration", "smtp.from", nil, nil, func(s *config.SMTP) { s.From = "nobody" }},
		{"no name", "none", "name", "spelling", nil, nil, func(s *config.SMTP) { s.Host = "mail.invalid" }},
		{"nobody listens", "none", "connection", "smtp.port", nil, nil, func(s *config.SMTP) { s.Port = 1 }},
		{"no starttls", "none", "protection", "587", nil, nil, func(s *config.SMTP) { s.TLS = "starttls" }},
		{"no tls", "none", "protection", "465", nil, nil, func(s *config.SMTP) { s.TLS = "tls" }},
		{"strange certificate", "starttls", "protection", "SSL_CERT_FILE", nil, nil, nil},
		{"strange certificate at once", "tls", "protection", "SSL_CERT_FILE", nil, nil, nil},
		{"certificate of another name", "tls", "protection", "example.com", roots, nil, func(s *config.SMTP) { s.Host = "localhost" }},
		{"wrong password", "tls", "sign-in", "smtp.password", roots, nil, func(s *config.SMTP) { s.User, s.Password = "osier", "wrong" }},
		{"no sign-in", "none", "sign-in", "smtp.user", nil, nil, func(s *config.SMTP) { s.User = "osier" }},
		{"sender", "none", "sender", "smtp.from", nil, refuse("mail", 550), nil},
		{"sender without a sign-in", "none", "sender", "smtp.user and smtp.password", nil, refuse("mail", 530), nil},
		{"recipient", "none", "recipient", "relay", nil, refuse("rcpt", 550), nil},
		{"recipient for now", "none", "recipient", "wait", nil, refuse("rcpt", 450), nil},
		{"content", "none", "content", "SPF", nil, refuse("data", 554), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := sink{refuse: tt.refuse, ways: []string{"PLAIN"}}
			if tt.name == "no sign-in" {
				s.ways = []string{"XOAUTH2"}
			}
			settings := s.listen(t, tt.offered, server)
			if tt.change != nil {
				tt.change(&settings)
			}
			_, err := probe(t, settings, tt.roots, "anna@example.org")
			failed, ok := errors.AsType[*ProbeError](err)
			if !ok || failed.Step != tt.step || !strings.Contains(failed.Hint, tt.hint) {
				t.Errorf("got %v (%+v), want the step %s and a hint with %q", err, failed, tt.step, tt.hint)
			}
			if len(s.taken) != 0 {
				t.Error("a mail was taken")
			}
		})
	}
	if _, err := probe(t, config.SMTP{}, nil, "no address"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no address: %v", err)
	}
}

func TestPaceOfOneAddress(t *testing.T) {
	var s sink
	w := newBench(t, dbtest.SQLite(t), s.listen(t, "none", nil))
	for range 130 {
		w.must(t, w.send(t, Message{To: "Anna@example.org", Lang: "en", Template: "confirm", Data: "x", Person: 7}))
	}
	w.must(t, w.send(t, Message{To: "bo@example.org", Lang: "en", Template: "confirm", Data: "x", Person: 8}))
	w.must(t, w.queue.Drain(t.Context()))
	states := map[State]int{}
	for _, m := range w.all(t) {
		states[m.State]++
		if m.State == Failed && m.LastError != "mail.too_many" {
			t.Errorf("failed with %q", m.LastError)
		}
	}
	if states[Sent] != 31 || states[Waiting] != 90 || states[Failed] != 10 {
		t.Errorf("%v, want 30 and 1 sent, 90 later, 10 not at all", states)
	}
}
