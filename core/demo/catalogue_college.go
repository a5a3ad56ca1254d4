package demo

import (
	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge"
)

func collegeClasses() []*class { return append(collegeStudies(), collegeLife()...) }

func collegeStudies() []*class {
	return []*class{
		{
			slug: "data-literacy", issuer: college, kind: "MicroCredential",
			name:        "Data literacy, level 1",
			description: "Reads tables and charts with a critical eye, cleans a small data set and says plainly what it shows and what it does not.",
			criteria: `The holder worked through a real data set of a local charity and

1. cleaned it, and wrote down **every** change,
2. made two charts that can be read without an explanation,
3. wrote one page for people who do not like numbers, and
4. named at least three things that the data *cannot* tell.

Two tutors read the page without knowing who wrote it.`,
			tags: []string{"data", "statistics", "writing"},
			alignments: []openbadge.Alignment{{
				Name: "Evaluating data, information and digital content", Framework: "DigComp 2.2", Code: "1.2",
				URL:         "https://publications.jrc.ec.europa.eu/repository/handle/JRC128415",
				Description: "To analyse, compare and critically evaluate the credibility and reliability of sources of data.",
			}},
			spec: art.Spec{Shape: "ticket", Palette: "mint", Icon: "chart", Pattern: "grid"},
		},
		{
			slug: "open-source", issuer: college, kind: "Achievement",
			name:        "Open source contributor",
			description: "Had a change accepted by a project that did not know them before, and stayed to answer for it.",
			criteria: `- Three accepted contributions to one public project, at least one of them **not** code.
- A review given to somebody else, kindly and in detail.
- A bug of one’s own found, owned up to and mended.`,
			tags: []string{"software", "collaboration", "git"},
			alignments: []openbadge.Alignment{{
				Name: "Collaborating through digital technologies", Framework: "DigComp 2.2", Code: "2.4",
				URL: "https://publications.jrc.ec.europa.eu/repository/handle/JRC128415",
			}},
			spec: art.Spec{Shape: "hexagon", Palette: "indigo", Icon: "code", Pattern: "grid"},
		},
		{
			slug: "lab-safety", issuer: college, kind: "Certification", months: 36,
			name:        "Laboratory safety",
			description: "May work in the teaching laboratories without somebody standing behind them.",
			criteria: `A written test (90 % or better) and a practical one: spill, burn, evacuation.

Valid for **three years**.`,
			tags: []string{"safety", "chemistry"},
			spec: art.Spec{Shape: "octagon", Palette: "amber", Icon: "flask", Pattern: "spark"},
		},
	}
}

func collegeLife() []*class {
	return []*class{
		{
			slug: "peer-mentor", issuer: college, kind: "CommunityService",
			name:        "Peer mentor",
			description: "Accompanied two newcomers through their first term, one hour a week, without doing their work for them.",
			criteria: `Mentors meet each mentee at least ten times, keep a short journal, and take part in the monthly circle.

> The measure is simple: at the end of term the mentee no longer needs you.`,
			tags: []string{"mentoring", "listening", "community"},
			alignments: []openbadge.Alignment{{
				Name: "Quality education", Framework: "Sustainable Development Goals", Code: "SDG 4", URL: "https://sdgs.un.org/goals/goal4",
			}},
			spec: art.Spec{Shape: "crest", Palette: "teal", Icon: "people", Pattern: "rays"},
		},
		{
			slug: "night-sky", issuer: college, kind: "Badge",
			name:        "Night sky observer",
			description: "Found their way around the sky with their own eyes first and the college telescope second.",
			criteria: `Six logged nights, a drawing of the Moon made at the eyepiece, and one public evening as a host.

Clouds count as *patience*, not as a night.`,
			tags:    []string{"astronomy", "observation", "outreach"},
			drawing: "night-sky.svg",
		},
		{
			slug: "conversation-francaise", issuer: college, kind: "Course", language: "fr",
			name:        "Conversation française, B1",
			description: "Tient une conversation de la vie courante, raconte une histoire et se fait comprendre même quand un mot manque.",
			criteria: `Douze séances à la table de conversation, puis vingt minutes d’entretien :

- raconter un souvenir,
- demander son chemin au téléphone,
- défendre un plat que personne n’aime.`,
			tags: []string{"français", "langues", "conversation"},
			alignments: []openbadge.Alignment{{
				Name: "Niveau seuil", Framework: "CECR", Code: "B1", URL: "https://www.coe.int/fr/web/common-european-framework-reference-languages",
			}},
			spec: art.Spec{Shape: "circle", Palette: "sky", Icon: "globe", Pattern: "rays", Banner: "B1"},
		},
	}
}
