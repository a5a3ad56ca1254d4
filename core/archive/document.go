package archive

import "encoding/json"

// Put hands v out as one JSON document of an export, indented and ended by a line break.
func Put(put func(name string, content []byte) error, name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return put(name, append(text, '\n'))
}

// AddWith adds an item with what its owner needs to take it in.
func AddWith(add func(Item) error, item Item, needs any) error {
	data, err := json.Marshal(needs)
	if err != nil {
		return err
	}
	item.Data = data
	return add(item)
}
