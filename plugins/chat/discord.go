package chat

import (
	"context"
	"net/http"
	"net/url"

	"github.com/osier-passport/osier/plugins/sdk"
)

func discordWebhook(c *sdk.Call) (*url.URL, error) {
	return webhook(c, "/api/webhooks/", "discord.com", "discordapp.com")
}

// discord waits for the message, whose number Retract needs. Nobody is called by a
// mention in it.
func discord(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	u, err := discordWebhook(c)
	if err != nil {
		return sdk.Posted{}, err
	}
	query := u.Query()
	query.Set("wait", "true")
	u.RawQuery = query.Encode()
	message := map[string]any{"content": i.Posting, "allowed_mentions": map[string]any{"parse": []string{}}}
	var made struct {
		ID string `json:"id"`
	}
	err = c.HTTP.JSON(ctx, http.MethodPost, u.String(), message, &made)
	return sdk.Posted{RemoteID: made.ID}, webhookGone(err)
}

// identifyDiscord asks for the webhook, which its address alone allows.
func identifyDiscord(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	u, err := discordWebhook(c)
	if err != nil {
		return sdk.Account{}, err
	}
	u.RawQuery = ""
	var hook struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := c.HTTP.JSON(ctx, http.MethodGet, u.String(), nil, &hook); err != nil {
		return sdk.Account{}, withKey(err, "gone", "", http.StatusNotFound)
	}
	return sdk.Account{ID: hook.ID, Name: hook.Name}, nil
}

func retractDiscord(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
	u, err := discordWebhook(c)
	if err != nil {
		return err
	}
	thread := url.Values{}
	if id := u.Query().Get("thread_id"); id != "" {
		thread.Set("thread_id", id)
	}
	u = u.JoinPath("messages", url.PathEscape(p.RemoteID))
	u.RawQuery = thread.Encode()
	return sdk.Gone(c.HTTP.JSON(ctx, http.MethodDelete, u.String(), nil, nil))
}
