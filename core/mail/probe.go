package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/theme"
)

// Step is one step of a Probe: what was done, and what came of it.
type Step struct{ Name, Result string }

// Probe sends one mail right now, without a queue or a database, and tells each
// step as it is done. It is how whoever runs a passport finds out why mail does
// not go out.
type Probe struct {
	SMTP config.SMTP
	TLS  *tls.Config // nil: the system's roots
	Tell func(Step)

	client *smtp.Client
	conn   net.Conn
}

// ProbeError is the step that failed, why, and what to do about it.
type ProbeError struct {
	Step, Hint string
	Err        error
}

// Error is the step and the cause.
func (e *ProbeError) Error() string { return e.Step + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *ProbeError) Unwrap() error { return e.Err }

// Send sends the parts to one address. It returns a *ProbeError for the step that
// failed, or a fault for what is no address.
func (p *Probe) Send(ctx context.Context, to, lang string, parts theme.Mail) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	address, _, err := ParseAddress(to)
	if err != nil {
		return err
	}
	if p.SMTP.Host == "" {
		return &ProbeError{"configuration", "set smtp.host, smtp.port and smtp.from in the configuration (config.example.toml shows each)", errors.New("no mail server is configured")}
	}
	from, err := mail.ParseAddress(p.SMTP.From)
	if err != nil {
		return &ProbeError{"configuration", "write smtp.from as badges@example.org or Name <badges@example.org>", err}
	}
	p.Tell(Step{"configuration", fmt.Sprintf("%s:%d, tls %q, from %s, user %q", p.SMTP.Host, p.SMTP.Port, p.SMTP.TLS, from.Address, p.SMTP.User)})
	defer p.close()
	if err := p.connect(ctx); err != nil {
		return err
	}
	if err := p.greet(); err != nil {
		return err
	}
	if err := p.signIn(); err != nil {
		return err
	}
	m := &Mailer{smtp: p.SMTP, from: from}
	return p.hand(m, Mail{ID: time.Now().UnixNano(), To: address, Lang: lang, Subject: oneLine(parts.Subject), Text: parts.Text, HTML: parts.HTML, CreatedAt: time.Now()})
}

func (p *Probe) close() {
	if p.client != nil {
		_ = p.client.Close()
	} else if p.conn != nil {
		_ = p.conn.Close()
	}
}

// connect finds the server and opens a connection, protected from the first byte
// when tls is "tls".
func (p *Probe) connect(ctx context.Context) error {
	found, err := net.DefaultResolver.LookupHost(ctx, p.SMTP.Host)
	if err != nil {
		return &ProbeError{"name", "smtp.host is no name that this machine can look up: check its spelling, and the DNS of this machine", err}
	}
	p.Tell(Step{"name", strings.Join(found, ", ")})
	address := net.JoinHostPort(p.SMTP.Host, strconv.Itoa(p.SMTP.Port))
	p.conn, err = (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", address)
	if err != nil {
		hint := "nothing listens there: check smtp.port (587 for starttls, 465 for tls), and that the mail server runs"
		if timed, ok := errors.AsType[net.Error](err); ok && timed.Timeout() {
			hint = "no answer: a firewall on the way, or a hosting company that closes this port; ask it, or try port 587 or 465"
		}
		return &ProbeError{"connection", hint, err}
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := p.conn.SetDeadline(deadline); err != nil {
			return &ProbeError{"connection", "", err}
		}
	}
	p.Tell(Step{"connection", p.conn.RemoteAddr().String()})
	if p.SMTP.TLS != "tls" {
		return nil
	}
	secure := tls.Client(p.conn, p.secure())
	if err := secure.HandshakeContext(ctx); err != nil {
		return p.unprotected(err)
	}
	p.conn = secure
	p.Tell(Step{"protection", protection(secure.ConnectionState())})
	return nil
}

func (p *Probe) secure() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if p.TLS != nil {
		c = p.TLS.Clone()
	}
	c.ServerName = p.SMTP.Host
	return c
}

// unprotected tells why a connection could not be protected.
func (p *Probe) unprotected(err error) error {
	hint := `the server does not speak TLS on this port: smtp.tls = "starttls" goes with port 587 or 25, smtp.tls = "tls" with port 465`
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		hint = "the certificate is not one that this machine trusts for " + p.SMTP.Host + ": use the name that is in the certificate"
		if names := bad.UnverifiedCertificates[0].DNSNames; len(names) > 0 {
			hint += " (" + strings.Join(names, ", ") + ")"
		}
		hint += ", or have the server renew it"
		if _, unknown := errors.AsType[x509.UnknownAuthorityError](bad.Err); unknown {
			hint = "this machine does not know who signed the certificate: if that is an authority of your own, or the server itself, name the file of its certificate in the environment (SSL_CERT_FILE=/path/ca.pem)"
		}
	}
	return &ProbeError{"protection", hint, err}
}

