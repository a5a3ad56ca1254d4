package demo

import (
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// award is a badge that one of the people holds.
type award struct {
	who, class string
	form       form
	in         bake.Carrier
	months     int     // since it was issued
	shown      float64 // days since its holder showed it, or took it in when nobody else sees it

	visibility badge.Visibility // "" is public
	plain      bool             // it names the address in plain text
	revoked    string           // reason
	evidence   []openbadge.Evidence
	verdict    verify.Verdict // that its verification comes to; "" is valid
}

func (a award) level() badge.Visibility {
	if a.visibility == "" {
		return badge.Public
	}
	return a.visibility
}

func (a award) expected() verify.Verdict {
	if a.verdict == "" {
		return verify.Valid
	}
	return a.verdict
}

func proof(name, narrative string) []openbadge.Evidence {
	return []openbadge.Evidence{{Name: name, Narrative: narrative}}
}

// awards are the sixty badges, by holder.
func awards() []award {
	return []award{
		{who: "maren", class: "reading-circle-host", form: hosted, in: png, months: 33, shown: 42.6, evidence: proof("Three evenings", "*The Living Mountain*, *Small Things Like These*, and a tide table, read aloud.")},
		{who: "maren", class: "peer-mentor", form: vc2, in: png, months: 20, shown: 42.4},
		{who: "maren", class: "workshop-induction", form: signed, in: png, months: 28, shown: 38.3},
		{who: "maren", class: "data-literacy", form: vc2, in: text, months: 14, shown: 30.2, visibility: badge.Private},
		{who: "maren", class: "podcast-maker", form: hosted, in: png, months: 6, shown: 9.2, evidence: proof("Episode 1: “Overdue”", "Fourteen minutes about the oldest unreturned book of the library, and the lady who brought it back.")},

		{who: "teo", class: "bicycle-mechanic", form: hosted, in: png, months: 35, shown: 42.9, evidence: proof("Three bicycles", "A shopping bike with no brakes, a child’s first bike, and a tandem that had not spoken to itself in years.")},
		{who: "teo", class: "laser-cutter-2023", form: hosted, in: png, months: 32, shown: 42.2, visibility: badge.Members, verdict: verify.Unverifiable},
		{who: "teo", class: "outdoor-first-aid", form: token, in: png, months: 9, shown: 33.7},
		{who: "teo", class: "peer-mentor", form: vc1, in: png, months: 8, shown: 25.6, plain: true},
		{who: "teo", class: "trail-guide", form: token, in: text, months: 4, shown: 3.4},

		{who: "callum", class: "beekeeping-year", form: hosted, in: png, months: 31, shown: 42.1, evidence: proof("Roof diary", "Fifty-two entries, two stings, eleven jars.")},
		{who: "callum", class: "reading-circle-host", form: hosted, in: text, months: 26, shown: 41.7},
		{who: "callum", class: "winter-bird-count", form: token, in: text, months: 22, shown: 37.2},
		{who: "callum", class: "coast-watch", form: token, in: svg, months: 12, shown: 18.6},
		{who: "callum", class: "data-literacy", form: token, in: text, months: 3, shown: 6.3, visibility: badge.Members},

		{who: "samira", class: "outdoor-first-aid", form: token, in: png, months: 30, shown: 38.6, verdict: verify.Expired},
		{who: "samira", class: "outdoor-first-aid", form: token, in: png, months: 5, shown: 38.5},
		{who: "samira", class: "map-and-compass", form: token, in: text, months: 24, shown: 37.9},
		{who: "samira", class: "open-water-rescue", form: token, in: png, months: 22, shown: 34.1},
		{who: "samira", class: "trail-guide", form: token, in: png, months: 13, shown: 21.4, evidence: proof("Led walk", "Twelve people, one thunderstorm, a barn with a kettle. Back before dark.")},
		{who: "samira", class: "peer-mentor", form: vc2, in: png, months: 7, shown: 12.8},

		{who: "priya", class: "data-literacy", form: vc2, in: png, months: 24, shown: 38.2},
		{who: "priya", class: "open-source", form: vc2, in: png, months: 19, shown: 36.7, plain: true, evidence: []openbadge.Evidence{{
			Name: "A slow tile", Narrative: "Found why the map stuttered at zoom level 7, wrote the test first, and reviewed two changes of others that week.", Genre: "Software",
		}}},
		{who: "priya", class: "lab-safety", form: vc1, in: png, months: 23, shown: 36.5, visibility: badge.Link},
		{who: "priya", class: "night-sky", form: vc2, in: svg, months: 8, shown: 13.6},
		{who: "priya", class: "soldering", form: signed, in: svg, months: 5, shown: 4.6},

		{who: "bram", class: "winter-bird-count", form: token, in: png, months: 23, shown: 34.4, evidence: proof("Square 41", "Five mornings. 31 species, one disputed warbler.")},
		{who: "bram", class: "trail-guide", form: token, in: png, months: 17, shown: 33.2},
		{who: "bram", class: "map-and-compass", form: token, in: text, months: 20, shown: 28.9},
		{
			who: "bram", class: "open-water-rescue", form: token, in: png, months: 15, shown: 28.8, visibility: badge.Private, verdict: verify.Revoked,
			revoked: "The cold water test of that day was not counted; the course is repeated free of charge.",
		},
		{who: "bram", class: "coast-watch", form: token, in: svg, months: 6, shown: 11.1},
		{who: "bram", class: "conversation-francaise", form: vc1, in: text, months: 9, shown: 7.4},

		{who: "ines-moreau", class: "screen-printing", form: hosted, in: png, months: 18, shown: 34.8, evidence: proof("Affiche « Marée haute »", "Vingt tirages, bleu et rouge, pour la fête du port.")},
		{who: "ines-moreau", class: "reading-circle-host", form: signed, in: text, months: 15, shown: 30.8},
		{who: "ines-moreau", class: "peer-mentor", form: vc2, in: text, months: 10, shown: 22.3},
		{who: "ines-moreau", class: "workshop-induction", form: signed, in: png, months: 19, shown: 16.2},
		{who: "ines-moreau", class: "map-and-compass", form: token, in: png, months: 3, shown: 2.2, visibility: badge.Link},

		{who: "wanjiru", class: "data-literacy", form: vc2, in: png, months: 29, shown: 30.6, evidence: proof("One page for the trustees", "What the food bank’s numbers say about Tuesdays, and why two of the three charts were thrown away.")},
		{who: "wanjiru", class: "peer-mentor", form: vc2, in: png, months: 27, shown: 30.4},
		{who: "wanjiru", class: "conversation-francaise", form: token, in: text, months: 12, shown: 26.1},
		{who: "wanjiru", class: "open-source", form: vc1, in: text, months: 9, shown: 18.9, visibility: badge.Private},
		{who: "wanjiru", class: "reading-circle-host", form: hosted, in: png, months: 5, shown: 5.7},

		{who: "luz", class: "workshop-induction", form: signed, in: text, months: 29, shown: 26.8},
		{who: "luz", class: "soldering", form: hosted, in: svg, months: 27, shown: 26.4, evidence: proof("Night light no. 7", "A cold joint under the sensor, found in nine minutes.")},
		{who: "luz", class: "lab-safety", form: vc2, in: png, months: 18, shown: 22.7},
		{who: "luz", class: "open-source", form: vc2, in: text, months: 7, shown: 14.1},
		{who: "luz", class: "screen-printing", form: signed, in: png, months: 2, shown: 1.9, visibility: badge.Members},

		{who: "etienne", class: "bicycle-mechanic", form: hosted, in: png, months: 14, shown: 22.1},
		{who: "etienne", class: "beekeeping-year", form: signed, in: png, months: 10, shown: 19.9, evidence: proof("Journal du toit", "Douze mois, un essaim attrapé dans un carton à chaussures.")},
		{who: "etienne", class: "workshop-induction", form: hosted, in: png, months: 11, shown: 15.3},
		{who: "etienne", class: "podcast-maker", form: signed, in: text, months: 2, shown: 0.9, visibility: badge.Members},

		{who: "yuki", class: "night-sky", form: vc2, in: svg, months: 26, shown: 19.2, evidence: proof("Six nights", "Five clear ones and the comet. The drawing of the Moon hangs by the dome stairs.")},
		{who: "yuki", class: "data-literacy", form: token, in: png, months: 21, shown: 19.1, visibility: badge.Private},
		{who: "yuki", class: "open-source", form: vc1, in: png, months: 16, shown: 15.9},
		{who: "yuki", class: "soldering", form: hosted, in: svg, months: 12, shown: 10.4},
		{who: "yuki", class: "coast-watch", form: token, in: svg, months: 5, shown: 3.9},

		{who: "noor", class: "lab-safety", form: token, in: png, months: 5, shown: 11.2, visibility: badge.Private},
		{who: "noor", class: "conversation-francaise", form: vc2, in: png, months: 4, shown: 10.8},
		{who: "noor", class: "night-sky", form: token, in: svg, months: 3, shown: 7.1},
		{who: "noor", class: "podcast-maker", form: hosted, in: png, months: 1, shown: 0.15, evidence: proof("Episode 1: “Slack water”", "Recorded on the quay at five in the morning. One fisherman, two gulls, no second take.")},
	}
}
