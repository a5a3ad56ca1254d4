package pairs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// verifyOlder is an OB 2.0 badge whose documents are at hand: each must be
// decoded at least once, and a signature be checked where there is one.
func verifyOlder(signed bool) (measure.Pair, error) {
	keys, err := sample.Keys()
	if err != nil {
		return measure.Pair{}, err
	}
	var k *issue.Key
	if signed {
		k = &keys[2]
	}
	payload, docs, err := sample.Older(k)
	if err != nil {
		return measure.Pair{}, err
	}
	check := func() error { return nil }
	texts := [][]byte{}
	if signed {
		if check, texts, err = partsOfToken(keys[2], payload); err != nil {
			return measure.Pair{}, err
		}
	}
	for url, body := range docs {
		if !signed || !strings.Contains(url, "/badges/") { // a signed badge is its own text
			texts = append(texts, body)
		}
	}
	pair := measure.Pair{AtMost: 6, Goal: 3, Against: "JSON decoded"}
	if signed {
		pair.Against = "JSON decoded, RS256"
	}
	pair.Ours.Run = times(func(ctx context.Context, _ int) error {
		if r := verify.Check(ctx, payload, verify.Options{At: sample.At(), Fetcher: docs}); r.Verdict != verify.Valid {
			return fmt.Errorf("%w: %s", errWrong, r.Verdict)
		}
		return nil
	})
	pair.Other.Run = times(func(context.Context, int) error {
		for _, text := range texts {
			var v map[string]any
			if err := json.Unmarshal(text, &v); err != nil {
				return err
			}
		}
		return check()
	})
	return pair, nil
}

// partsOfToken gives the check of the signature alone, and the two texts in it.
func partsOfToken(k issue.Key, token []byte) (check func() error, texts [][]byte, err error) {
	parts := strings.Split(string(token), ".")
	var raw [3][]byte
	for i, part := range parts {
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return nil, nil, err
		}
	}
	check, err = signatureAlone(k, []byte(parts[0]+"."+parts[1]), raw[2])
	return check, raw[:2], err
}
