package art

// Sample is a drawn badge with a name for what it may stand for.
type Sample struct {
	Key  string // stable, lower case, for example "bike-repair"
	Spec Spec
}

// Gallery gives badges that look well, for the demo community and as starters.
func Gallery() []Sample {
	return []Sample{
		{"bike-repair", Spec{Shape: "circle", Palette: "teal", Icon: "bicycle", Ring: "Repair café"}},
		{"first-aid", Spec{Shape: "squircle", Palette: "brick", Icon: "heart", Pattern: "rays"}},
		{"community-garden", Spec{Shape: "rosette", Palette: "willow", Icon: "seedling", Pattern: "rings"}},
		{"open-source", Spec{Shape: "hexagon", Palette: "indigo", Icon: "code", Pattern: "grid"}},
		{"trail-guide", Spec{Shape: "shield", Palette: "forest", Icon: "mountain", Pattern: "hills"}},
		{"navigator", Spec{Shape: "burst", Palette: "ocean", Icon: "compass", Pattern: "rings"}},
		{"photo-walk", Spec{Shape: "leaf", Palette: "graphite", Icon: "camera", Pattern: "dots"}},
		{"choir", Spec{Shape: "medal", Palette: "plum", Icon: "note", Pattern: "rays"}},
		{"lab-safety", Spec{Shape: "octagon", Palette: "amber", Icon: "flask", Pattern: "spark"}},
		{"reading-circle", Spec{Shape: "arch", Palette: "cocoa", Icon: "book", Pattern: "rays", Stars: 3}},
		{"animal-care", Spec{Shape: "flower", Palette: "orange", Icon: "paw", Pattern: "rings"}},
		{"world-citizen", Spec{Shape: "circle", Palette: "sky", Icon: "globe", Pattern: "rays", Banner: "Exchange"}},
		{"maker", Spec{Shape: "nut", Palette: "slate", Icon: "gear", Pattern: "stripe"}},
		{"mentor", Spec{Shape: "crest", Palette: "teal", Icon: "people", Pattern: "rays"}},
		{"data-literacy", Spec{Shape: "ticket", Palette: "mint", Icon: "chart", Pattern: "grid"}},
		{"stargazer", Spec{Shape: "circle", Palette: "night", Icon: "telescope", Pattern: "spark", Ring: "Night sky club"}},
		{"beekeeper", Spec{Shape: "hexagon", Palette: "night", Icon: "bee", Pattern: "dots"}},
		{"rescue-swimmer", Spec{Shape: "diamond", Palette: "ocean", Icon: "wave", Pattern: "waves"}},
		{"launch", Spec{Shape: "triangle", Palette: "violet", Icon: "rocket", Pattern: "spark"}},
		{"barista", Spec{Shape: "rosette", Palette: "cocoa", Icon: "cup", Ring: "House blend"}},
		{"privacy", Spec{Shape: "shield", Palette: "slate", Icon: "key", Pattern: "grid"}},
		{"podcast", Spec{Shape: "squircle", Palette: "rose", Icon: "mic", Pattern: "rings"}},
		{"problem-solver", Spec{Shape: "clover", Palette: "teal", Icon: "puzzle", Pattern: "dots"}},
		{"half-marathon", Spec{Shape: "star", Palette: "brick", Icon: "runner", Pattern: "rays"}},
		{"bird-count", Spec{Shape: "flower", Palette: "sky", Icon: "bird", Pattern: "hills"}},
		{"painter", Spec{Shape: "leaf", Palette: "rose", Icon: "palette", Pattern: "spark"}},
		{"solar", Spec{Shape: "burst", Palette: "orange", Icon: "sun", Pattern: "rays"}},
		{"bug-hunter", Spec{Shape: "pennant", Palette: "olive", Icon: "bug", Pattern: "stripe"}},
		{"volunteer-100", Spec{Shape: "medal", Palette: "willow", Letters: "100", Pattern: "rays", Banner: "Hours"}},
		{"champion", Spec{Shape: "shield", Palette: "night", Icon: "trophy", Pattern: "rays", Banner: "2026"}},
		{"lighthouse", Spec{Shape: "arch", Palette: "ocean", Icon: "lighthouse", Pattern: "waves"}},
		{"volunteer", Spec{Shape: "circle", Palette: "forest", Icon: "hands", Ring: "Neighbours help"}},
	}
}
