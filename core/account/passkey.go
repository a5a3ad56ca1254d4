package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

const (
	passkeysPerHead = 20
	passkeyNameMax  = 60 // characters
	passkeyAnswer   = 64 << 10
	ceremonyFor     = 10 * time.Minute
	ceremonySeal    = "account/passkey"
	userHandleLen   = 32 // random bytes (WebAuthn §14.6.1: nothing about the person)
)

// Passkey is a WebAuthn credential of a person.
type Passkey struct {
	Credential []byte
	PublicID   string
	Person     int64
	Site       string // the relying party id it belongs to
	UserHandle []byte
	PublicKey  []byte // COSE
	Flags      byte
	Counter    uint32
	Transports []string
	AAGUID     []byte
	Name       string
	CreatedAt  time.Time
	UsedAt     time.Time // zero: never
	DoubtedAt  time.Time // when its counter went back; zero: never
}

// Synced reports whether the passkey is kept in an account elsewhere too, so
// that a lost device does not lose it (WebAuthn §6.1.3, backup state).
func (k Passkey) Synced() bool { return protocol.AuthenticatorFlags(k.Flags).HasBackupState() }

// rpID is the relying party id: the host of the public URL, or "" where browsers
// know no passkeys, for an IP address or without TLS.
func (a *Accounts) rpID() string {
	u, err := url.Parse(a.url("/"))
	if err != nil {
		return ""
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	if u.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return ""
	}
	return host
}

// PasskeysWork reports whether this site can have passkeys.
func (a *Accounts) PasskeysWork() bool { return a.rpID() != "" }

// relyingParty is this site for WebAuthn: its id and only origin come from the
// public URL, never from a request. The authenticator must verify its user
// (§5.8.6) and keep the key itself (§5.4.6), and need not say what it is (§5.4.7).
func (a *Accounts) relyingParty(name string) (*webauthn.WebAuthn, error) {
	id := a.rpID()
	if id == "" {
		return nil, fault.New(fault.Conflict, "account.error.passkey.site")
	}
	u, err := url.Parse(a.url("/"))
	if err != nil {
		return nil, fmt.Errorf("read the public URL: %w", err)
	}
	must := true
	limit := webauthn.TimeoutConfig{Timeout: ceremonyFor, TimeoutUVD: ceremonyFor}
	return webauthn.New(&webauthn.Config{
		RPID: id, RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &must, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
}

// holder is a person as the library sees one.
type holder struct {
	person     Person
	handle     []byte
	name, full string
	site       string
	passkeys   []Passkey
}

func (h holder) WebAuthnID() []byte          { return h.handle }
func (h holder) WebAuthnName() string        { return h.name }
func (h holder) WebAuthnDisplayName() string { return h.full }

func (h holder) WebAuthnCredentials() []webauthn.Credential {
	var list []webauthn.Credential
	for _, k := range h.passkeys {
		if k.Site == h.site {
			list = append(list, k.record())
		}
	}
	return list
}

// record is a passkey as the library sees one (WebAuthn §4, credential record).
func (k Passkey) record() webauthn.Credential {
	c := webauthn.Credential{
		ID: k.Credential, PublicKey: k.PublicKey, AttestationType: "none",
		Flags:         webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(k.Flags)),
		Authenticator: webauthn.Authenticator{AAGUID: k.AAGUID, SignCount: k.Counter},
	}
	for _, t := range k.Transports {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c
}

// holderOf reads a person with their passkeys of this site. A person keeps one
// user handle, so that an authenticator replaces what it holds.
func (a *Accounts) holderOf(ctx context.Context, d db.DB, person int64) (holder, error) {
	p, err := personByID(ctx, d, person)
	if err != nil {
		return holder{}, err
	}
	h := holder{name: p.Handle, full: p.Name, site: a.rpID(), person: p}
	if h.passkeys, err = passkeysOf(ctx, d, person); err != nil {
		return holder{}, err
	}
	for _, k := range h.passkeys {
		if k.Site == h.site {
			h.handle = k.UserHandle
		}
	}
	if h.handle == nil {
		h.handle = make([]byte, userHandleLen)
		rand.Read(h.handle)
	}
	return h, nil
}

// Purposes of a ceremony.
const (
	ceremonyAdd   = "add"
	ceremonyEnter = "enter"
	ceremonyProve = "prove"
)

// AddPasskey keeps a passkey that a person's authenticator made, once per
// challenge. An empty name becomes that of the device. It returns FieldErrors
// (name), or a fault that says why not; the log has the cause.
func (a *Accounts) AddPasskey(ctx context.Context, r Answer, name, device string) (Passkey, error) {
	name, err := passkeyName(name, device)
	if err != nil {
		return Passkey{}, err
	}
	k, c, err := a.madePasskey(ctx, r)
	if err != nil {
		a.log.WarnContext(ctx, "passkey refused", slog.Any("error", reason(err)))
		return Passkey{}, err
	}
	k.Name = name
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := spend(ctx, tx, c); err != nil {
			return err
		}
		k.PublicID, k.CreatedAt = secret.ID(), tx.Now()
		if err := insertPasskey(ctx, tx, k); err != nil {
			return err
		}
		return a.Tell(ctx, tx, k.Person, Notice{What: PasskeyAdded, Detail: k.Name, Device: device})
	})
	if _, told := fault.As(err); !told && db.IsUnique(err) {
		return Passkey{}, fault.New(fault.Conflict, "account.error.passkey.there").At("/settings/security").Wrap(err)
	}
	return k, err
}

