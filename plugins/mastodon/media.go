package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
)

// The server makes a picture ready while it is asked again.
const (
	mediaWait  = time.Second
	mediaTries = 15
	maxAlt     = 1500 // characters
)

// upload sends the card and gives its id once the server has made it ready: at once
// (200), or by and by (202, then 206 to each question).
func upload(ctx context.Context, c *sdk.Call, i sdk.Item) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "card.png")
	if err != nil {
		return "", err
	}
	_, _ = file.Write(i.ImagePNG) // into memory
	if err := form.WriteField("description", sdk.Clip(i.ImageAlt, maxAlt, nil)); err != nil {
		return "", err
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	var answer sdk.Answer
	if err := c.HTTP.Bytes(ctx, "POST", api(c)+"/v2/media", form.FormDataContentType(), body.Bytes(), &answer); err != nil {
		return "", err
	}
	var media struct{ ID string }
	if err := json.Unmarshal(answer.Body, &media); err != nil {
		return "", sdk.Failure{Code: sdk.Rejected, Key: "no-mastodon"}
	}
	for tries := 0; answer.Status != http.StatusOK; tries++ {
		if tries == mediaTries {
			return "", sdk.Failure{Code: sdk.Retry, Key: "picture"}
		}
		select {
		case <-ctx.Done():
			return "", sdk.Failure{Code: sdk.Retry, Key: "picture"}
		case <-time.After(mediaWait):
		}
		if err := c.HTTP.JSON(ctx, "GET", api(c)+"/v1/media/"+media.ID, nil, &answer); err != nil {
			return "", err
		}
	}
	return media.ID, nil
}
