package gallery

// countryName is replaced below.
func countryName(lang, code string) string { return code }
