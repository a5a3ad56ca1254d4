package e2e

import (
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// vouchWithoutScript writes an endorsement skill by skill and has it accepted, shows
// evidence and hides it, where no script runs. owner is the first of the demo's people.
func vouchWithoutScript(t *testing.T, p *passport, owner *browser.Tab) {
	tab := p.person(t)
	tab.Open("/demo")
	tab.Press(".cast li:nth-child(3) button")
	tab.NoScript()
	tab.Open("/@maren")
	tab.Press("main .badge-grid a")
	badge := tab.Path()
	tab.Press(`main a[href$="/endorse"]`)
	tab.Click("main .choices .choice")
	tab.Fill("text", "I heard it to the **end**.")
	tab.Press("main button[value=preview]")
	tab.Reads("I heard it to the end.")
	tab.Press("main button[value=send]")
	tab.Reads("Sent")
	owner.Open("/endorsements")
	owner.Press("main button[value=accept]", "Callum Reid")
	tab.Open(badge)
	tab.Reads("I heard it to the end.", "Signed and verified")

	mine := p.person(t)
	mine.Open("/demo")
	mine.Press(".cast button")
	mine.NoScript()
	mine.Open(badge)
	mine.Press(`main a[href$="/details"]`)
	mine.Fill("title", "The recording")
	mine.Fill("text", "Twelve minutes.")
	mine.Press(`main form[action$="/evidence"] button`)
	tab.Open(badge)
	tab.Reads("The recording")
	mine.Press(`main form[action*="/evidence/"] button[value=hide]`)
	tab.Open(badge)
	tab.Lacks("The recording")
}
