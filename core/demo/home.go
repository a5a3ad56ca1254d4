package demo

import "github.com/osier-passport/osier/core/gallery"

// homes are where some of the people say that they are. Alder Bay is somewhere on
// the Irish Sea; not everybody lives there.
var homes = map[string]gallery.Place{
	"maren":       {Country: "GB", CountryFor: "public", Latitude: 54, Longitude: -3, SpotFor: "public"},
	"teo":         {Country: "GB", CountryFor: "public", Latitude: 54, Longitude: -3, SpotFor: "public"},
	"samira":      {Country: "GB", CountryFor: "public", SpotFor: "private"},
	"priya":       {Country: "GB", CountryFor: "members", SpotFor: "private"},
	"callum":      {Country: "GB", CountryFor: "public", Latitude: 55, Longitude: -2, SpotFor: "public"},
	"bram":        {Country: "NL", CountryFor: "public", Latitude: 53, Longitude: 7, SpotFor: "public"},
	"ines-moreau": {Country: "FR", CountryFor: "public", Latitude: 48, Longitude: -2, SpotFor: "public"},
	"noor":        {Country: "PK", CountryFor: "public", SpotFor: "private"},
	"yuki":        {Country: "JP", CountryFor: "public", Latitude: 35, Longitude: 136, SpotFor: "public"},
	"etienne":     {Country: "CA", CountryFor: "public", Latitude: 46, Longitude: -71, SpotFor: "public"},
	"luz":         {Country: "MX", CountryFor: "public", Latitude: 19, Longitude: -99, SpotFor: "public"},
}
