package account

import (
	"context"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const (
	pictureSide = 256     // pixels
	pictureMax  = 5 << 20 // bytes of the upload
)

// SetPicture draws an uploaded picture anew as a small square and shows it beside
// the person's name; empty data takes the picture away. It returns FieldErrors
// (picture) for what is no picture.
func (a *Accounts) SetPicture(ctx context.Context, person int64, data []byte) error {
	var drawn []byte
	if len(data) > 0 {
		var err error
		if drawn, err = drawPicture(ctx, data); err != nil {
			return err
		}
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		p, err := personByID(ctx, tx, person)
		if err != nil {
			return err
		}
		fields, limited, err := fieldsOfPerson(ctx, tx, person)
		if err != nil {
			return err
		}
		old, hash := p.Picture+limited, ""
		if drawn != nil {
			if hash, err = (blob.Store{}).Put(ctx, tx, drawn, "image/png"); err != nil {
				return err
			}
		}
		if err := a.keepProfile(ctx, tx, &p, fields, hash); err != nil {
			return err
		}
		if old == "" || old == hash {
			return nil
		}
		return blob.Store{}.Drop(ctx, tx, old)
	})
}

func drawPicture(ctx context.Context, data []byte) ([]byte, error) {
	if len(data) > pictureMax {
		return nil, FieldErrors{"picture": "account.error.picture.large"}
	}
	drawn, err := art.Portrait(ctx, data, pictureSide)
	if ctx.Err() != nil {
		return nil, fault.New(fault.Unavailable, "error.busy").Wrap(err)
	}
	if err != nil {
		return nil, FieldErrors{"picture": "account.error.picture.form"}
	}
	return drawn, nil
}

// pictureURL is where the picture of a person is served, "" when there is none.
// It changes with the picture.
func pictureURL(handle, hash string) string {
	if hash == "" {
		return ""
	}
	return "/@" + handle + "/picture?v=" + cutTo(hash, 12)
}

// Picture gives a person's picture and its type. It returns a fault as
// PersonByHandle, and NotFound for who has none or shows none to the viewer. A
// picture for everybody stands beside the name wherever that is shown, also when
// the profile is not for everybody.
func (a *Accounts) Picture(ctx context.Context, viewer int64, handle string) ([]byte, string, error) {
	p, err := a.PersonByHandle(ctx, a.base.Read(), handle)
	if err != nil {
		return nil, "", err
	}
	hash, err := shownPicture(ctx, a.base.Read(), viewer, p.ID)
	if err == nil && hash == "" {
		err = db.ErrNotFound
	}
	if err != nil {
		return nil, "", notFound(err)
	}
	data, mime, err := (blob.Store{}).Get(ctx, a.base.Read(), hash)
	return data, mime, notFound(err)
}
