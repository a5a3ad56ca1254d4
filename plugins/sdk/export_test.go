package sdk

// ClientOf is the client that a call with a grant gets.
func ClientOf(g Grant) *Client { return newGrantClient(g, nil) }
