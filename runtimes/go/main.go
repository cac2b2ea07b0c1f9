// Serves the handler that is compiled in over HTTP until SIGTERM. Configured by the environment: see README.md.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--remove-itself" {
		os.Remove(os.Args[0]) // made for this start only, see start.sh
	}
	served := &server{handler: handle, maxInFlight: whole("MAX_INFLIGHT", 0), maxBodyBytes: whole("MAX_BODY_BYTES", 100<<20)}
	listener := &http.Server{
		Addr:    net.JoinHostPort(os.Getenv("HOST"), strconv.FormatInt(whole("PORT", 8080), 10)),
		Handler: served,
		// Longer than the gateway's, so that the gateway closes an idle connection first.
		IdleTimeout: 75 * time.Second,
	}
	drained := make(chan struct{})
	go func() {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
		<-stop
		listener.Shutdown(context.Background()) // accepts nothing more and waits for what is in flight
		close(drained)
	}()
	if err := listener.ListenAndServe(); err != http.ErrServerClosed {
		fail(err.Error())
	}
	<-drained
}

func whole(name string, otherwise int64) int64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		fail(fmt.Sprintf("%s must be a whole number, not %q.", name, text))
	}
	return number
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
