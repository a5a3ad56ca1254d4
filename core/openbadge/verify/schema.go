package verify

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// checkSchemas holds the credential against its credentialSchema documents (OB3 §9.1,
// 1EdTechJsonSchemaValidator2019; VC JSON Schema). A schema that could not be had, or that
// is no schema, leaves the verdict.
func (r *run) checkSchemas(ctx context.Context) {
	list := r.env.Root.Get("credentialSchema")
	if list.Len() == 0 {
		return
	}
	out := pass()
	for v := range list.All() {
		m := v.Map()
		if !hasType(m, "1EdTechJsonSchemaValidator2019", "JsonSchema", "JsonSchemaValidator2018") {
			out = worst(out, unknown("schema-type", firstText(typesOf(m))))
			continue
		}
		out = worst(out, r.schema(ctx, asString(m["id"])))
	}
	r.emit(CheckSchema, out.by("OB3 §9.1"))
}

var (
	errNoSchema   = errors.New("schema not at hand")
	errSchemaWork = errors.New("schema asks for too much work")
)

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
	if !plainNumbers(r.env.Doc()) {
		return unknown("too-complex", address)
	}
	if class := builtinClass(address); class != "" {
		return schemaFinding(ctx, address, r.validateBuiltin(class))
	}
	doc, f := r.fetch(ctx, RoleSchema, address)
	if !f.ok() {
		return f
	}
	if _, err := strictjson.Decode(doc.Body, strictjson.Limits{}); err != nil {
		return unknown("document-unreadable", address)
	}
	return schemaFinding(ctx, address, r.validate(ctx, address))
}

// schemaFinding says what became of a validation.
func schemaFinding(ctx context.Context, address string, err error) finding {
	ve, isInvalid := errors.AsType[*jsonschema.ValidationError](err)
	switch {
	case err == nil:
		return pass()
	case isInvalid && goesRound(ve):
		return unknown("document-unreadable", address)
	case isInvalid:
		return fail("schema", schemaPlace(ve))
	case ctx.Err() != nil:
		return unknown("timeout", address)
	case errors.Is(err, errSchemaWork):
		return unknown("too-complex", address)
	}
	return unknown("document-unreadable", address)
}

// validate holds the credential against a schema. The library takes neither a context nor a
// limit, and a short schema can ask for any amount of work; so every step is counted by
// schemaMeter, which ends a validation by a panic that is caught here.
func (r *run) validate(ctx context.Context, address string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errNoSchema // a schema that the library cannot cope with
			if stop, ok := v.(error); ok {
				err = stop
			}
		}
	}()
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2019)
	compiler.UseLoader(schemaLoader{func(address string) (any, error) { return r.loadSchema(ctx, address) }})
	meter := schemaMeter{ctx: ctx, work: r.docs.work, totals: &schemaTotals{}}
	compiler.RegisterVocabulary(&jsonschema.Vocabulary{URL: "urn:osier:meter", Compile: meter.compile})
	compiler.AssertVocabs()
	s, err := compiler.Compile(address)
	if err != nil {
		return errors.Join(errNoSchema, asStop(err))
	}
	if !meter.totals.fits(len(r.env.Raw), countValues(r.env.Doc())) {
		return errSchemaWork
	}
	return s.Validate(any(r.env.Doc())) //nolint:wrapcheck // read by the caller
}

// asStop keeps what says that the work ran out.
func asStop(err error) error {
	if errors.Is(err, errSchemaWork) {
		return errSchemaWork
	}
	return nil
}

func (r *run) loadSchema(ctx context.Context, address string) (any, error) {
	doc, f := r.fetch(ctx, RoleSchema, address)
	if !f.ok() {
		return nil, errNoSchema
	}
	v, err := strictjson.Decode(doc.Body, strictjson.Limits{})
	if err != nil || !plainNumbers(v) {
		return nil, errNoSchema
	}
	return v, nil
}

// goesRound reports whether all that is wrong is a schema that refers to itself without end,
// which says nothing of the credential (JSON Schema 2019-09 §8.2.4.4.1).
func goesRound(ve *jsonschema.ValidationError) bool {
	if len(ve.Causes) == 0 {
		_, ok := ve.ErrorKind.(*kind.RefCycle)
		return ok
	}
	return !slices.ContainsFunc(ve.Causes, func(c *jsonschema.ValidationError) bool { return !goesRound(c) })
}

// schemaPlace names the deepest place that the schema does not allow, the first in the order
// of the alphabet where there are several: the library walks objects in no order. Where one of
// several forms is asked for, the deepest is in the form that was meant.
func schemaPlace(ve *jsonschema.ValidationError) string {
	return strings.Join(deepestPlace(ve), ".")
}

func deepestPlace(ve *jsonschema.ValidationError) []string {
	out := ve.InstanceLocation
	for i, c := range ve.Causes {
		at := deepestPlace(c)
		if i == 0 || len(at) > len(out) || len(at) == len(out) && slices.Compare(at, out) < 0 {
			out = at
		}
	}
	return out
}
