package verify

import (
	_ "embed" // the schemas
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// The schemas of 1EdTech are at hand under their well-known addresses, so that a badge which
// names one needs no network for it. They are written from the data model (OB3 §B, CLR2 §B),
// once for both versions of the VC data model: the addresses served either over the years.
//
//go:embed schemas/ob3.json
var ob3Schema []byte

const (
	ob3SchemaID     = "urn:osier:schema:ob3"
	ob3SchemaFolder = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
	clrSchemaFolder = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/"
)

// builtinClass is the class of credential that the schema at a well-known address describes,
// "" for any other address.
func builtinClass(address string) string {
	address = "https://" + strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
	switch address {
	case ob3SchemaFolder + "ob_v3p0_achievementcredential_schema.json", ob3SchemaFolder + "ob_v3p0_anyachievementcredential_schema.json":
		return "AchievementCredential"
	case ob3SchemaFolder + "ob_v3p0_endorsementcredential_schema.json", ob3SchemaFolder + "ob_v3p0_anyendorsementcredential_schema.json":
		return "EndorsementCredential"
	case clrSchemaFolder + "clr_v2p0_clrcredential_schema.json", clrSchemaFolder + "clr_v2p0_anyclrcredential_schema.json":
		return "ClrCredential"
	}
	return ""
}

// builtinSchemas compiles the schemas that are at hand, each class once.
var builtinSchemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	doc, err := strictjson.Decode(ob3Schema, strictjson.Limits{})
	if err != nil {
		return nil, fmt.Errorf("read the schemas of OB 3.0: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2019)
	if err := compiler.AddResource(ob3SchemaID, doc); err != nil {
		return nil, fmt.Errorf("read the schemas of OB 3.0: %w", err)
	}
	out := map[string]*jsonschema.Schema{}
	for _, class := range []string{"AchievementCredential", "EndorsementCredential", "ClrCredential"} {
		if out[class], err = compiler.Compile(ob3SchemaID + "#/$defs/" + class); err != nil {
			return nil, fmt.Errorf("compile the schema of %s: %w", class, err)
		}
	}
	return out, nil
})

// stepsPerValue is the work of one value of a credential against a schema that is at hand.
const stepsPerValue = 8

// validateBuiltin holds the credential against a schema that is at hand, whose work grows with
// the number of values alone.
func (r *run) validateBuiltin(class string) error {
	all, err := builtinSchemas()
	if err != nil {
		return errNoSchema
	}
	doc := r.env.Doc()
	if r.docs.work.schema -= stepsPerValue * countValues(doc); r.docs.work.schema < 0 {
		return errSchemaWork
	}
	return all[class].Validate(any(doc)) //nolint:wrapcheck // read by the caller
}
