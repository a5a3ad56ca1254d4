package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/page"
)

// PagePassword opens the one page of the demo that asks for a password.
const PagePassword = "kettle in the barn"

// folio is a page that one of the people made.
type folio struct {
	who, title, style, tags string
	days                    float64 // before now
	sharing                 page.Sharing
	forDays                 int // after now, 0 for ever
	kept                    int // badges that its readers do not see
	blocks                  []block
}

// block is one block of a folio; badges are the classes of the holder's badges.
type block struct {
	kind   page.Kind
	words  page.Words
	badges []string
}

func written(markdown string) block { return block{kind: page.Text, words: page.Words{Text: markdown}} }

func headed(text string) block { return block{kind: page.Heading, words: page.Words{Text: text}} }

func shown(title string, classes ...string) block {
	return block{kind: page.Showcase, words: page.Words{Text: title}, badges: classes}
}

func one(class, markdown string) block {
	return block{kind: page.Badge, words: page.Words{More: markdown}, badges: []string{class}}
}

func profiled(fields ...string) block {
	return block{kind: page.Profile, words: page.Words{Fields: fields}}
}

// folios are the pages: each in another look, for another circle of readers.
func folios() []folio {
	public := page.Sharing{Visibility: badge.Public}
	return []folio{
		{who: "priya", title: "What I know about maps", style: "river", tags: "maps, open source, data", days: 9.4, sharing: public, blocks: []block{
			written("I draw maps for people who do not like maps. This page is what I send when somebody asks *what do you actually do*.\n\n- I make map tiles **smaller**, then faster, then smaller again.\n- I review other people’s changes on Thursdays, with tea."),
			one("open-source", "Two years of issues, most of them polite. The badge came after the **first release that nobody complained about**."),
			headed("What it rests on"),
			shown("", "data-literacy", "night-sky"),
			{kind: page.Link, words: page.Words{Text: "The map that started it", More: "I corrected one footpath behind the library. That was four thousand footpaths ago.", URL: "https://www.openstreetmap.org/"}},
			{kind: page.Contact, words: page.Words{Text: "Need a map?", More: "Small ones for free, large ones for cake.", Mail: "priya@" + domain}},
		}},
		{who: "ines-moreau", title: "Encre, fil et papier", style: "clay", tags: "couture, sérigraphie, français", days: 3.1, sharing: public, blocks: []block{
			profiled("picture", "name", "about", "place"),
			written("Je couds depuis toujours, j’imprime depuis **deux hivers**. Ce que l’encre m’a appris : on ne voit l’erreur qu’au vingtième tirage."),
			one("screen-printing", "L’affiche *Marée haute*, vingt exemplaires, bleu et rouge. Il m’en reste un, un peu de travers : c’est mon préféré."),
			shown("Et aussi", "workshop-induction", "reading-circle-host", "peer-mentor"),
		}},
		{who: "bram", title: "A year on the north fell", style: "willow", tags: "birds, fieldwork", days: 6.2, kept: 1, sharing: page.Sharing{Visibility: badge.Members}, blocks: []block{
			written("For the others in the trainee hut, so that next winter somebody starts with **square 41** and not where I did.\n\n1. Go before the snow does.\n2. Count what you see, not what the book says.\n3. The warbler *is* disputed. I stand by it."),
			{kind: page.Showcase, words: page.Words{Text: "What I was tested on", Form: "list", Order: "issued"}, badges: []string{"winter-bird-count", "trail-guide", "map-and-compass", "coast-watch"}},
			{kind: page.Issuer, words: page.Words{Text: "Everything from the rangers", Of: "trail-guide", Order: "name"}},
		}},
		{who: "samira", title: "For the rescue team", style: "ink", tags: "first aid", days: 2.4, forDays: 60, sharing: page.Sharing{Visibility: badge.Public, Password: PagePassword}, blocks: []block{
			written("You asked for everything that is still in date, in one place. The page ends by itself after the season."),
			shown("In date", "outdoor-first-aid", "open-water-rescue", "map-and-compass"),
			one("trail-guide", "Twelve people, one thunderstorm, a barn with a kettle. **All back before dark.**"),
			{kind: page.Contact, words: page.Words{Text: "On call", More: "Weekends, and whenever it is foggy.", Mail: "samira@" + domain}},
		}},
		{who: "noor", title: "Listening to the harbour", style: "dusk", days: 0.12, sharing: page.Sharing{Visibility: badge.Link}, blocks: []block{
			written("A podcast in the making. Who has this link heard it first."),
			one("podcast-maker", "One fisherman, two gulls, no second take."),
			{kind: page.Video, words: page.Words{Text: "How a tide works", More: "What I watched before I dared to ask him.", URL: "https://commons.wikimedia.org/wiki/Category:Videos_of_tides"}},
		}},
	}
}

// arrange has people make pages and show them.
func (s *story) arrange() []act {
	var acts []act
	if s.Pages == nil {
		return nil
	}
	for _, f := range folios() {
		acts = append(acts, act{f.days, func(ctx context.Context) error {
			if err := s.arrangeOne(ctx, f); err != nil {
				return fmt.Errorf("%q of %s: %w", f.title, f.who, err)
			}
			return nil
		}})
	}
	return acts
}

func (s *story) arrangeOne(ctx context.Context, f folio) error {
	who := s.ids[f.who]
	p, err := s.Pages.Make(ctx, who, f.title, nil)
	if err != nil {
		return err
	}
	if _, err := s.Pages.SaveHead(ctx, who, p.PublicID, page.Head{Title: f.title, Style: f.style, Tags: f.tags, Rev: p.HeadRev}, false); err != nil {
		return err
	}
	for _, b := range f.blocks {
		if err := s.arrangeBlock(ctx, f.who, p.PublicID, b); err != nil {
			return err
		}
	}
	if f.forDays > 0 {
		f.sharing.Until = s.started.AddDate(0, 0, f.forDays).Truncate(24 * time.Hour)
	}
	if f.sharing.Password != "" {
		s.locked = p.PublicID
	}
	_, err = s.Pages.Share(ctx, who, p.PublicID, f.sharing)
	return err
}

func (s *story) arrangeBlock(ctx context.Context, who, id string, b block) error {
	p, made, err := s.Pages.AddBlock(ctx, s.ids[who], id, b.kind, "")
	if err != nil {
		return err
	}
	words := b.words
	if b.kind == page.Issuer { // of the badge of that class
		held, err := s.Badges.Mine(ctx, s.ids[who], s.newest(who, words.Of))
		if err != nil {
			return err
		}
		words.Of = held.Class.Issuer.PublicID
	}
	rev := p.Blocks[len(p.Blocks)-1].Rev
	if _, _, err := s.Pages.SaveBlock(ctx, s.ids[who], id, page.Block{ID: made, Kind: b.kind, Words: words, Rev: rev}, false); err != nil {
		return err
	}
	if len(b.badges) == 0 {
		return nil
	}
	pick := page.Pick{Block: made}
	for _, class := range b.badges {
		pick.Add = append(pick.Add, s.newest(who, class))
	}
	_, err = s.Pages.Choose(ctx, s.ids[who], id, pick)
	return err
}

// newest is the badge of a class that somebody was given last, by its public id.
func (s *story) newest(who, class string) string {
	id, months := "", 0
	for _, a := range s.awards {
		if a.who == who && a.class == class && (id == "" || a.months < months) {
			id, months = s.held[a.key()].badge, a.months
		}
	}
	return id
}
