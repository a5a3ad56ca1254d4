package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

// room is a room of a Matrix server, as one account sees it.
type room struct {
	call *sdk.Call
	api  string // Matrix Client-Server API, without a slash at the end
	id   string
}

// at gives an address of the API; each part is escaped.
func (r room) at(parts ...string) string {
	escaped := make([]string, 0, len(parts))
	for _, p := range parts {
		escaped = append(escaped, url.PathEscape(p))
	}
	return r.api + "/" + strings.Join(escaped, "/")
}

// enter takes what the person saved. The access token is of their account, not of
// OAuth, so that the client does not know it.
func enter(c *sdk.Call) (room, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(c.Grant.Fields["server"]), "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return room{}, sdk.Failure{Code: sdk.Rejected, Key: "address"}
	}
	c.HTTP.Header.Set("Authorization", "Bearer "+c.Grant.Fields["token"])
	return room{call: c, api: u.String() + "/_matrix/client/v3", id: strings.TrimSpace(c.Grant.Fields["room"])}, nil
}

// resolve finds the room behind an address such as #room:server.
func (r room) resolve(ctx context.Context) (room, error) {
	if !strings.HasPrefix(r.id, "#") {
		return r, nil
	}
	var found struct {
		RoomID string `json:"room_id"`
	}
	err := r.call.HTTP.JSON(ctx, http.MethodGet, r.at("directory", "room", r.id), nil, &found)
	r.id = found.RoomID
	return r, withKey(err, "noroom", "", http.StatusNotFound)
}

// matrix sends a notice; the key of the share is the transaction, which the server
// takes once for one token (Client-Server API, transaction identifiers).
func matrix(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	r, err := enter(c)
	if err != nil {
		return sdk.Posted{}, err
	}
	if r, err = r.resolve(ctx); err != nil {
		return sdk.Posted{}, err
	}
	message := map[string]any{"msgtype": "m.text", "body": i.Posting, "m.mentions": map[string]any{}}
	var sent struct {
		EventID string `json:"event_id"`
	}
	err = c.HTTP.JSON(ctx, http.MethodPut, r.at("rooms", r.id, "send", "m.room.message", c.Key), message, &sent)
	if err != nil {
		err = withKey(err, "room", "", http.StatusForbidden)
		return sdk.Posted{}, withKey(err, "noroom", "", http.StatusNotFound)
	}
	return sdk.Posted{RemoteID: r.id + " " + sent.EventID, URL: "https://matrix.to/#/" + url.PathEscape(r.id) + "/" + url.PathEscape(sent.EventID)}, nil
}

// retractMatrix redacts the message, again under a transaction of its own. One that
// is redacted already stays so.
func retractMatrix(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
	r, err := enter(c)
	if err != nil {
		return err
	}
	var event string
	if r.id, event, _ = strings.Cut(p.RemoteID, " "); event == "" {
		return sdk.Failure{Code: sdk.Rejected, Key: "noroom"}
	}
	sum := sha256.Sum256([]byte(event))
	address := r.at("rooms", r.id, "redact", event, "retract-"+hex.EncodeToString(sum[:8]))
	err = sdk.Gone(c.HTTP.JSON(ctx, http.MethodPut, address, map[string]any{}, nil))
	return withKey(err, "room", "", http.StatusForbidden)
}

// identifyMatrix tells whose token it is, and that there is the room.
func identifyMatrix(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	r, err := enter(c)
	if err != nil {
		return sdk.Account{}, err
	}
	var me struct {
		UserID string `json:"user_id"`
	}
	if err := c.HTTP.JSON(ctx, http.MethodGet, r.at("account", "whoami"), nil, &me); err != nil {
		return sdk.Account{}, err
	}
	if _, err := r.resolve(ctx); err != nil {
		return sdk.Account{}, err
	}
	return sdk.Account{ID: me.UserID + " " + r.id, Name: me.UserID + ", " + r.id, URL: "https://matrix.to/#/" + url.PathEscape(me.UserID)}, nil
}
