package demo

// followed is what somebody began to follow in one sitting: people by "@handle",
// classes by their name.
type followed struct {
	who  string
	days float64 // before now
	what []string
}

func follows() []followed {
	return []followed{
		{"teo", 42.8, []string{"@maren"}},
		{"callum", 42.0, []string{"@maren", "@teo", "reading-circle-host"}},
		{"maren", 41.5, []string{"@teo", "@callum", "bicycle-mechanic"}},
		{"samira", 38.4, []string{"@teo", "@callum"}},
		{"priya", 38.1, []string{"@maren", "data-literacy"}},
		{"maren", 37.8, []string{"@samira", "@priya"}},
		{"bram", 34.2, []string{"@samira", "@callum", "trail-guide", "winter-bird-count"}},
		{"ines-moreau", 34.6, []string{"@maren", "reading-circle-host"}},
		{"samira", 33.0, []string{"@bram", "outdoor-first-aid"}},
		{"wanjiru", 30.3, []string{"@maren", "@priya", "peer-mentor"}},
		{"priya", 29.7, []string{"@wanjiru"}},
		{"luz", 26.3, []string{"@maren", "@priya", "soldering"}},
		{"priya", 26.0, []string{"@luz", "open-source"}},
		{"etienne", 22.0, []string{"@teo", "@callum", "@ines-moreau", "beekeeping-year"}},
		{"teo", 21.8, []string{"@etienne", "@samira", "bicycle-mechanic"}},
		{"yuki", 19.0, []string{"@priya", "@luz", "night-sky"}},
		{"ines-moreau", 17.5, []string{"@etienne", "@wanjiru"}},
		{"wanjiru", 14.8, []string{"@ines-moreau", "conversation-francaise"}},
		{"luz", 13.9, []string{"@yuki"}},
		{"callum", 12.1, []string{"@etienne", "coast-watch"}},
		{"noor", 10.7, []string{"@maren", "@ines-moreau", "@yuki", "night-sky"}},
		{"yuki", 7.0, []string{"@noor"}},
		{"maren", 6.9, []string{"@noor", "@wanjiru"}},
		{"bram", 5.1, []string{"@yuki", "@teo"}},
		{"noor", 1.1, []string{"@etienne", "podcast-maker"}},
	}
}

// said is a comment on a class.
type said struct {
	who, class string
	days       float64 // before now
	text       string
}

func comments() []said {
	return []said{
		{"maren", "bicycle-mechanic", 42.3, "This is the one with the tandem. I still have the photograph, Teo."},
		{"teo", "bicycle-mechanic", 41.9, "We need more people on Saturdays! If you can hold a spanner, the rest is taught. Coffee is on the house, the biscuits are Callum’s."},
		{"callum", "reading-circle-host", 41.4, "A word of advice for new hosts: bring *fewer* questions than you think. Silence does half the work."},
		{"samira", "outdoor-first-aid", 38.3, "My old one ran out in spring, so both are on my page now: the expired one and the refresher. Two years go quickly, put the date in your calendar."},
		{"teo", "outdoor-first-aid", 33.5, "The long-wait exercise was the hardest part. You lie there, it rains, and nobody is allowed to be funny. Recommended."},
		{"priya", "data-literacy", 36.9, "Task 4 is the one to take seriously. I listed things the data could not tell and ended up with a better question than the one we were given."},
		{"wanjiru", "data-literacy", 30.1, "Seconded. I give “name three things it cannot tell” to every trustee board now. They hate it for ten minutes."},
		{"bram", "winter-bird-count", 34.0, "Square 41 is looking for a second counter this winter. You get up early, I bring the flask."},
		{"callum", "winter-bird-count", 33.6, "It was a willow warbler, Bram. In January. I will take this to my grave."},
		{"bram", "winter-bird-count", 33.5, "It was a chiffchaff and you know it."},
		{"ines-moreau", "screen-printing", 31.9, "Pour celles et ceux qui hésitent : le plus long, c’est le repérage. Prenez une soirée entière rien que pour ça, et lavez les écrans tout de suite."},
		{"maren", "peer-mentor", 29.9, "The next circle is on the 14th, upstairs, round table. Bring the question you could not answer."},
		{"wanjiru", "peer-mentor", 29.2, "My first mentee just told me she does not need me any more. I may have cried a little on the bus."},
		{"luz", "soldering", 25.9, "If your joint looks like a little volcano, good. If it looks like a pearl, heat it again. That is the whole course, really."},
		{"priya", "soldering", 25.1, "Is there a place left in the March group? I have burnt enough breadboards to be humble."},
		{"luz", "soldering", 24.8, "One left and it has your name on it, @priya."},
		{"noor", "soldering", 9.8, "Volcano, not pearl. Writing that on my hand before Thursday."},
		{"etienne", "beekeeping-year", 19.7, "Un an jour pour jour. Le plus difficile n’était pas l’essaim, c’était de ne rien faire en février."},
		{"callum", "beekeeping-year", 19.5, "Doing nothing in February is nine tenths of it. Well done, Étienne. The shoebox swarm has become a legend at the allotments."},
		{"teo", "beekeeping-year", 18.8, "Is that why my bread order came with honey? No complaints."},
		{"yuki", "night-sky", 18.2, "Clear sky forecast for Friday. The dome opens at nine, bring a second pair of socks, and please no torches without a red filter."},
		{"priya", "night-sky", 13.2, "Four of my six nights were clouds. The log says “patience” four times."},
		{"samira", "trail-guide", 20.9, "The barn with the kettle is called Low Stile. If the key is not under the third stone, the farmer has it and wants to chat."},
		{"bram", "trail-guide", 20.1, "New turning-back times for winter are up at the ranger station. They are earlier than you would like."},
		{"teo", "trail-guide", 3.2, "Passed! Thank you @samira and @bram for walking behind me and saying nothing when I took the wrong gate."},
		{"samira", "trail-guide", 2.9, "You noticed after forty metres. That is the skill."},
		{"wanjiru", "conversation-francaise", 14.2, "Merci Inès ! J’ai défendu la soupe à l’oignon devant six végétariens. Je crois que j’ai gagné."},
		{"ines-moreau", "conversation-francaise", 13.8, "Vous avez gagné. La prochaine fois, ce sera les endives."},
		{"noor", "conversation-francaise", 10.3, "Première fois que je téléphone en français sans écrire le texte avant. J’ai quand même dit « bonne nuit » à midi."},
		{"bram", "coast-watch", 10.9, "Seal count at the old light: 41, of which one is certainly a log. The log has its own page in the book."},
		{"yuki", "coast-watch", 3.6, "The dawn watch is the best one. Nobody tells you that, so that there is always a place left."},
		{"callum", "coast-watch", 3.1, "Now you have told them."},
		{"maren", "podcast-maker", 8.6, "For everybody who asks: she brought it back after 43 years, with a cake. The whole story is in the episode."},
		{"etienne", "podcast-maker", 0.8, "Le studio sent encore le pain, désolé. Épisode 2 en préparation : la levure qui parle."},
		{"ines-moreau", "podcast-maker", 0.12, "Noor, je viens d’écouter « Slack water » deux fois de suite. Les mouettes sont parfaites."},
		{"maren", "podcast-maker", 0.05, "Two gulls, no second take. I have goosebumps. Come by the desk, there is cake left over from the other episode."},
		{"noor", "podcast-maker", 0.02, "Thank you all!! I can hear the cake from here."},
	}
}
