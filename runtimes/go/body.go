package main

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// requestBody is bounded, remembers that more came than is allowed, and can be read when the answer has begun.
type requestBody struct {
	io.ReadCloser
	limit    int64
	tooLarge bool

	mutex sync.Mutex // a proxy reads and answers in two goroutines
	kept  []byte
	ended error
}

const mostKept = 256 << 10

func newBody(w http.ResponseWriter, r *http.Request, limit int64) *requestBody {
	if limit == 0 {
		return &requestBody{ReadCloser: r.Body}
	}
	return &requestBody{ReadCloser: http.MaxBytesReader(w, r.Body, limit), limit: limit}
}

func (b *requestBody) Read(data []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.kept) > 0 {
		count := copy(data, b.kept)
		b.kept = b.kept[count:]
		return count, nil
	}
	return b.readOn(data)
}

func (b *requestBody) readOn(data []byte) (int, error) {
	if b.ended != nil {
		return 0, b.ended
	}
	count, err := b.ReadCloser.Read(data)
	b.ended = err
	b.tooLarge = err != nil && strings.Contains(err.Error(), "request body too large")
	return count, err
}

// keepRest reads what is left if that is not much, and says whether it was all. When an answer begins net/http throws
// away up to 256 KiB of a body, or of what follows, and a handler that copies it into its answer would leave a hole there.
func (b *requestBody) keepRest() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.ended == nil {
		b.kept, _ = io.ReadAll(io.LimitReader(reader(b.readOn), mostKept))
	}
	return b.ended != nil
}

type reader func([]byte) (int, error)

func (read reader) Read(data []byte) (int, error) { return read(data) }
