package verify

import "github.com/osier-passport/osier/core/openbadge/ld"

// work is what one Check may still spend, whatever the credential asks for. Sub-verifications
// (proof sets, status lists, endorsements, badges inside a CLR) spend from the same. Together
// with the size of a payload it keeps a Check below 2 seconds of one core and 64 MB.
type work struct {
	canon       ld.Budget
	read        int // bytes of documents
	inflated    int // bytes of status lists
	schema      int // places held against a part of a schema
	credentials int // endorsements and badges inside others
	signatures  int // verifications of signatures, and the bytes that they hash
}

const (
	maxRead        = 12 << 20
	maxInflated    = 16 << 20
	maxSchemaWork  = 200_000
	maxCredentials = 60
	maxSignatures  = 5_000
	maxKeys        = 1_000 // of one issuer
)

// allowedWork is the work of one Check.
func allowedWork() work {
	return work{
		canon: *ld.NewBudget(), read: maxRead, inflated: maxInflated, schema: maxSchemaWork,
		credentials: maxCredentials, signatures: maxSignatures,
	}
}

// verification takes the verification of one signature over n bytes. It reports false when
// that is too much.
func (w *work) verification(n int) bool {
	const bytesPerSignature = 50_000 // hashed in about the time of one verification
	w.signatures -= 1 + n/bytesPerSignature
	return w.signatures >= 0
}

// text takes n bytes of a canonical form that ld does not count.
func (w *work) text(n int) bool {
	w.canon.Text -= n
	return w.canon.Text >= 0
}
