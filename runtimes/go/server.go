package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// server puts around a handler what every runtime promises.
type server struct {
	handler      http.HandlerFunc
	maxInFlight  int64
	maxBodyBytes int64
	inFlight     int64
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/_/health":
		say(w, http.StatusOK, "OK")
	case "/_/ready":
		if s.maxInFlight > 0 && atomic.LoadInt64(&s.inFlight) >= s.maxInFlight {
			say(w, http.StatusTooManyRequests, "busy")
		} else {
			say(w, http.StatusOK, "OK")
		}
	default:
		s.serve(w, r)
	}
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	a := &answer{ResponseWriter: w, started: time.Now()}
	defer atomic.AddInt64(&s.inFlight, -1)
	if count := atomic.AddInt64(&s.inFlight, 1); s.maxInFlight > 0 && count > s.maxInFlight {
		w.Header().Set("Retry-After", "1")
		a.refuse(http.StatusTooManyRequests, fmt.Sprintf("This replica already serves %d requests.", s.maxInFlight))
		return
	}
	if r.ContentLength != 0 {
		a.body = newBody(w, r, s.maxBodyBytes)
		if s.maxBodyBytes > 0 && r.ContentLength > s.maxBodyBytes {
			a.refuseBody()
			return
		}
		r = r.WithContext(r.Context()) // a copy: net/http looks at the body of its own
		r.Body = a.body
		defer removeForm(r)
	}
	defer a.recover()
	s.handler(a, r)
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
}

// removeForm removes the files of a form, as net/http does for a request of its own.
func removeForm(r *http.Request) {
	if r.MultipartForm != nil {
		r.MultipartForm.RemoveAll()
	}
}

// recover answers for a handler that panicked; an answer that has begun is cut.
func (a *answer) recover() {
	reason := recover()
	if reason == nil {
		return
	}
	if reason == http.ErrAbortHandler {
		panic(reason)
	}
	if !a.begun && a.body != nil && a.body.tooLarge {
		a.refuseBody() // the handler's way of saying that it could not read it
		return
	}
	fmt.Fprintf(os.Stderr, "%v\n%s", reason, debug.Stack())
	if a.begun {
		panic(http.ErrAbortHandler)
	}
	a.refuse(http.StatusInternalServerError, fmt.Sprint(reason))
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprint(w, text)
}

func errorBody(message string) []byte {
	body, _ := json.Marshal(map[string]string{"error": message})
	return body
}
