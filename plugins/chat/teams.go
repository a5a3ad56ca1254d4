package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

// maxCard is the largest message that Teams takes, in bytes.
const maxCard = 28 << 10

// teamsWebhook: the hosts of Workflows change with the region and over time
// (logic.azure.com, environment.api.powerplatform.com), so that any is taken.
func teamsWebhook(c *sdk.Call) (*url.URL, error) { return webhook(c, "/") }

func teams(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	u, err := teamsWebhook(c)
	if err != nil {
		return sdk.Posted{}, err
	}
	body, err := card(i)
	if err != nil {
		return sdk.Posted{}, err
	}
	err = c.HTTP.Bytes(ctx, http.MethodPost, u.String(), "application/json", body, nil)
	return sdk.Posted{}, webhookGone(err)
}

// card is the message with one Adaptive Card of version 1.4. All texts are text
// runs, which unlike text blocks are not read as Markdown. Words that would make it
// too large, which takes escapes by the thousand, are cut until it fits.
func card(i sdk.Item) ([]byte, error) {
	for most := len([]rune(i.Posting)); ; most /= 2 {
		body, err := json.Marshal(message(i, sdk.Clip(i.Posting, most, nil)))
		if err != nil || len(body) <= maxCard {
			return body, err
		}
		if most == 0 {
			return nil, fmt.Errorf("a card of %d bytes", len(body))
		}
	}
}

func message(i sdk.Item, text string) map[string]any {
	body := []any{line(text, ""), line(sdk.Clip(sdk.Plain(i.Title), 200, nil), "bolder")}
	if i.IssuerName != "" {
		body = append(body, line(sdk.Clip(sdk.Plain(i.IssuerName), 200, nil), "lighter"))
	}
	if strings.HasPrefix(i.ImageURL, "https://") {
		alt := sdk.Clip(sdk.Plain(i.ImageAlt), 300, nil)
		body = append(body, map[string]any{"type": "Image", "url": i.ImageURL, "altText": alt, "size": "stretch"})
	}
	return map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "application/vnd.microsoft.card.adaptive",
		"contentUrl":  nil,
		"content": map[string]any{
			"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
			"body":    body,
			"actions": []any{map[string]any{"type": "Action.OpenUrl", "title": open(i.ViewerLang), "url": i.URL}},
		},
	}}}
}

func line(text, weight string) map[string]any {
	run := map[string]any{"type": "TextRun", "text": text}
	if weight != "" {
		run["weight"] = weight
	}
	return map[string]any{"type": "RichTextBlock", "inlines": []any{run}}
}

func open(lang string) string {
	if base, _, _ := strings.Cut(lang, "-"); base == "fr" {
		return "Ouvrir"
	}
	return "Open"
}

func identifyTeams(_ context.Context, c *sdk.Call) (sdk.Account, error) {
	u, err := teamsWebhook(c)
	if err != nil {
		return sdk.Account{}, err
	}
	return named(u, "Microsoft Teams, "+u.Hostname()), nil
}
