package demo

import (
	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge"
)

var reuse = openbadge.Alignment{
	Name: "Responsible consumption and production", Framework: "Sustainable Development Goals", Code: "SDG 12", URL: "https://sdgs.un.org/goals/goal12",
}

func makersClasses() []*class {
	return []*class{
		{
			slug: "bicycle-mechanic", issuer: makers,
			name:        "Bicycle mechanic: the basics",
			description: "Takes a bicycle apart and, more to the point, puts it together again so that it stops when asked to.",
			criteria: `Shown on three different bicycles at the repair café:

- brakes and cables,
- chain, cassette and derailleur,
- truing a wheel to within a millimetre,
- the talk with the owner: *what was wrong, what it will need next*.`,
			tags: []string{"repair", "bicycle", "volunteering"}, alignments: []openbadge.Alignment{reuse},
			spec: art.Spec{Shape: "circle", Palette: "teal", Icon: "bicycle", Ring: "Repair café"},
		},
		{
			slug: "workshop-induction", issuer: makers,
			name:        "Workshop induction",
			description: "Knows where the fire blanket hangs, which machines bite, and how to leave a bench for the next person.",
			criteria:    "Two evenings in the basement, a walk round all machines, and **one small thing made from start to finish**.",
			tags:        []string{"safety", "making"},
			spec:        art.Spec{Shape: "nut", Palette: "slate", Icon: "gear", Pattern: "stripe"},
		},
		{
			slug: "podcast-maker", issuer: makers,
			name:        "Podcast maker",
			description: "Recorded, cut and published an episode that a stranger listened to until the end.",
			criteria:    "One episode of at least twelve minutes, made in the library’s booth: interview, sound, cut, transcript. The transcript matters as much as the sound.",
			tags:        []string{"audio", "storytelling", "interview"},
			spec:        art.Spec{Shape: "squircle", Palette: "rose", Icon: "mic", Pattern: "rings"},
		},
		{
			slug: "beekeeping-year", issuer: makers,
			name:        "Beekeeping: a full year",
			description: "Kept a colony on the library roof from spring build-up to winter rest.",
			criteria: `A diary over **twelve months** with every inspection, one swarm caught or prevented, and honey given away at the harvest fair.

Nobody was asked to be brave; everybody was asked to be slow.`,
			tags: []string{"bees", "nature", "patience"},
			alignments: []openbadge.Alignment{{
				Name: "Life on land", Framework: "Sustainable Development Goals", Code: "SDG 15", URL: "https://sdgs.un.org/goals/goal15",
			}},
			spec: art.Spec{Shape: "hexagon", Palette: "night", Icon: "bee", Pattern: "dots"},
		},
		{
			slug: "reading-circle-host", issuer: makers,
			name:        "Reading circle host",
			description: "Led a circle through three books and let the quiet ones speak.",
			criteria:    "Three evenings prepared and led. Each host chooses one book *nobody would have picked*.",
			tags:        []string{"literature", "facilitation"},
			spec:        art.Spec{Shape: "arch", Palette: "cocoa", Icon: "book", Pattern: "rays", Stars: 3},
		},
		{
			slug: "screen-printing", issuer: makers,
			name:        "Screen printing in two colours",
			description: "From a sketch to twenty posters that all look alike, which is the difficult part.",
			criteria:    "An edition of twenty in two colours, registered to a hair, with the screens washed **before** the tea.",
			tags:        []string{"print", "design", "craft"},
			spec:        art.Spec{Shape: "leaf", Palette: "plum", Icon: "palette", Pattern: "spark"},
		},
		{
			slug: "soldering", issuer: makers,
			name:        "Soldering and simple circuits",
			description: "Reads a circuit diagram, solders it without bridges and finds the fault when it does not light up.",
			criteria:    "A night light, a fault planted by the tutor and found in twenty minutes, and somebody else helped along the way.",
			tags:        []string{"electronics", "making", "repair"}, alignments: []openbadge.Alignment{reuse},
			drawing: "solder.svg",
		},
		{
			slug: "laser-cutter-2023", issuer: makers, gone: true,
			name:        "Laser cutter licence",
			description: "May use the laser cutter alone. Given out by the workshop’s first badge server.",
			criteria:    "Material test, focus, fire watch.",
			tags:        []string{"making", "safety"},
			spec:        art.Spec{Shape: "burst", Palette: "brick", Icon: "sun", Pattern: "rays"},
		},
	}
}
