package browser

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// listen notes what a page does that it should not.
func (b *Tab) listen(event any) {
	switch e := event.(type) {
	case *log.EventEntryAdded:
		b.logged(e.Entry)
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		text := d.Text
		if d.Exception != nil {
			text += " " + d.Exception.Description
		}
		b.complain("exception: " + text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			b.complain("console.error: " + words(e.Args))
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			d := e.Issue.Details.ContentSecurityPolicyIssueDetails
			b.complain(fmt.Sprintf("content policy: %s %s", d.ViolatedDirective, d.BlockedURL))
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			b.mu.Lock()
			b.status = int(e.Response.Status)
			b.mu.Unlock()
		}
	}
}

// logged takes an entry of the browser's own log. Answers with an error status
// are among them: those of a document are looked at by the test itself.
func (b *Tab) logged(e *log.Entry) {
	if e.Level != log.EntryLevelError {
		return
	}
	if e.Source == log.EntrySourceNetwork {
		_, status, _ := strings.Cut(e.Text, "status of ")
		status, _, _ = strings.Cut(status, " ")
		b.mu.Lock()
		ok := b.allowed[status]
		b.mu.Unlock()
		if ok || e.URL != "" && !strings.HasPrefix(e.URL, b.Base+"/") { // another site's own affair
			return
		}
	}
	b.complain(fmt.Sprintf("%s: %s %s", e.Source, e.Text, e.URL))
}

func words(args []*runtime.RemoteObject) string {
	var list []string
	for _, a := range args {
		if a.Description != "" {
			list = append(list, a.Description)
		} else {
			list = append(list, string(a.Value))
		}
	}
	return strings.Join(list, " ")
}

func (b *Tab) complain(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, text)
}

// Allow lets pages answer with the statuses, such as "422", from now on.
func (b *Tab) Allow(statuses ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range statuses {
		b.allowed[s] = true
	}
}

// CheckConsole fails the test for each complaint since it was last asked.
func (b *Tab) CheckConsole() {
	b.T.Helper()
	for _, c := range b.Complaints() {
		b.T.Errorf("in the browser's console: %s", c)
	}
}

// Complaints gives what was wrong since it was last asked, and forgets it.
func (b *Tab) Complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.complaints
	b.complaints = nil
	return list
}
