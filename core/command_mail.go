package core

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/theme"
	"github.com/osier-passport/osier/themes"
)

type mailCommand struct {
	Test mailTestCommand `cmd:"" help:"Send one mail right now and tell each step; it works while the server runs."`
}

type mailTestCommand struct {
	configured

	Language string `default:"en" placeholder:"CODE" help:"Language of the mail (default ${default})."`
	Address  string `arg:"" help:"Where to send it."`
}

// Run sends one mail with the mail server of the configuration. It opens no
// database.
func (m mailTestCommand) Run(ctx context.Context, s Streams) error {
	conf, err := m.load()
	if err != nil {
		return err
	}
	cat, err := i18n.Load(nil)
	if err != nil {
		return err
	}
	t, err := theme.Open(theme.Options{Bundled: themes.FS, Catalogue: cat})
	if err != nil {
		return err
	}
	lang := cat.Language(m.Language)
	letter := account.Letter{Site: account.Sender{Name: "Osier", URL: conf.PublicURL}, Lang: lang.Code, Dir: lang.Dir}
	if u, err := url.Parse(conf.PublicURL); err == nil && u.Host != "" {
		letter.Site.Name = u.Hostname()
	}
	parts, err := t.Mail(lang.Code, "test", letter)
	if err != nil {
		return err
	}
	p := mail.Probe{SMTP: conf.SMTP, Tell: func(step mail.Step) { fmt.Fprintf(s.Out, "ok    %-14s %s\n", step.Name, step.Result) }}
	err = p.Send(ctx, m.Address, lang.Code, parts)
	if failed, ok := errors.AsType[*mail.ProbeError](err); ok {
		fmt.Fprintf(s.Out, "FAIL  %-14s %s\n", failed.Step, failed.Err)
		if failed.Hint != "" {
			fmt.Fprintf(s.Out, "      %-14s %s\n", "what to do", failed.Hint)
		}
		return exitError(exitFail)
	}
	if err != nil {
		return (&app{catalogue: cat}).inWords(err)
	}
	_, err = fmt.Fprintln(s.Out, "The mail server has taken the mail. If it does not arrive, look into the spam folder and the log of the mail server.")
	return err
}
