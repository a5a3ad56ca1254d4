package mail

import (
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
)

func TestLastMailIsSentAndNotStored(t *testing.T) {
	var s sink
	w := newBench(t, dbtest.SQLite(t), s.listen(t, "none", nil))
	send, err := w.mailer.Last(Message{To: "anna@example.org", Lang: "en", Template: "farewell", Data: "bye"})
	w.must(t, err)
	send()
	tick, end := time.NewTicker(5*time.Millisecond), time.Now().Add(5*time.Second)
	defer tick.Stop()
	for range tick.C {
		s.mu.Lock()
		n := len(s.taken)
		s.mu.Unlock()
		if n == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nothing was sent")
		}
	}
	if list := w.outbox(t); len(list) != 0 {
		t.Errorf("outbox: %+v", list)
	}
}

func TestLastMailThatCannotBeSent(t *testing.T) {
	w := newBench(t, dbtest.SQLite(t), config.SMTP{})
	if send, err := w.mailer.Last(Message{To: "anna@example.org", Template: "farewell"}); send != nil || err != nil {
		t.Errorf("without a server: %v", err)
	}
	w = newBench(t, dbtest.SQLite(t), config.SMTP{Host: "127.0.0.1", Port: 1, TLS: "none", From: "badges@example.org"})
	w.mailer.sendLast(Mail{To: "anna@example.org", Text: "bye"})
	if log := w.log.String(); !strings.Contains(log, "mail.unreachable") || strings.Contains(log, "anna") {
		t.Errorf("log: %s", log)
	}
	if list := w.outbox(t); len(list) != 0 {
		t.Errorf("outbox: %+v", list)
	}
	if _, err := w.mailer.Last(Message{To: "no address", Template: "farewell"}); err == nil {
		t.Error("no address is taken")
	}
}
