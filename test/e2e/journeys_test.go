package e2e

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// journey is a way that people go often.
type journey int

const (
	addOne journey = iota
	addFifty
	shareAsPost
	addToProfile
	postInAccount
	changeVisibility
	publishPage
	followSomebody
	seeProof
)

// budgets are the clicks that each journey may take, without what is typed.
var budgets = map[journey]struct {
	name   string
	clicks int
}{
	addOne:           {"add a badge, from any page", 2},
	addFifty:         {"add fifty badges at once, from any page", 3},
	shareAsPost:      {"share on LinkedIn, from the badge", 2},
	addToProfile:     {"add to a LinkedIn profile, from the badge", 2},
	postInAccount:    {"post in a connected account, from the badge", 3},
	changeVisibility: {"change who sees a badge, from the badge", 2},
	publishPage:      {"publish a page of five badges, from any page", 9},
	followSomebody:   {"follow somebody, from the profile", 1},
	seeProof:         {"see the checks of a badge, from its link", 1},
}

// spent is the most clicks that each journey took in this run.
var spent struct {
	sync.Mutex
	clicks map[journey]int
}

// took holds the clicks since a journey began to its budget; unseen are those that the
// browser does not count, such as in the system's own dialog.
func took(tab *browser.Tab, j journey, unseen int) {
	tab.T.Helper()
	b, n := budgets[j], tab.Clicks+unseen
	if n > b.clicks {
		tab.T.Errorf("%s: %d clicks of at most %d", b.name, n, b.clicks)
	}
	spent.Lock()
	defer spent.Unlock()
	if spent.clicks == nil {
		spent.clicks = map[journey]int{}
	}
	spent.clicks[j] = max(spent.clicks[j], n)
}

// TestMain tells what the journeys took. A run of all tests in a browser that leaves one
// out has failed.
func TestMain(m *testing.M) {
	code := m.Run()
	if len(spent.clicks) == 0 { // no browser, or none of these tests
		os.Exit(code)
	}
	for j := range journey(len(budgets)) {
		n, walked := spent.clicks[j]
		if walked {
			fmt.Printf("clicks: %d of %d to %s\n", n, budgets[j].clicks, budgets[j].name)
		} else if flag.Lookup("test.run").Value.String() == "" && code == 0 {
			fmt.Printf("FAIL: nothing walked the journey: %s\n", budgets[j].name)
			code = 1
		}
	}
	os.Exit(code)
}