func protection(s tls.ConnectionState) string {
	return fmt.Sprintf("%s, certificate of %s until %s", tls.VersionName(s.Version), s.PeerCertificates[0].Subject.CommonName,
		s.PeerCertificates[0].NotAfter.Format(time.DateOnly))
}

// greet reads the server's greeting and protects the connection by STARTTLS
// (RFC 3207) where that is configured.
func (p *Probe) greet() error {
	var err error
	if p.client, err = smtp.NewClient(p.conn, p.SMTP.Host); err != nil {
		return &ProbeError{"greeting", `this is no mail server, or one that wants TLS from the first byte: try smtp.tls = "tls" with port 465`, err}
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "localhost"
	}
	if err := p.client.Hello(name); err != nil {
		return &ProbeError{"greeting", "the server does not talk to this machine: ask who runs it whether this address may send", err}
	}
	p.Tell(Step{"greeting", "as " + name})
	if p.SMTP.TLS != "starttls" {
		return nil
	}
	if ok, _ := p.client.Extension("STARTTLS"); !ok {
		return &ProbeError{"protection", `try port 587, or smtp.tls = "tls" with port 465`, errors.New("the server does not offer STARTTLS on this port")}
	}
	if err := p.client.StartTLS(p.secure()); err != nil {
		return p.unprotected(err)
	}
	if s, ok := p.client.TLSConnectionState(); ok {
		p.Tell(Step{"protection", protection(s)})
	}
	return nil
}

// signIn uses the best way that both sides know (RFC 4954).
func (p *Probe) signIn() error {
	_, offered := p.client.Extension("AUTH")
	if p.SMTP.User == "" {
		if offered != "" {
			p.Tell(Step{"sign-in", "none; the server offers " + offered})
		}
		return nil
	}
	user, password, plain := p.SMTP.User, p.SMTP.Password, p.SMTP.TLS == "none"
	ways := []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(user, password)},
		{"SCRAM-SHA-1", smtp.ScramSHA1Auth(user, password)},
		{"PLAIN", smtp.PlainAuth("", user, password, p.SMTP.Host, plain)},
		{"LOGIN", smtp.LoginAuth(user, password, p.SMTP.Host, plain)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(user, password)},
	}
	for _, w := range ways {
		if !contains(offered, w.name) {
			continue
		}
		if err := p.client.Auth(w.auth); err != nil {
			return &ProbeError{"sign-in", "check smtp.user and smtp.password; many services want a password made for applications", err}
		}
		p.Tell(Step{"sign-in", w.name})
		return nil
	}
	return &ProbeError{
		"sign-in", `leave smtp.user empty if the server needs none, or try smtp.tls = "starttls": many offer sign-in only then`,
		fmt.Errorf("the server offers no way to sign in that we know (it offers %q)", offered),
	}
}

func contains(offered, name string) bool {
	for word := range strings.FieldsSeq(offered) {
		if strings.EqualFold(word, name) {
			return true
		}
	}
	return false
}

// authRequired is the answer of a server that wants a sign-in (RFC 4954 §6).
const authRequired = 530

func isCode(err error, code int) bool {
	answer, ok := errors.AsType[*textproto.Error](err)
	return ok && answer.Code == code
}

// hand gives the mail to the server: sender, recipient, content.
func (p *Probe) hand(m *Mailer, row Mail) error {
	if err := p.client.Mail(m.from.Address); err != nil {
		hint := "the server does not let smtp.from send: use an address of the domain that smtp.user belongs to"
		if p.SMTP.User == "" && isCode(err, authRequired) {
			hint = "the server wants a sign-in first: set smtp.user and smtp.password"
		}
		return &ProbeError{"sender", hint, err}
	}
	p.Tell(Step{"sender", m.from.Address})
	if err := p.client.Rcpt(row.To); err != nil {
		hint := "the server does not take mail for this address: check it, and whether the server sends to other domains (relay) for who is signed in"
		if answer, ok := errors.AsType[*textproto.Error](err); ok && answer.Code < 500 {
			hint = "the server asks to wait; Osier tries again by itself for some hours"
		}
		return &ProbeError{"recipient", hint, err}
	}
	p.Tell(Step{"recipient", row.To})
	msg, err := m.message(row)
	if err != nil {
		return err
	}
	w, err := p.client.Data()
	if err == nil {
		_, err = msg.WriteTo(w)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return &ProbeError{"content", "the server refuses the mail itself: its answer says why, often that smtp.from has no SPF or DKIM record", err}
	}
	p.Tell(Step{"content", "taken"})
	_ = p.client.Quit() // the mail is taken already
	return nil
}