// madePasskey checks what an authenticator made (WebAuthn §7.1).
func (a *Accounts) madePasskey(ctx context.Context, r Answer) (Passkey, ceremony, error) {
	if len(r.JSON) > passkeyAnswer {
		return Passkey{}, ceremony{}, errPasskey(nil)
	}
	made, err := protocol.ParseCredentialCreationResponseBytes([]byte(r.JSON))
	if err != nil {
		return Passkey{}, ceremony{}, errPasskey(err)
	}
	c, err := a.open(r, made.Response.CollectedClientData.Challenge, ceremonyAdd)
	if err != nil {
		return Passkey{}, ceremony{}, err
	}
	rp, err := a.namedParty(ctx)
	if err != nil {
		return Passkey{}, ceremony{}, err
	}
	h, err := a.holderOf(ctx, a.base.Read(), c.Person)
	if err != nil {
		return Passkey{}, ceremony{}, err
	}
	h.handle = c.Session.UserID
	record, err := rp.CreateCredential(h, c.Session, made)
	if err != nil {
		return Passkey{}, ceremony{}, errPasskey(err)
	}
	k := Passkey{
		Credential: record.ID, Person: c.Person, Site: rp.Config.RPID, UserHandle: c.Session.UserID, PublicKey: record.PublicKey,
		Flags: byte(record.Flags.ProtocolValue()), Counter: record.Authenticator.SignCount, AAGUID: record.Authenticator.AAGUID,
	}
	for _, t := range record.Transport {
		if known := strings.Map(plainLetter, string(t)); known == string(t) && len(k.Transports) < 8 {
			k.Transports = append(k.Transports, known)
		}
	}
	return k, c, nil
}

func plainLetter(r rune) rune {
	if r >= 'a' && r <= 'z' || r == '-' {
		return r
	}
	return -1
}

// EnterByPasskey finds whose passkey answered a challenge, once. A passkey whose
// counter went back may have been copied (WebAuthn §6.1.1): it opens nothing, and
// its person is told. It returns a fault that says why not; the log has the cause.
func (a *Accounts) EnterByPasskey(ctx context.Context, r Answer) (Person, error) {
	return a.usePasskey(ctx, r, ceremonyEnter)
}

// ProveByPasskey is EnterByPasskey for a person who is signed in.
func (a *Accounts) ProveByPasskey(ctx context.Context, r Answer) error {
	_, err := a.usePasskey(ctx, r, ceremonyProve)
	return err
}

func (a *Accounts) usePasskey(ctx context.Context, r Answer, purpose string) (Person, error) {
	h, record, c, err := a.usedPasskey(ctx, r, purpose)
	if err != nil {
		a.log.WarnContext(ctx, "sign-in with a passkey refused", slog.Any("error", reason(err)))
		return Person{}, err
	}
	copied := record.Authenticator.CloneWarning
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := spend(ctx, tx, c); err != nil {
			return err
		}
		if copied {
			return a.doubt(ctx, tx, h, record.ID)
		}
		return notePasskey(ctx, tx, Passkey{
			Credential: record.ID, Person: h.person.ID, Flags: byte(record.Flags.ProtocolValue()), Counter: record.Authenticator.SignCount,
		})
	})
	if errors.Is(err, db.ErrNotFound) {
		return Person{}, errPasskey(err) // removed meanwhile, or overtaken by a higher count
	}
	if err == nil && copied {
		err = fault.New(fault.Forbidden, "account.error.passkey.copied").At("/login")
	}
	if err == nil && h.person.Disabled {
		err = errDisabled()
	}
	return h.person, err
}

