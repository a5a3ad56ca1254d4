package demo

import (
	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge"
)

func rangersClasses() []*class {
	return []*class{
		{
			slug: "trail-guide", issuer: rangers, kind: "Certification",
			name:        "Trail guide",
			description: "Leads groups of up to twelve on the marked paths of Northfell, in fair weather and in the other kind.",
			criteria: `- Six assisted walks and two led alone.
- Route card, weather, turning-back time.
- Everybody comes home, and *most of them want to come again*.`,
			tags: []string{"hiking", "leadership", "nature"},
			spec: art.Spec{Shape: "shield", Palette: "forest", Icon: "mountain", Pattern: "hills"},
		},
		{
			slug: "outdoor-first-aid", issuer: rangers, kind: "Certification", months: 24,
			name:        "Outdoor first aid",
			description: "Sixteen hours of first aid for places where the ambulance takes longer than an hour.",
			criteria: `Hypothermia, fractures, bleeding, and the long wait.

Valid for **two years**, then a refresher day.`,
			tags: []string{"first aid", "safety", "outdoors"},
			alignments: []openbadge.Alignment{{
				Name: "Good health and well-being", Framework: "Sustainable Development Goals", Code: "SDG 3", URL: "https://sdgs.un.org/goals/goal3",
			}},
			spec: art.Spec{Shape: "squircle", Palette: "brick", Icon: "heart", Pattern: "rays"},
		},
		{
			slug: "winter-bird-count", issuer: rangers, kind: "CommunityService",
			name:        "Winter bird count",
			description: "Counted the birds of one square kilometre on five winter mornings, and wrote down the ones they were not sure of too.",
			criteria:    "Five mornings between December and February, same path, same hour, **honest numbers**.",
			tags:        []string{"birds", "citizen science", "nature"},
			alignments: []openbadge.Alignment{{
				Name: "Life on land", Framework: "Sustainable Development Goals", Code: "SDG 15", URL: "https://sdgs.un.org/goals/goal15",
			}},
			spec: art.Spec{Shape: "flower", Palette: "sky", Icon: "bird", Pattern: "hills"},
		},
		{
			slug: "map-and-compass", issuer: rangers, kind: "Competency",
			name:        "Map and compass",
			description: "Finds a stone wall in the fog with paper and a needle.",
			criteria:    "A night walk of nine kilometres with seven points, telephone in the sealed bag.",
			tags:        []string{"navigation", "outdoors"},
			spec:        art.Spec{Shape: "burst", Palette: "ocean", Icon: "compass", Pattern: "rings"},
		},
		{
			slug: "open-water-rescue", issuer: rangers, kind: "Certification", months: 24,
			name:        "Open water rescue",
			description: "Reaches, throws, and only then swims. For volunteers at the two bathing lakes.",
			criteria:    "400 m in cold water, throw bag at fifteen metres, tow, and the radio call. Valid for two years.",
			tags:        []string{"rescue", "water", "safety"},
			spec:        art.Spec{Shape: "diamond", Palette: "ocean", Icon: "wave", Pattern: "waves"},
		},
		{
			slug: "coast-watch", issuer: rangers, kind: "CommunityService",
			name:        "Coast watch volunteer",
			description: "Forty hours at the old light: seals counted, nets reported, walkers turned back from the tide.",
			criteria:    "Ten watches of four hours. The log is kept by hand and read by the harbour office.",
			tags:        []string{"coast", "volunteering", "wildlife"},
			alignments: []openbadge.Alignment{{
				Name: "Life below water", Framework: "Sustainable Development Goals", Code: "SDG 14", URL: "https://sdgs.un.org/goals/goal14",
			}},
			drawing: "coast-watch.svg",
		},
	}
}
