package account

import "strings"

// deviceOf names browser and system out of a User-Agent header, such as
// "Firefox, Linux". It gives "" for what it does not know: the header is text of
// strangers and is not stored.
func deviceOf(userAgent string) string {
	browser := firstOf(userAgent, []device{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"Vivaldi", "Vivaldi"},
		{"SamsungBrowser", "Samsung Internet"},
		{"Firefox", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"},
		{"Chromium", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari", "Safari"},
		{"curl/", "curl"},
	})
	system := firstOf(userAgent, []device{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	})
	return strings.Trim(browser+", "+system, ", ")
}

type device struct{ mark, name string }

func firstOf(s string, known []device) string {
	for _, d := range known {
		if strings.Contains(s, d.mark) {
			return d.name
		}
	}
	return ""
}
