package verify

import "github.com/osier-passport/osier/core/openbadge/ld"

// work is what one Check may still spend, whatever the credential asks for. Sub-verifications
// (proof sets, status lists, endorsements, badges inside a CLR) spend from the same. Together
// with the size of a payload it keeps a Check below 2 seconds of one core and 64 MB.
type work struct {
	canon       *ld.Budget
	read        int // bytes of documents
	inflated    int // bytes of status lists
	schema      int // places held against a part of a schema
	credentials int // endorsements and badges inside others
}

const (
	maxRead        = 12 << 20
	maxInflated    = 16 << 20
	maxSchemaWork  = 200_000
	maxCredentials = 60
)

func newWork() *work {
	return &work{canon: ld.NewBudget(), read: maxRead, inflated: maxInflated, schema: maxSchemaWork, credentials: maxCredentials}
}
