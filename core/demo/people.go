package demo

import "github.com/osier-passport/osier/core/account"

// beginning of the story, in days before now.
const beginning = 45

// domain of the addresses of the people.
const domain = "alderbay.example"

// resident is one of the people.
type resident struct {
	handle, name string
	about        string // Markdown
	place        string
	organisation string
	language     string
	role         string
	joined       float64  // days before now
	portrait     portrait // the zero portrait shows initials
}

func (r resident) address() string { return r.handle + "@" + domain }

// residents are the people, in the order in which they joined.
func residents() []resident {
	return []resident{
		{
			handle: "maren", name: "Maren Holt", language: "en", role: account.RoleAdmin, joined: 44, place: "Alder Bay", organisation: "Copperline Library",
			about:    "Librarian at Copperline and keeper of this passport. I run the reading circle on first Thursdays and answer every question about badges, **including the ones you think are silly**.",
			portrait: portrait{ground: "#dfe6cf", skin: "#f2cfb3", hair: "#8a8f98", style: bob, clothes: "#3d692e", glasses: true},
		},
		{
			handle: "teo", name: "Teo Okafor", language: "en", joined: 43.6, place: "Harbour Street, Alder Bay", organisation: "Repair café",
			about:    "Bikes, mostly. Saturday mornings at the repair café, weekday evenings under somebody’s chain. If it squeaks, bring it.",
			portrait: portrait{ground: "#f0dcc0", skin: "#7a4a2d", hair: "#1d1512", style: short, clothes: "#c8552f", beard: true},
		},
		{
			handle: "callum", name: "Callum Reid", language: "en", joined: 43.4,
			about: "Retired chemistry teacher, two hives, one allotment. Volunteer on the coast path when the knees allow it.",
		},
		{
			handle: "samira", name: "Samira Haddad", language: "en", joined: 40.5,
			about:    "Nurse by day, on the fells by weekend. I teach outdoor first aid with the Northfell rangers.\n\nAsk me about:\n\n- blisters\n- hypothermia\n- why your first-aid kit is too heavy",
			portrait: portrait{ground: "#d9e6e8", skin: "#d9a27c", hair: "#2f5d78", style: scarf, clothes: "#24465a"},
		},
		{
			handle: "priya", name: "Priya Raman", language: "en", joined: 39.5,
			about:    "Third-year student at Saltmarsh College. Maintainer of a small map library that more people use than I planned for. `git rebase` apologist.",
			portrait: portrait{ground: "#e8def0", skin: "#b9794f", hair: "#201612", style: long, clothes: "#6a3fa0"},
		},
		{
			handle: "bram", name: "Bram de Vries", language: "en", joined: 36,
			about: "Ranger trainee at Northfell. I count birds before breakfast and people after it. Moved here from Groningen for the hills.",
		},
		{
			handle: "ines-moreau", name: "Inès Moreau", language: "fr", joined: 35.3,
			about:    "Couturière et imprimeuse, parfois dans cet ordre. J’anime la table de conversation française au collège : *venez, les fautes sont bienvenues*.",
			portrait: portrait{ground: "#f2dcd8", skin: "#f0c7a6", hair: "#7b3f22", style: bun, clothes: "#b23b4c"},
		},
		{
			handle: "wanjiru", name: "Wanjiru Mwangi", language: "en", joined: 32,
			about:    "I help charities find out what their own numbers say. Mentor at Saltmarsh, slow runner, fast reader.",
			portrait: portrait{ground: "#f3e6b8", skin: "#5c3623", hair: "#140e0c", style: curls, clothes: "#d08a1c"},
		},
		{
			handle: "luz", name: "Luz Quispe", language: "en", joined: 28,
			about: "Electronics at the Copperline workshop. Currently teaching a scarecrow to count crows. Soldering iron always warm.",
		},
		{
			handle: "etienne", name: "Étienne Baptiste", language: "fr", joined: 24,
			about: "Boulanger de nuit, apiculteur débutant de jour. Arrivé de Basse-Terre il y a trois ans ; je parle pain, abeilles et radio.",
		},
		{
			handle: "yuki", name: "Yuki Tanabe", language: "en", joined: 20,
			about:    "Night sky, long exposures, short nights. I keep the college telescope in working order and its data in less disorder.",
			portrait: portrait{ground: "#d8dcef", skin: "#f1d0ad", hair: "#16161c", style: short, clothes: "#2a2f5c", glasses: true},
		},
		{
			handle: "noor", name: "Noor Aziz", language: "en", joined: 12,
			about: "First year at Saltmarsh, first microphone, first everything. Making a podcast about the harbour, one fisherman at a time.",
		},
	}
}
