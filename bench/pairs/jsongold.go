package pairs

// goldContexts are the contexts of the sample, among those that the passport embeds.
var goldContexts = map[string]string{
	"https://www.w3.org/ns/credentials/v2":                       "vc-v2",
	"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "ob-v3.0.3",
}
