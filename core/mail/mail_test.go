package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/theme"
)

// sink is an SMTP server that keeps what it takes.
type sink struct {
	smtp.Backend
	mu     sync.Mutex
	taken  []taken
	users  []string
	ways   []string                // to sign in by; nil: PLAIN
	refuse func(step string) error // step is "mail", "rcpt" or "data"
}

type taken struct {
	from string
	to   []string
	data string
	tls  bool
}

type session struct {
	sink *sink
	conn *smtp.Conn
	mail taken
}

func (s *sink) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{sink: s, conn: c}, nil }

func (s *session) refused(step string) error {
	if s.sink.refuse == nil {
		return nil
	}
	return s.sink.refuse(step)
}

func (s *session) Reset()        { s.mail = taken{} }
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string {
	if s.sink.ways != nil {
		return s.sink.ways
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(way string) (sasl.Server, error) {
	check := func(_, user, password string) error {
		if password != "s3cret" {
			return smtp.ErrAuthFailed
		}
		s.sink.users = append(s.sink.users, user)
		return nil
	}
	if way == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(check), nil
}

// loginServer is the other end of LOGIN (draft-murchison-sasl-login): it asks for
// the name, then for the password.
type loginServer struct {
	check func(identity, user, password string) error
	user  *string
	asked bool
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case !l.asked && response == nil:
		l.asked = true
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.asked, l.user = true, &user
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check("", *l.user, string(response))
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return s.refused("mail")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = append(s.mail.to, to)
	return s.refused("rcpt")
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.refused("data"); err != nil {
		return err
	}
	s.mail.data = string(data)
	_, s.mail.tls = s.conn.TLSConnectionState()
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.taken = append(s.sink.taken, s.mail)
	return nil
}

// certificate is one for 127.0.0.1, with the roots that know it.
func certificate(t *testing.T) (*tls.Config, *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12}, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// listen starts the sink and gives the settings to reach it.
func (s *sink) listen(t *testing.T, mode string, secure *tls.Config) config.SMTP {
	t.Helper()
	server := smtp.NewServer(s)
	server.Domain, server.AllowInsecureAuth = "localhost", mode == "none"
	server.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	switch mode {
	case "tls":
		l = tls.NewListener(l, secure)
	case "starttls":
		server.TLSConfig = secure
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return config.SMTP{Host: "127.0.0.1", Port: port, TLS: mode, From: "Badges of Åbo <badges@example.org>"}
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// plainRenderer writes mails from their data, as a theme would from templates.
type plainRenderer struct{}

func (plainRenderer) Mail(lang, name string, data any) (theme.Mail, error) {
	if name == "absent" {
		return theme.Mail{}, errors.New("no such template")
	}
	return theme.Mail{
		Subject: fmt.Sprintf("%s %s %v", name, lang, data),
		Text:    fmt.Sprintf("Open https://badges.example.org/confirm/%v\n", data),
		HTML:    fmt.Sprintf("<p>Open %v</p>", data),
	}, nil
}

type bench struct {
	base   *db.Base
	queue  *jobs.Queue
	mailer *Mailer
	log    *bytes.Buffer
}

func newBench(t *testing.T, b *db.Base, s config.SMTP) *bench {
	t.Helper()
	w := &bench{base: b, queue: jobs.New(b, nil), log: &bytes.Buffer{}}
	keys, err := secret.RandomKeys()
	if err != nil {
		t.Fatal(err)
	}
	w.mailer, err = New(Options{Base: b, Queue: w.queue, Keys: keys, Renderer: plainRenderer{}, SMTP: s, Log: slog.New(slog.NewTextHandler(w.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *bench) send(t *testing.T, m Message) error {
	t.Helper()
	return w.base.Tx(t.Context(), func(tx *db.Tx) error { return w.mailer.Send(t.Context(), tx, m) })
}

func (w *bench) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *bench) outbox(t *testing.T) []Mail {
	t.Helper()
	list, err := w.mailer.Outbox(t.Context(), 100)
	w.must(t, err)
	return list
}

func (w *bench) all(t *testing.T) []Mail {
	t.Helper()
	list, err := w.mailer.Outbox(t.Context(), 1000)
	w.must(t, err)
	return list
}

func TestMailIsSent(t *testing.T) {
	server, roots := certificate(t)
	for _, mode := range []string{"none", "starttls", "tls"} {
		for _, user := range []string{"", "osier"} {
			t.Run(mode+" "+user, func(t *testing.T) {
				var s sink
				settings := s.listen(t, mode, server)
				settings.User, settings.Password = user, "s3cret"
				w := newBench(t, dbtest.SQLite(t), settings)
				w.mailer.tls = roots
				w.must(t, w.send(t, Message{To: "anna@example.org", Lang: "fr", Template: "confirm", Data: "été ✓", Person: 7}))
				if len(s.taken) != 0 {
					t.Error("sent before the job ran")
				}
				w.must(t, w.queue.Drain(t.Context()))
				w.must(t, w.queue.Drain(t.Context()))
				checkTaken(t, &s, mode != "none")
				if user != "" && (len(s.users) != 1 || s.users[0] != user) {
					t.Errorf("signed in as %v", s.users)
				}
				list := w.outbox(t)
				if len(list) != 1 || list[0].State != Sent || list[0].Text+list[0].HTML != "" || list[0].SentAt.IsZero() || list[0].Tries != 1 {
					t.Errorf("outbox: %+v", list)
				}
				if w.log.Len() != 0 {
					t.Errorf("log: %s", w.log)
				}
			})
		}
	}
}

func checkTaken(t *testing.T, s *sink, secure bool) {
	t.Helper()
	if len(s.taken) != 1 {
		t.Fatalf("%d mails", len(s.taken))
	}
	got := s.taken[0]
	if got.from != "badges@example.org" || len(got.to) != 1 || got.to[0] != "anna@example.org" || got.tls != secure {
		t.Errorf("%+v", got)
	}
	msg, err := netmail.ReadMessage(strings.NewReader(got.data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != "confirm fr été ✓" {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := msg.Header.AddressList("From")
	if err != nil || from[0].Name != "Badges of Åbo" || from[0].Address != "badges@example.org" {
		t.Errorf("from %v, %v", from, err)
	}
	if msg.Header.Get("Auto-Submitted") != "auto-generated" || msg.Header.Get("Content-Language") != "fr" || msg.Header.Get("Date") == "" ||
		!strings.HasSuffix(msg.Header.Get("Message-Id"), ".osier@example.org>") {
		t.Errorf("header %v", msg.Header)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, want := range []string{"Open https://badges.example.org/confirm/été ✓", "<p>Open été ✓</p>"} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil || strings.TrimSpace(string(text)) != want {
			t.Errorf("part %q, %v", text, err)
		}
	}
}

func TestHeldWithoutServer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		w := newBench(t, b, config.SMTP{})
		w.must(t, w.send(t, Message{To: "anna@example.org", Lang: "en", Template: "confirm", Data: "t0ken"}))
		w.must(t, w.queue.Drain(t.Context()))
		w.must(t, w.mailer.Start(t.Context()))
		list := w.outbox(t)
		if w.mailer.Configured() || len(list) != 1 || list[0].State != Held || list[0].To != "anna@example.org" || !strings.Contains(list[0].Text, "t0ken") {
			t.Errorf("outbox: %+v", list)
		}
		log := w.log.String()
		for _, want := range []string{"smtp.host", "/admin/outbox", "https://badges.example.org/confirm/t0ken", "a…@example.org"} {
			if !strings.Contains(log, want) {
				t.Errorf("the log does not name %q: %s", want, log)
			}
		}
		if err := w.mailer.Retry(t.Context(), list[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("retry without a server: %v", err)
		}

		var s sink
		later := newBench(t, b, s.listen(t, "none", nil))
		later.must(t, later.mailer.Start(t.Context()))
		later.must(t, later.queue.Drain(t.Context()))
		if len(s.taken) != 1 || len(later.outbox(t)) != 0 {
			t.Errorf("%d mails sent, outbox %+v", len(s.taken), later.outbox(t))
		}
	})
}

func TestServerTakenAway(t *testing.T) {
	b := dbtest.SQLite(t)
	var s sink
	with := newBench(t, b, s.listen(t, "none", nil))
	with.must(t, with.send(t, Message{To: "anna@example.org", Template: "confirm"}))
	without := newBench(t, b, config.SMTP{})
	without.must(t, without.queue.Drain(t.Context()))
	if list := without.outbox(t); len(list) != 1 || list[0].State != Held {
		t.Errorf("outbox: %+v", list)
	}
}

func TestSendRefuses(t *testing.T) {
	var s sink
	w := newBench(t, dbtest.SQLite(t), s.listen(t, "none", nil))
	for _, to := range []string{"", "a@x.test,b@x.test", "a@x.test\r\nBcc: b@x.test", "Anna <a@x.test>"} {
		if err := w.send(t, Message{To: to, Template: "confirm"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", to, err)
		}
	}
	if err := w.send(t, Message{To: "a@x.test", Template: "absent"}); err == nil {
		t.Error("a template that is absent is no error")
	}
	if n := len(w.outbox(t)); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func TestHostileValuesAddNothing(t *testing.T) {
	var s sink
	w := newBench(t, dbtest.SQLite(t), s.listen(t, "none", nil))
	hostile := "x\r\nBcc: victim@example.org\r\nX-A: 1\r\n\r\nbody\r\n.\r\nMAIL FROM:<a@x.test>\u2028y"
	sent := 1
	w.must(t, w.send(t, Message{To: "anna@example.org", Lang: "en\r\nX-B: 1", Template: "confirm", Data: hostile}))
	for to := range hostileOrNone(t) {
		if w.send(t, Message{To: to, Template: "confirm", Data: to}) == nil {
			sent++
		}
	}
	w.must(t, w.queue.Drain(t.Context()))
	if len(s.taken) != sent {
		t.Fatalf("%d mails, want %d", len(s.taken), sent)
	}
	for _, got := range s.taken {
		msg, err := netmail.ReadMessage(strings.NewReader(got.data))
		if err != nil {
			t.Fatal(err)
		}
		to, err := msg.Header.AddressList("To")
		if err != nil || len(to) != 1 || len(got.to) != 1 || to[0].Address != got.to[0] {
			t.Errorf("recipients %v and %v, %v", to, got.to, err)
		}
		for _, name := range []string{"Bcc", "X-A", "X-B", "Cc"} {
			if msg.Header.Get(name) != "" {
				t.Errorf("header %s: %v", name, msg.Header)
			}
		}
	}
}

// TestHostileHeaders puts each case into the subject, the text and the language.
func TestHostileHeaders(t *testing.T) {
	cases := hostileCases(t, "header")
	var s sink
	settings := s.listen(t, "none", nil)
	w := newBench(t, dbtest.SQLite(t), settings)
	for in := range cases {
		decoded, err := url.PathUnescape(in)
		if err != nil {
			decoded = in
		}
		w.must(t, w.send(t, Message{To: "anna@example.org", Lang: decoded, Template: "confirm", Data: in + decoded}))
	}
	w.must(t, w.queue.Drain(t.Context()))
	if len(s.taken) != len(cases) {
		t.Fatalf("%d mails, want %d", len(s.taken), len(cases))
	}
	known := []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
	for _, got := range s.taken {
		msg, err := netmail.ReadMessage(strings.NewReader(got.data))
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range msg.Header {
			if !slices.Contains(known, name) || len(values) != 1 {
				t.Errorf("header %s: %q", name, values)
			}
		}
		if kind, _, err := mime.ParseMediaType(msg.Header.Get("Content-Type")); err != nil || kind != "multipart/alternative" || len(got.to) != 1 {
			t.Errorf("%s to %q, %v", kind, got.to, err)
		}
	}
	t.Logf("%d header cases: no header added, no body split", len(cases))
}

func hostileOrNone(t *testing.T) map[string]string {
	t.Helper()
	var out map[string]string
	t.Run("beside", func(t *testing.T) { out = hostileAddresses(t) })
	return out
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name, step string
		code       int
		state      State
		key        string
	}{
		{"recipient for good", "rcpt", 550, Failed, "mail.refused"},
		{"recipient for now", "rcpt", 450, Waiting, "mail.later"},
		{"content for good", "data", 554, Failed, "mail.refused"},
		{"content for now", "data", 451, Waiting, "mail.later"},
		{"sender", "mail", 550, Waiting, "mail.refused_sender"},
		{"sender for now", "mail", 421, Waiting, "mail.later"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := sink{refuse: func(step string) error {
				if step == tt.step {
					return &smtp.SMTPError{Code: tt.code, Message: "no, anna@example.org"}
				}
				return nil
			}}
			w := newBench(t, dbtest.SQLite(t), s.listen(t, "none", nil))
			w.must(t, w.send(t, Message{To: "anna@example.org", Template: "confirm", Person: 7}))
			if err := w.queue.Drain(t.Context()); err == nil {
				t.Error("no error")
			}
			list := w.outbox(t)
			if len(list) != 1 || list[0].State != tt.state || list[0].LastError != tt.key || list[0].Text == "" {
				t.Errorf("outbox: %+v", list)
			}
			if tt.state != Failed {
				return
			}
			s.refuse = nil
			w.must(t, w.mailer.Retry(t.Context(), list[0].ID))
			w.must(t, w.queue.Drain(t.Context()))
			if list := w.outbox(t); list[0].State != Sent || len(s.taken) != 1 {
				t.Errorf("after a retry: %+v", list)
			}
			if err := w.mailer.Retry(t.Context(), list[0].ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("retry of a sent mail: %v", err)
			}
		})
	}
}

func TestServerTroubles(t *testing.T) {
	server, roots := certificate(t)
	tests := []struct {
		name, offered, mode, key string
		roots                    *tls.Config
		change                   func(*config.SMTP)
	}{
		{"nobody listens", "none", "none", "mail.unreachable", nil, func(s *config.SMTP) { s.Port = 1 }},
		{"wrong password", "tls", "tls", "mail.login", roots, func(s *config.SMTP) { s.User, s.Password = "osier", "wrong" }},
		{"unknown certificate", "tls", "tls", "mail.tls", nil, func(*config.SMTP) {}},
		{"unknown certificate after STARTTLS", "starttls", "starttls", "mail.tls", nil, func(*config.SMTP) {}},
		{"no STARTTLS", "none", "starttls", "mail.tls", roots, func(*config.SMTP) {}},
		{"no TLS", "none", "tls", "mail.tls", roots, func(*config.SMTP) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s sink
			settings := s.listen(t, tt.offered, server)
			settings.TLS = tt.mode
			tt.change(&settings)
			w := newBench(t, dbtest.SQLite(t), settings)
			w.mailer.tls = tt.roots
			w.must(t, w.send(t, Message{To: "anna@example.org", Template: "confirm"}))
			err := w.queue.Drain(t.Context())
			if f, ok := fault.As(err); !ok || f.Key != tt.key {
				t.Errorf("got %v, want %s", err, tt.key)
			}
			if list := w.outbox(t); list[0].State != Waiting || list[0].LastError != tt.key || len(s.taken) != 0 {
				t.Errorf("outbox: %+v", list)
			}
		})
	}
}

func TestRetriesEndAndRowsGo(t *testing.T) {
	var shift atomic.Int64
	b := dbtest.Open(t, func() time.Time { return time.Now().Add(time.Duration(shift.Load())) })
	var s sink
	settings := s.listen(t, "none", nil)
	settings.Port = 1
	w := newBench(t, b, settings)
	w.must(t, w.send(t, Message{To: "anna@example.org", Template: "confirm"}))
	for range jobs.MaxTries {
		if err := w.queue.Drain(t.Context()); err == nil {
			t.Fatal("no error")
		}
		shift.Add(int64(10 * time.Hour))
	}
	w.must(t, w.queue.Drain(t.Context()))
	if list := w.outbox(t); len(list) != 1 || list[0].State != Failed || list[0].Tries != jobs.MaxTries {
		t.Errorf("outbox: %+v", list)
	}
	shift.Add(int64(keepRows))
	w.must(t, w.queue.Drain(t.Context()))
	if list := w.outbox(t); len(list) != 0 {
		t.Errorf("outbox after a month: %+v", list)
	}
}

func TestStopPutsMailBack(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := sink{refuse: func(string) error { cancel(); return &smtp.SMTPError{Code: 451, Message: "later"} }}
	w := newBench(t, dbtest.SQLite(t), s.listen(t, "none", nil))
	w.must(t, w.send(t, Message{To: "anna@example.org", Template: "confirm"}))
	if err := w.queue.Drain(ctx); err == nil {
		t.Error("no error")
	}
	if list := w.outbox(t); list[0].State != Waiting || list[0].Tries != 0 {
		t.Errorf("outbox: %+v", list)
	}
}

func TestOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		w := newBench(t, b, config.SMTP{})
		for person := range int64(3) {
			w.must(t, w.send(t, Message{To: fmt.Sprintf("p%d@example.org", person), Template: "confirm", Person: person}))
		}
		var files []string
		put := func(name string, content []byte) error {
			files = append(files, name+" "+string(content))
			return nil
		}
		w.must(t, errors.Join(w.mailer.Export(t.Context(), 1, put), w.mailer.Export(t.Context(), 0, put)))
		if len(files) != 1 || !strings.Contains(files[0], `"to": "p1@example.org"`) || strings.Contains(files[0], "p2@") {
			t.Errorf("%v", files)
		}
		w.must(t, b.Tx(t.Context(), func(tx *db.Tx) error {
			return errors.Join(w.mailer.Erase(t.Context(), tx, 1), w.mailer.Erase(t.Context(), tx, 0))
		}))
		if list := w.outbox(t); len(list) != 2 || w.mailer.OwnerName() != "mail" || w.mailer.OwnerTables()[0] != "mail_outbox" {
			t.Errorf("%+v", list)
		}
	})
}
