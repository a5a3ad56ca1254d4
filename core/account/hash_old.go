package account

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // G505: an old hash may be made with it; what is kept is argon2id over it
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/fault"
)

// oldWorkMax is how many rounds of PBKDF2 an old hash may take: each sign-in does as
// many while one is left.
const oldWorkMax = 1_200_000

// oldHash is how another passport made a key of a password (PBKDF2, RFC 8018 §5.2).
// What is kept is argon2id over that key, so that a copy of the database is not easier
// to search than for other passwords, and the first sign-in drops the detour.
type oldHash struct {
	digest string // sha1, sha256, sha512, sha3-256
	salt   []byte
	rounds int
	size   int // bytes of the key
}

var digests = map[string]func() hash.Hash{
	"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New, "sha3-256": func() hash.Hash { return sha3.New256() },
}

// parseOld reads the hash of a password in a form that Salava (buddy-hashers:
// pbkdf2+sha256$salt$rounds$key in hexadecimal) or Badgr (Django:
// pbkdf2_sha256$rounds$salt$key) keeps it in, and gives its key beside. It returns a
// fault Invalid for any other form, and for one that would take too long.
func parseOld(text string) (oldHash, []byte, error) {
	parts := strings.Split(text, "$")
	unknown := fault.New(fault.Invalid, "account.error.old_hash.form")
	if len(parts) != 4 {
		return oldHash{}, nil, unknown
	}
	var h oldHash
	var key []byte
	var errSalt, errKey, errRounds error
	if digest, ok := strings.CutPrefix(parts[0], "pbkdf2+"); ok {
		h.digest = digest
		h.salt, errSalt = hex.DecodeString(parts[1])
		h.rounds, errRounds = strconv.Atoi(parts[2])
		key, errKey = hex.DecodeString(parts[3])
	} else if digest, ok := strings.CutPrefix(parts[0], "pbkdf2_"); ok {
		h.digest, h.salt = digest, []byte(parts[2])
		h.rounds, errRounds = strconv.Atoi(parts[1])
		key, errKey = base64.StdEncoding.DecodeString(parts[3])
	}
	h.size = len(key)
	if digests[h.digest] == nil || errSalt != nil || errKey != nil || errRounds != nil || h.check() != nil {
		return oldHash{}, nil, unknown
	}
	if h.rounds > oldWorkMax {
		return oldHash{}, nil, fault.New(fault.Invalid, "account.error.old_hash.work").With("most", strconv.Itoa(oldWorkMax))
	}
	return h, key, nil
}

// check refuses what is no hash of a password: a key that is shorter than 20 bytes
// (that of SHA-1, and of SHA-256 in old versions of buddy-hashers) or longer than its
// digest, and a salt that is not there.
func (h oldHash) check() error {
	if h.rounds < 1 || len(h.salt) < 4 || len(h.salt) > 256 || h.size < sha1.Size || h.size > digests[h.digest]().Size() {
		return errHash
	}
	return nil
}

// String is the form that is kept beside argon2id over the key.
func (h oldHash) String() string {
	return fmt.Sprintf("%s$%s$%d$%d", h.digest, hex.EncodeToString(h.salt), h.rounds, h.size)
}

// readOld reads String.
func readOld(text string) (oldHash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 4 || digests[parts[0]] == nil {
		return oldHash{}, errHash
	}
	salt, errSalt := hex.DecodeString(parts[1])
	rounds, errRounds := strconv.Atoi(parts[2])
	size, errSize := strconv.Atoi(parts[3])
	h := oldHash{parts[0], salt, rounds, size}
	if errSalt != nil || errRounds != nil || errSize != nil || h.check() != nil {
		return oldHash{}, errHash
	}
	return h, nil
}

// wrapped is the key of an old hash as the password that argon2id is told.
func wrapped(key []byte) string { return "old:" + hex.EncodeToString(key) }

// secretOf is a stored password.
type secretOf struct {
	hash string // argon2id; "" for none
	old  string // what stands between the password and the hash, or ""
}

// matchesEither is matches for a hash that may be over an old one. All names cost the
// same while old hashes are left: work is the most rounds that one of them takes, and
// whoever needs fewer, or none, does the rest for nothing.
func (h *hasher) matchesEither(ctx context.Context, s secretOf, password string, work int) (bool, error) {
	if s.old == "" && work == 0 {
		return h.matches(ctx, s.hash, password)
	}
	typed, err := h.detour(ctx, s.old, password, work)
	if err != nil {
		return false, err
	}
	return h.matches(ctx, s.hash, typed)
}

// detour does the work of old hashes, and gives what argon2id is told: the key, or the
// password itself where there is no old hash.
func (h *hasher) detour(ctx context.Context, old, password string, work int) (string, error) {
	if utf8.RuneCountInString(password) > passwordMax {
		password = ""
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	if old == "" {
		return password, h.idle("sha256", password, work)
	}
	way, err := readOld(old)
	if err != nil {
		return "", err
	}
	key, err := h.run(way, password)
	if err != nil {
		return "", err
	}
	return wrapped(key), h.idle(way.digest, password, work-way.rounds)
}

// idle does rounds of work for nothing. Its key is one block of any digest: the work is
// the rounds.
func (h *hasher) idle(digest, password string, rounds int) error {
	if rounds < 1 {
		return nil
	}
	_, err := h.run(oldHash{digest, make([]byte, saltLen), rounds, sha1.Size}, password)
	return err
}

// run makes the key of a password as an old hash does.
func (h *hasher) run(way oldHash, password string) ([]byte, error) {
	if h.ran != nil {
		h.ran(way.rounds)
	}
	return pbkdf2.Key(digests[way.digest], password, way.salt, way.rounds, way.size)
}
