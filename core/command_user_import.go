package core

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/osier-passport/osier/core/account"
)

type importCommand struct {
	configured

	DryRun bool `help:"Say what would become of each account, and keep nothing."`

	File string `arg:"" help:"CSV or JSON file with accounts of another passport (docs/operate.md)."`
}

// Run makes accounts of another passport's, each of them whole or not at all. Accounts
// that are there already stay as they are, so that the same file can be read again.
func (c importCommand) Run(ctx context.Context, s Streams) error {
	list, err := readImport(c.File)
	if err != nil {
		return err
	}
	return c.with(ctx, func(a *app) error {
		made, there, refused := 0, 0, 0
		for i, in := range list {
			p, isNew, err := a.accounts.ImportPerson(ctx, in, c.DryRun)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				refused++
				fmt.Fprintf(s.Out, "%d %s: not taken: %s\n", i+1, whom(in), strings.ReplaceAll(a.inWords(err).Error(), "\n", "; "))
			case isNew:
				made++
				fmt.Fprintf(s.Out, "%d %s: %s @%s\n", i+1, whom(in), map[bool]string{true: "would be created as", false: "created as"}[c.DryRun], p.Handle)
			default:
				there++
				fmt.Fprintf(s.Out, "%d %s: is there already, @%s\n", i+1, whom(in), p.Handle)
			}
		}
		fmt.Fprintf(s.Out, "%d created, %d there already, %d not taken%s\n", made, there, refused, map[bool]string{true: " (nothing was kept: --dry-run)"}[c.DryRun])
		if refused > 0 {
			return fmt.Errorf("%d of %d accounts were not taken; mend their rows and read the file again: the others stay as they are", refused, len(list))
		}
		return nil
	})
}

func readImport(path string) ([]account.ImportedPerson, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	defer f.Close()
	read := map[string]func(io.Reader) ([]account.ImportedPerson, error){".csv": account.ReadImportCSV, ".json": account.ReadImportJSON}[strings.ToLower(filepath.Ext(path))]
	if read == nil {
		return nil, fmt.Errorf("%s ends in neither .csv nor .json", filepath.Base(path))
	}
	list, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return list, nil
}

// whom names a row: by its first address, or its name.
func whom(p account.ImportedPerson) string {
	if len(p.Emails) > 0 {
		return p.Emails[0].Address
	}
	return p.Name
}
