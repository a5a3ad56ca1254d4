package connect

import (
	"net/http"
)

// Refusal is an error of OAuth (RFC 6749 §4.1.2.1, §5.2; RFC 7591 §3.2.2): a code for
// programs and a sentence in ASCII for those who write them.
type Refusal struct {
	Code, Text string
}

// Error gives both.
func (r *Refusal) Error() string { return r.Code + ": " + r.Text }

func refuse(code, text string) *Refusal { return &Refusal{code, text} }

// Status is that of a token or registration answer.
func (r *Refusal) Status() int {
	if r.Code == "invalid_client" {
		return http.StatusUnauthorized
	}
	return http.StatusBadRequest
}

func errClient() *Refusal {
	return refuse("invalid_client", "The app is unknown, or did not prove that it is the one.")
}

func errCode() *Refusal {
	return refuse("invalid_grant", "The code is unknown, used, over, or belongs to another app, address or verifier.")
}

func errRefresh() *Refusal {
	return refuse("invalid_grant", "The refresh token is unknown, used or over, or the person disconnected the app. Ask them again.")
}
