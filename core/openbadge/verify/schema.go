package verify

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// checkSchemas holds the credential against its credentialSchema documents (OB3 §9.1,
// 1EdTechJsonSchemaValidator2019; VC JSON Schema). A schema that could not be had, or that
// is no schema, leaves the verdict.
func (r *run) checkSchemas(ctx context.Context) {
	list := asList(r.env.Doc["credentialSchema"])
	if len(list) == 0 {
		return
	}
	out := pass()
	for _, v := range list {
		m := asObject(v)
		if !hasType(m, "1EdTechJsonSchemaValidator2019", "JsonSchema", "JsonSchemaValidator2018") {
			out = worst(out, unknown("schema-type", firstText(typesOf(m))))
			continue
		}
		out = worst(out, r.schema(ctx, asString(m["id"])))
	}
	r.emit(CheckSchema, out.by("OB3 §9.1"))
}

var errNoSchema = errors.New("schema not at hand")

// schemaLoader serves the documents of the run to the schema compiler.
type schemaLoader struct {
	load func(address string) (any, error)
}

// Load implements jsonschema.URLLoader.
func (l schemaLoader) Load(address string) (any, error) { return l.load(address) }

func (r *run) schema(ctx context.Context, address string) finding {
	if !isWeb(address) {
		return unknown("bad-address", "credentialSchema.id")
	}
	doc, f := r.fetch(ctx, RoleSchema, address)
	if !f.ok() {
		return f
	}
	if _, err := strictjson.Decode(doc.Body, strictjson.Limits{}); err != nil {
		return unknown("document-unreadable", address)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2019)
	compiler.UseLoader(schemaLoader{func(address string) (any, error) {
		doc, f := r.fetch(ctx, RoleSchema, address)
		if !f.ok() {
			return nil, errNoSchema
		}
		return jsonschema.UnmarshalJSON(bytes.NewReader(doc.Body))
	}})
	s, err := compiler.Compile(address)
	if err != nil {
		return unknown("document-unreadable", address)
	}
	var ve *jsonschema.ValidationError
	if err := s.Validate(any(r.env.Doc)); errors.As(err, &ve) {
		return fail("schema", schemaPlace(ve))
	}
	return pass()
}

// schemaPlace names the deepest place that the schema does not allow.
func schemaPlace(ve *jsonschema.ValidationError) string {
	for len(ve.Causes) > 0 {
		ve = ve.Causes[0]
	}
	return strings.Join(ve.InstanceLocation, ".")
}
