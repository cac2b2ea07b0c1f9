package main

import (
	"fmt"
	"net/http"
	"time"
)

// answer adds the runtime's own headers when the handler begins to answer.
type answer struct {
	http.ResponseWriter
	started time.Time
	begun   bool
	dropped bool
	body    *requestBody
}

func (a *answer) WriteHeader(status int) {
	if a.begun {
		return
	}
	if a.body != nil && !a.body.keepRest() {
		a.Header().Set("Connection", "close") // net/http then leaves the rest of the body to the handler
	}
	if a.body != nil && a.body.tooLarge {
		a.refuseBody() // whatever the handler makes of a body that it could not read
		return
	}
	a.begin(status)
}

func (a *answer) Write(data []byte) (int, error) {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	if a.dropped {
		return len(data), nil
	}
	return a.ResponseWriter.Write(data)
}

// Flush lets a handler stream; Unwrap shows http.ResponseController the rest.
func (a *answer) Flush() {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	if flusher, can := a.ResponseWriter.(http.Flusher); can {
		flusher.Flush()
	}
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) begin(status int) {
	a.begun = true
	a.Header().Set("X-Duration-Seconds", fmt.Sprintf("%.6f", time.Since(a.started).Seconds()))
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) refuse(status int, message string) {
	a.Header().Set("Content-Type", "application/json")
	a.begin(status)
	a.ResponseWriter.Write(errorBody(message))
}

func (a *answer) refuseBody() {
	a.Header().Set("Connection", "close")
	a.refuse(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than %d bytes.", a.body.limit))
	a.dropped = true
}
