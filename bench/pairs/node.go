package pairs

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// ErrLeftOut is why a pair cannot be measured on this machine; it wraps the reason.
var ErrLeftOut = errors.New("left out")

// nodePeer is the packages of peers/node in one process of Node.js that lives as
// long as the run, so that its compiler is warm. Its CPU time is taken from the
// same clock as ours.
type nodePeer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	err error // why there is none
}

// node gives the peer, started at the first call.
func (e *Env) node(ctx context.Context) (*nodePeer, error) {
	if e.peer == nil {
		e.peer = &nodePeer{}
		e.peer.err = e.peer.start(ctx, e.Root)
	}
	return e.peer, e.peer.err
}

func (p *nodePeer) start(ctx context.Context, root string) error {
	program, err := exec.LookPath("node")
	if err != nil {
		return fmt.Errorf("%w: no node", ErrLeftOut)
	}
	dir := filepath.Join(root, "bench", "peers", "node")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "jose")); err != nil {
		return fmt.Errorf("%w: run bench/peers/prepare", ErrLeftOut)
	}
	p.cmd = exec.Command(program, "peer.js") //nolint:gosec,noctx // G204: our own program; ended by close
	p.cmd.Dir, p.cmd.Stderr = dir, os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start node: %w", err)
	}
	inputs, err := nodeInputs(ctx, root)
	if err != nil {
		return err
	}
	return p.ask(inputs)
}

func (p *nodePeer) close() error {
	if p == nil || p.cmd == nil || p.cmd.Process == nil {
		return nil
	}
	return errors.Join(p.in.Close(), p.cmd.Wait())
}

// ask sends one line and reads the one that answers it.
func (p *nodePeer) ask(message any) error {
	if err := json.NewEncoder(p.in).Encode(message); err != nil {
		return fmt.Errorf("ask node: %w", err)
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("answer of node: %w", err)
	}
	var answer struct {
		CPU   int64  `json:"cpu"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return fmt.Errorf("answer of node: %w", err)
	}
	if answer.Error != "" {
		return fmt.Errorf("node: %s", answer.Error)
	}
	return nil
}

// side is an operation of the peer.
func (p *nodePeer) side(name string) measure.Side {
	return measure.Side{PID: p.cmd.Process.Pid, Run: func(_ context.Context, n int) error {
		return p.ask(map[string]any{"name": name, "n": n})
	}}
}

// The operations of the peer.
const (
	nodeTypical = "typical"
	nodeFull    = "full"
	nodePicture = "picture"
)

// nodeInputs is the first message: documents, contexts as files, and a case for
// each operation.
func nodeInputs(ctx context.Context, root string) (map[string]any, error) {
	typical, err := sample.Embedded(ctx)
	if err != nil {
		return nil, err
	}
	full, err := sample.Full(ctx)
	if err != nil {
		return nil, err
	}
	picture, err := sample.PNG("openbadges", typical)
	if err != nil {
		return nil, err
	}
	cases := map[string]any{
		nodeTypical: map[string]any{"operation": "credential", "credential": string(typical)},
		nodeFull:    map[string]any{"operation": "credential", "credential": string(full)},
		nodePicture: map[string]any{"operation": "picture", "picture": base64.StdEncoding.EncodeToString(picture), "payload": len(typical)},
	}
	keys, err := sample.Keys()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		token, err := sample.Token(k)
		if err != nil {
			return nil, err
		}
		cases[k.Alg()] = map[string]any{"operation": "token", "token": string(token), "jwk": k.JWK(), "alg": k.Alg()}
	}
	contexts := map[string]string{}
	for url, name := range goldContexts {
		contexts[url] = filepath.Join(root, "core", "openbadge", "ld", "contexts", name+".json")
	}
	return map[string]any{
		"now": sample.At(), "contexts": contexts, "cases": cases, "documents": didDocuments(sample.Key()),
	}, nil
}

// didDocuments is what a did:key resolves to.
func didDocuments(k issue.Key) map[string]any {
	did, id := k.DIDKey(), k.DIDKey()+"#"+k.Multibase()
	method := map[string]any{
		"@context": "https://w3id.org/security/multikey/v1",
		"id":       id, "type": "Multikey", "controller": did, "publicKeyMultibase": k.Multibase(),
	}
	return map[string]any{id: method, did: map[string]any{
		"@context": []any{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"},
		"id":       did, "verificationMethod": []any{method}, "assertionMethod": []any{id},
	}}
}
