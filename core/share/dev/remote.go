package dev

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// scriptFile is the remote as the author wants it, in the plugin's folder.
const scriptFile = "testdata/remote.yaml"

// Bounds of the remote.
const (
	maxExchanges = 50
	maxBody      = 1 << 20
	shownBody    = 4000
)

// Moods are how the remote can answer everything.
var Moods = []string{"script", "401", "403", "429", "500", "cut"}

// Step is one line of testdata/remote.yaml: what is answered to requests that begin
// like it. The first step that fits is taken; where none does, 200 and an object
// with an id and a url.
//
//   - {method: POST, path: /api/v1/statuses, status: 200, body: '{"id":"1","url":"https://social.example/1"}'}
type Step struct {
	Host    string            `yaml:"host"`
	Method  string            `yaml:"method"`
	Path    string            `yaml:"path"` // begins with
	Status  int               `yaml:"status"`
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
}

// Exchange is one request of the plugin, and what it was answered.
type Exchange struct {
	At                  time.Time
	Method, URL, Answer string
	Sent, Got           string // headers and body
}

// Remote stands for every host that the plugin may reach.
type Remote struct {
	dir, ca string
	server  *http.Server
	address string
	root    *x509.Certificate
	key     *ecdsa.PrivateKey
	tell    func(Exchange)

	mu      sync.Mutex
	mood    string
	steps   []Step
	problem string // with the script
	kept    []Exchange
	leaves  map[string]*tls.Certificate
}

func newRemote(dir, folder string, tell func(Exchange)) (*Remote, error) {
	r := &Remote{dir: dir, ca: filepath.Join(folder, "ca.pem"), mood: "script", tell: tell, leaves: map[string]*tls.Certificate{}}
	if err := r.makeRoot(); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // for the life of the remote
	if err != nil {
		return nil, err
	}
	r.address = ln.Addr().String()
	r.server = &http.Server{
		Handler: r, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{GetCertificate: r.leaf, MinVersion: tls.VersionTLS12},
	}
	go func() { _ = r.server.ServeTLS(ln, "", "") }() // ends by close
	r.load()
	return r, nil
}

func (r *Remote) makeRoot() error {
	var err error
	if r.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "osier plugin dev"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 1, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &r.key.PublicKey, r.key)
	if err != nil {
		return err
	}
	if r.root, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	return os.WriteFile(r.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644) //nolint:gosec // G306: a certificate
}

// leaf makes a certificate for whatever host is asked for.
func (r *Remote) leaf(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.leaves[hello.ServerName]; c != nil {
		return c, nil
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: hello.ServerName}, DNSNames: []string{hello.ServerName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 1, 0), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, r.root, &r.key.PublicKey, r.key)
	if err != nil {
		return nil, err
	}
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: r.key}
	r.leaves[hello.ServerName] = c
	return c, nil
}

// dial is the plugin's way out: whatever the host, it leads here.
func (r *Remote) dial(ctx context.Context, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", r.address)
}

// env has a plugin of any language trust the remote.
func (r *Remote) env() []string {
	return []string{"SSL_CERT_FILE=" + r.ca, "NODE_EXTRA_CA_CERTS=" + r.ca, "REQUESTS_CA_BUNDLE=" + r.ca}
}

func (r *Remote) close() error { return r.server.Close() }

// load reads the author's script again.
func (r *Remote) load() {
	steps, err := readSteps(filepath.Join(r.dir, scriptFile))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps, r.problem = steps, ""
	if err != nil {
		r.problem = err.Error()
	}
}

func readSteps(path string) ([]Step, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var steps []Step
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&steps); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", scriptFile, err)
	}
	return steps, nil
}

// setMood has the remote answer everything in one way; "script" is as written.
func (r *Remote) setMood(mood string) bool {
	if !slices.Contains(Moods, mood) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mood = mood
	return true
}

// ServeHTTP answers the plugin.
func (r *Remote) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(io.LimitReader(q.Body, maxBody))
	if err != nil {
		return
	}
	r.mu.Lock()
	mood, steps := r.mood, r.steps
	r.mu.Unlock()
	e := Exchange{At: time.Now(), Method: q.Method, URL: "https://" + q.Host + q.URL.RequestURI(), Sent: headText(q.Header) + shown(body)}
	if mood == "cut" {
		e.Answer = "cut: no answer"
		r.keep(e)
		panic(http.ErrAbortHandler)
	}
	s := stepFor(mood, steps, q)
	for name, value := range s.Headers {
		w.Header().Set(name, value)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	e.Answer = fmt.Sprint(s.Status, " ", http.StatusText(s.Status))
	e.Got = headText(w.Header()) + shown([]byte(s.Body))
	r.keep(e)
	w.WriteHeader(s.Status)
	_, _ = io.WriteString(w, s.Body)
}

func stepFor(mood string, steps []Step, q *http.Request) Step {
	switch mood {
	case "401":
		return Step{Status: http.StatusUnauthorized, Body: `{"error":"invalid_token"}`}
	case "403":
		return Step{Status: http.StatusForbidden, Body: `{"error":"not allowed"}`}
	case "429":
		return Step{Status: http.StatusTooManyRequests, Headers: map[string]string{"Retry-After": "30"}, Body: `{"error":"slow down"}`}
	case "500":
		return Step{Status: http.StatusInternalServerError, Body: `{"error":"something broke"}`}
	}
	for _, s := range steps {
		if (s.Method == "" || s.Method == q.Method) && (s.Host == "" || s.Host == q.Host) && strings.HasPrefix(q.URL.Path, s.Path) {
			if s.Status == 0 {
				s.Status = http.StatusOK
			}
			return s
		}
	}
	return Step{Status: http.StatusOK, Body: `{"id":"1","url":"https://` + q.Host + `/1"}`}
}

func (r *Remote) keep(e Exchange) {
	r.mu.Lock()
	r.kept = append(r.kept, e)
	if len(r.kept) > maxExchanges {
		r.kept = slices.Delete(r.kept, 0, 1)
	}
	r.mu.Unlock()
	r.tell(e)
}

func (r *Remote) view() (mood, problem string, list []Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list = slices.Clone(r.kept)
	slices.Reverse(list)
	return r.mood, r.problem, list
}

func headText(h http.Header) string {
	var b strings.Builder
	_ = h.Write(&b) // to memory
	return strings.ReplaceAll(b.String(), "\r\n", "\n") + "\n"
}

func shown(body []byte) string {
	if len(body) > shownBody {
		return strings.ToValidUTF8(string(body[:shownBody]), "\uFFFD") + fmt.Sprintf("\n… %d bytes in all", len(body))
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}
