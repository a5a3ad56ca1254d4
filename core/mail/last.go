package mail

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/osier-passport/osier/core/fault"
)

// Last writes a mail that is never stored, for a person of whom nothing may stay.
// The function it gives sends it in the background, once; it is nil where no mail
// can be sent.
func (m *Mailer) Last(msg Message) (send func(), err error) {
	if !m.Configured() {
		return nil, nil
	}
	to, _, err := ParseAddress(msg.To)
	if err != nil {
		return nil, err
	}
	parts, err := m.render.Mail(msg.Lang, msg.Template, msg.Data)
	if err != nil {
		return nil, fmt.Errorf("write the mail %s: %w", msg.Template, err)
	}
	row := Mail{
		ID: m.base.NewID(), To: to, Lang: msg.Lang, Template: msg.Template, Subject: oneLine(parts.Subject),
		Text: parts.Text, HTML: parts.HTML, CreatedAt: m.base.Now(),
	}
	return func() { go m.sendLast(row) }, nil
}

// sendLast outlives the request that wanted it. The log hears that it failed, and
// nothing of whom it was for.
func (m *Mailer) sendLast(row Mail) {
	defer func() {
		if recover() != nil {
			m.log.Error("panic while the last mail of an account was sent", "stack", string(debug.Stack()))
		}
	}()
	if err := m.deliver(context.Background(), row); err != nil {
		reason := "internal"
		if f, ok := fault.As(describe(err)); ok {
			reason = f.Key
		}
		m.log.Warn("the last mail of an account was not sent", "reason", reason)
	}
}
