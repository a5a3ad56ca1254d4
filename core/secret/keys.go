package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

const (
	keyBytes   = 32
	keyPrefix  = "osier-key-1:"
	sealPrefix = 1 // first byte of what Seal makes: the version of its form
)

// ErrSealed is returned by Open for bytes that this key did not seal, or not
// with this additional data.
var ErrSealed = errors.New("sealed with another key, or changed")

// Keys derives every key of a passport from the one in its key file (RFC 5869).
type Keys struct {
	root []byte
	seal cipher.AEAD
	macs sync.Map // purpose to *sync.Pool of hash.Hash: a key is derived once, and a purpose is a constant
}

// LoadKeys reads the key file at path. When there is none it makes the folder
// (mode 0700) and a new key (mode 0600). It refuses a file that others than its
// owner can read or write, and says how to mend that.
func LoadKeys(path string) (*Keys, error) {
	text, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("make the secret key: %w", err)
		}
		text, err = readKey(path) // another process may have been first
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	encoded, ok := strings.CutPrefix(strings.TrimSpace(text), keyPrefix)
	root, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || len(root) != keyBytes {
		return nil, fmt.Errorf("read the secret key: %s holds no osier key; put back a copy of the right file (a new key cannot open what the old one sealed)", path)
	}
	return newKeys(root)
}

// RandomKeys gives a key that lives in memory only, for tests and the demo.
func RandomKeys() (*Keys, error) {
	root := make([]byte, keyBytes)
	rand.Read(root)
	return newKeys(root)
}

func newKeys(root []byte) (*Keys, error) {
	k := &Keys{root: root}
	key, err := k.derive("seal")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("prepare sealing: %w", err)
	}
	if k.seal, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("prepare sealing: %w", err)
	}
	return k, nil
}

func readKey(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return "", fmt.Errorf("others can use %s (mode %04o); run: chmod 600 '%s'", path, mode, path)
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// makeKey writes a whole file under another name and links it into place, so
// that a crash leaves no half a key and of two processes one wins.
func makeKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root := make([]byte, keyBytes)
	rand.Read(root)
	f, err := os.CreateTemp(dir, ".osier.key-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(keyPrefix + base64.RawURLEncoding.EncodeToString(root) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	return errors.Join(err, os.Remove(f.Name()), syncDir(dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (k *Keys) derive(purpose string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, k.root, nil, "osier "+purpose, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	return key, nil
}

// Seal encrypts plain with AES-256-GCM. The result opens only with the same aad,
// which says where it belongs (for example "grant/42").
func (k *Keys) Seal(plain, aad []byte) []byte {
	out := make([]byte, 1+k.seal.NonceSize(), 1+k.seal.NonceSize()+len(plain)+k.seal.Overhead())
	out[0] = sealPrefix
	nonce := out[1:]
	rand.Read(nonce)
	return k.seal.Seal(out, nonce, plain, aad) //nolint:gosec // the nonce is random, read one line above
}

// Open gives back what was sealed with the same aad, or ErrSealed.
func (k *Keys) Open(sealed, aad []byte) ([]byte, error) {
	head := 1 + k.seal.NonceSize()
	if len(sealed) < head || sealed[0] != sealPrefix {
		return nil, ErrSealed
	}
	plain, err := k.seal.Open(nil, sealed[1:head], sealed[head:], aad)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// MAC authenticates data for one purpose: 43 characters of base64url. Each
// purpose has a key of its own, so a code for one is worth nothing for another.
func (k *Keys) MAC(purpose string, data []byte) string {
	pool := k.hashes(purpose)
	m := pool.Get().(hash.Hash) //nolint:errcheck,forcetypeassert // New makes nothing else
	defer pool.Put(m)
	m.Reset()
	m.Write(data)
	var sum [sha256.Size]byte
	return base64.RawURLEncoding.EncodeToString(m.Sum(sum[:0]))
}

// hashes are those of one purpose.
func (k *Keys) hashes(purpose string) *sync.Pool {
	if pool, ok := k.macs.Load(purpose); ok {
		return pool.(*sync.Pool) //nolint:errcheck,forcetypeassert // nothing else is put in
	}
	key, err := k.derive("mac/" + purpose)
	if err != nil {
		panic(err) // hkdf refuses only lengths, and ours is fixed
	}
	pool, _ := k.macs.LoadOrStore(purpose, &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }})
	return pool.(*sync.Pool) //nolint:errcheck,forcetypeassert // nothing else is put in
}

// CheckMAC reports in constant time whether code is the MAC of data for purpose.
func (k *Keys) CheckMAC(purpose string, data []byte, code string) bool {
	return hmac.Equal([]byte(k.MAC(purpose, data)), []byte(code))
}