// usedPasskey checks what an authenticator signed (WebAuthn §7.2).
func (a *Accounts) usedPasskey(ctx context.Context, r Answer, purpose string) (holder, *webauthn.Credential, ceremony, error) {
	var none ceremony
	if len(r.JSON) > passkeyAnswer {
		return holder{}, nil, none, errPasskey(nil)
	}
	signed, err := protocol.ParseCredentialRequestResponseBytes([]byte(r.JSON))
	if err != nil {
		return holder{}, nil, none, errPasskey(err)
	}
	c, err := a.open(r, signed.Response.CollectedClientData.Challenge, purpose)
	if err != nil {
		return holder{}, nil, none, err
	}
	rp, err := a.namedParty(ctx)
	if err != nil {
		return holder{}, nil, none, err
	}
	h, err := a.holderByPasskey(ctx, signed.RawID)
	if err != nil {
		return holder{}, nil, none, err
	}
	var record *webauthn.Credential
	if purpose == ceremonyProve {
		if h.person.ID != c.Person {
			return holder{}, nil, none, errPasskey(nil)
		}
		c.Session.UserID = h.handle
		record, err = rp.ValidateLogin(h, c.Session, signed)
	} else {
		record, err = rp.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return h, nil }, c.Session, signed)
	}
	if err != nil {
		return holder{}, nil, none, errPasskey(err)
	}
	return h, record, c, nil
}

// holderByPasskey finds the person by the credential; the user handle that the
// authenticator gives must be the one it was made for (WebAuthn §7.2 step 6).
func (a *Accounts) holderByPasskey(ctx context.Context, credential []byte) (holder, error) {
	k, err := passkeyByCredential(ctx, a.base.Read(), credential)
	if errors.Is(err, db.ErrNotFound) {
		return holder{}, fault.New(fault.Invalid, "account.error.passkey.unknown").At("/login").Wrap(err)
	}
	if err != nil {
		return holder{}, err
	}
	h, err := a.holderOf(ctx, a.base.Read(), k.Person)
	h.handle = k.UserHandle
	return h, err
}

// doubt notes that a passkey may have been copied, and tells its person.
func (a *Accounts) doubt(ctx context.Context, tx *db.Tx, h holder, credential []byte) error {
	k, err := passkeyByCredential(ctx, tx, credential)
	if err != nil {
		return err
	}
	if err := doubtPasskey(ctx, tx, credential); err != nil {
		return err
	}
	return a.Tell(ctx, tx, h.person.ID, Notice{What: PasskeyDoubted, Detail: k.Name})
}

// Passkeys lists the passkeys of a person, the oldest first.
func (a *Accounts) Passkeys(ctx context.Context, person int64) ([]Passkey, error) {
	return passkeysOf(ctx, a.base.Read(), person)
}

// RenamePasskey gives a passkey another name. It returns FieldErrors (name) or a
// fault NotFound.
func (a *Accounts) RenamePasskey(ctx context.Context, person int64, publicID, name string) error {
	name, err := passkeyName(name, "")
	if err != nil {
		return err
	}
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error { return renamePasskey(ctx, tx, person, publicID, name) }))
}

// RemovePasskey takes a passkey away and ends all sessions but one, since any of
// them may have come from it. It returns a fault Conflict when nothing would be
// left to sign in with.
func (a *Accounts) RemovePasskey(ctx context.Context, person int64, publicID string, keep []byte, device string) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error {
		name, err := deletePasskey(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		return a.tookAway(ctx, tx, person, keep, Notice{What: PasskeyRemoved, Detail: name, Device: device})
	}))
}

// passkeyName cleans the name that a person gives a passkey; an empty one is that
// of the device.
func passkeyName(name, device string) (string, error) {
	name = strings.Join(strings.Fields(cleanText(name, false)), " ")
	if !strings.ContainsFunc(name, isShape) {
		name = device
	}
	if name == "" {
		return "", FieldErrors{"name": "account.error.passkey.name"}
	}
	if utf8.RuneCountInString(name) > passkeyNameMax {
		return "", FieldErrors{"name": "account.error.passkey.name_long"}
	}
	return name, nil
}

// reason is an error with what the library says about it.
func reason(err error) error {
	if p, ok := errors.AsType[*protocol.Error](err); ok {
		return fmt.Errorf("%w: %s", err, p.DevInfo)
	}
	return err
}

func errPasskey(err error) error {
	return fault.New(fault.Invalid, "account.error.passkey.refused").At("/login").Wrap(err)
}

func errPasskeyOld(err error) error {
	return fault.New(fault.Invalid, "account.error.passkey.old").At("/login").Wrap(err)
}
