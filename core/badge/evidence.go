package badge

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/pack"
)

func safeEvidence(list []openbadge.Evidence) []openbadge.Evidence {
	return append([]openbadge.Evidence{}, list[:min(len(list), 50)]...)
}

// evidenceText is what a row keeps of the evidence of a credential: nothing where the
// credential itself, which is packed beside it, says the same whenever it is read.
// Older versions may have it from other documents.
func evidenceText(c *openbadge.Credential, payload []byte) (string, error) {
	if len(c.Evidence) > 0 && c.Version == openbadge.V30 && bytes.Equal(c.Raw, payload) {
		return "", nil
	}
	return evidenceJSON(c.Evidence)
}

func evidenceJSON(list []openbadge.Evidence) (string, error) {
	text, err := json.Marshal(safeEvidence(list))
	if err != nil {
		return "", fmt.Errorf("write evidence: %w", err)
	}
	return string(text), nil
}

// readEvidence reads what evidenceText wrote.
func readEvidence(text string, own pack.Packed) ([]openbadge.Evidence, error) {
	if text != "" {
		var list []openbadge.Evidence
		return list, json.Unmarshal([]byte(text), &list)
	}
	credential, err := own.Unpack()
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	c, err := openbadge.Parse(credential)
	if c == nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return safeEvidence(c.Evidence), nil
}
