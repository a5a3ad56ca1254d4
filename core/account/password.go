package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/osier-passport/osier/core/fault"
)

const (
	passwordMin = 10  // characters
	passwordMax = 128 // characters

	argonTime    = 2
	argonKiB     = 19 << 10 // OWASP's first choice for argon2id
	argonThreads = 1
	saltLen      = 16
	keyLen       = 32

	hashersAtOnce = 4 // 76 MiB at most
	hashWait      = 10 * time.Second
)

// commonPasswords of at least ten characters, of the lists that are tried first.
var commonPasswords = []string{
	"0123456789", "0987654321", "1234567890", "12345678910", "123456789a", "1q2w3e4r5t", "1q2w3e4r5t6y",
	"1qaz2wsx3edc", "abcdefghij", "changeme123", "iloveyou123", "letmein123", "motdepasse", "motdepasse1",
	"password10", "password11", "password12", "password123", "password1234", "passw0rd123", "qazwsxedcrfv",
	"qwerty1234", "qwerty12345", "qwerty123456", "qwertyuiop", "qwertzuiop", "azertyuiop", "welcome123",
}

// checkPassword holds a new password against the rules: 10 to 128 characters,
// none of the commonest, and nothing that is known about the person.
func checkPassword(password string, known ...string) error {
	n := utf8.RuneCountInString(password)
	if n < passwordMin {
		return fault.New(fault.Invalid, "account.error.password.short")
	}
	if n > passwordMax {
		return fault.New(fault.Invalid, "account.error.password.long")
	}
	p := foldName(password)
	if slices.Contains(commonPasswords, p) || strings.Count(p, p[:1]) == len(p) {
		return fault.New(fault.Invalid, "account.error.password.common")
	}
	for _, k := range known {
		local, _, _ := strings.Cut(k, "@")
		for _, form := range []string{k, local, strings.ReplaceAll(k, " ", "")} {
			if form != "" && p == foldName(form) {
				return fault.New(fault.Invalid, "account.error.password.known")
			}
		}
	}
	return nil
}

// hasher makes and checks password hashes, a few at once, because each takes
// 19 MiB of memory.
type hasher struct {
	slots chan struct{}
	kib   uint32           // of memory for each
	count func()           // told of each hash made; nil outside of tests
	ran   func(rounds int) // told of the work of old hashes; nil outside of tests
}

func newHasher() *hasher { return &hasher{slots: make(chan struct{}, hashersAtOnce), kib: argonKiB} }

// hash gives the stored form of a password (argon2id, RFC 9106, as a PHC string).
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	key, err := h.derive(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return h.prefix() + encode(salt) + "$" + encode(key), nil
}

// matches reports whether password belongs to a stored hash. Without one, for an
// account that is not there or has no password, it does the same work and says no.
func (h *hasher) matches(ctx context.Context, stored, password string) (bool, error) {
	salt, want, err := h.parse(stored)
	if stored == "" {
		salt, want = make([]byte, saltLen), make([]byte, keyLen)
	} else if err != nil {
		return false, err
	}
	got, err := h.derive(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && stored != "", nil
}

func (h *hasher) derive(ctx context.Context, password string, salt []byte) ([]byte, error) {
	if utf8.RuneCountInString(password) > passwordMax {
		password = "" // longer than any password that can be set; the work stays the same
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if h.count != nil {
		h.count()
	}
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, argonTime, h.kib, argonThreads, keyLen), nil
}

// enter waits for its turn. It returns a fault Unavailable when that takes too long.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	wait := time.NewTimer(hashWait)
	defer wait.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-wait.C:
		return nil, fault.New(fault.Unavailable, "error.busy").After(hashWait)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *hasher) prefix() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, h.kib, argonTime, argonThreads)
}

var errHash = errors.New("the stored password hash has another form")

func (h *hasher) parse(stored string) (salt, key []byte, err error) {
	rest, ok := strings.CutPrefix(stored, h.prefix())
	if !ok {
		return nil, nil, errHash
	}
	a, b, _ := strings.Cut(rest, "$")
	salt, errSalt := base64.RawStdEncoding.DecodeString(a)
	key, errKey := base64.RawStdEncoding.DecodeString(b)
	if errSalt != nil || errKey != nil || len(key) != keyLen {
		return nil, nil, errHash
	}
	return salt, key, nil
}

func encode(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }
