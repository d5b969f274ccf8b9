// A gRPC peer in Go with OpenTelemetry's instrumentation (otelgrpc) and go-grpc-middleware's
// metrics: a server that answers with what is current in its handlers, or a client that prints
// what the other side answered. src/test/java drives it by its arguments, its input and its lines.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	unary = "/streamgauge.test.Echo/Unary"
	bidi  = "/streamgauge.test.Echo/Bidi"
)

// text sends a string as the bytes it has, as the Java side does.
type text struct{}

func (text) Marshal(v any) ([]byte, error)   { return []byte(*v.(*string)), nil }
func (text) Unmarshal(b []byte, v any) error { *v.(*string) = string(b); return nil }
func (text) Name() string                    { return "proto" }

// ---- what a handler sees --------------------------------------------------------------------

func seen(ctx context.Context) string {
	entries := baggage.FromContext(ctx)
	tag := ""
	if headers, ok := metadata.FromIncomingContext(ctx); ok {
		tag = strings.Join(headers.Get("x-env-tag"), ",")
	}
	return strings.Join([]string{
		trace.SpanContextFromContext(ctx).TraceID().String(),
		entries.Member("tenant").Value(), tag, entries.Member("gray.tag").Value(),
	}, " ")
}

// ---- server ---------------------------------------------------------------------------------

type server struct {
	// Closed when a line of input says that a stuck handler may read on.
	release chan struct{}
	read    atomic.Int64
}

func (s *server) unary(ctx context.Context, request string) (string, error) {
	if name, found := strings.CutPrefix(request, "fail:"); found {
		return "", status.Error(code(name), "asked for it")
	}
	return seen(ctx), nil
}

// bidi answers each message with what it sees. At "stick" it stops reading until it is released,
// and from then on it counts what comes and says nothing.
func (s *server) bidi(stream grpc.ServerStream) error {
	for {
		var message string
		if err := stream.RecvMsg(&message); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if message == "stick" {
			return s.stick(stream)
		}
		if name, found := strings.CutPrefix(message, "fail:"); found {
			return status.Error(code(name), "asked for it")
		}
		answer := seen(stream.Context())
		if err := stream.SendMsg(&answer); err != nil {
			return err
		}
	}
}

func (s *server) stick(stream grpc.ServerStream) error {
	select {
	case <-s.release:
	case <-stream.Context().Done():
		return stream.Context().Err()
	}
	for {
		var message string
		if err := stream.RecvMsg(&message); err == io.EOF {
			answer := strconv.FormatInt(s.read.Load(), 10)
			return stream.SendMsg(&answer)
		} else if err != nil {
			return err
		}
		s.read.Add(1)
	}
}

func code(name string) codes.Code {
	var c codes.Code
	if err := c.UnmarshalJSON([]byte(strconv.Quote(name))); err != nil {
		return codes.Unknown
	}
	return c
}

func (s *server) description() *grpc.ServiceDesc {
	return &grpc.ServiceDesc{
		ServiceName: "streamgauge.test.Echo",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Unary",
			Handler: func(_ any, ctx context.Context, decode func(any) error,
				intercept grpc.UnaryServerInterceptor) (any, error) {
				var request string
				if err := decode(&request); err != nil {
					return nil, err
				}
				info := &grpc.UnaryServerInfo{Server: s, FullMethod: unary}
				return intercept(ctx, request, info, func(ctx context.Context, _ any) (any, error) {
					answer, err := s.unary(ctx, request)
					return &answer, err
				})
			},
		}},
		Streams: []grpc.StreamDesc{{
			StreamName: "Bidi", ServerStreams: true, ClientStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error { return s.bidi(stream) },
		}},
	}
}

func serve() error {
	numbers := grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram())
	handlers := &server{release: make(chan struct{})}
	service := grpc.NewServer(
		grpc.StatsHandler(otelgrpc.NewServerHandler()),
		grpc.ForceServerCodec(text{}),
		grpc.UnaryInterceptor(numbers.UnaryServerInterceptor()),
		grpc.StreamInterceptor(numbers.StreamServerInterceptor()))
	service.RegisterService(handlers.description(), handlers)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	say("port %d", listener.Addr().(*net.TCPAddr).Port)
	if err := expose(numbers); err != nil {
		return err
	}
	go func() {
		input := bufio.NewScanner(os.Stdin)
		for input.Scan() {
			if input.Text() == "read" {
				close(handlers.release)
			}
		}
		service.Stop() // the process that started this one has closed the input
	}()
	return service.Serve(listener)
}

// expose serves the metrics on a port of their own and says which.
func expose(numbers prometheus.Collector) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(numbers)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	say("metrics %d", listener.Addr().(*net.TCPAddr).Port)
	go http.Serve(listener, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return nil
}

// ---- client ---------------------------------------------------------------------------------

func connect(port string, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///127.0.0.1:"+port, append(more,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(text{})))...)
}

var bidiStream = &grpc.StreamDesc{StreamName: "Bidi", ServerStreams: true, ClientStreams: true}

// call makes one call of each kind inside a span, with baggage, and prints the answers.
func call(port string, tag string) error {
	connection, err := connect(port)
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, span := otel.Tracer("peer").Start(context.Background(), "caller")
	defer span.End()
	say("trace %s", span.SpanContext().TraceID())
	entries := []string{"tenant=acme"}
	if tag != "" {
		entries = append(entries, "gray.tag="+tag)
		ctx = metadata.AppendToOutgoingContext(ctx, "x-env-tag", tag)
	}
	carried, err := baggage.Parse(strings.Join(entries, ","))
	if err != nil {
		return err
	}
	ctx = baggage.ContextWithBaggage(ctx, carried)

	request, answer := "unary", ""
	if err := connection.Invoke(ctx, unary, &request, &answer); err != nil {
		answer = err.Error()
	}
	say("unary %s", answer)

	stream, err := connection.NewStream(ctx, bidiStream, bidi)
	if err != nil {
		return err
	}
	request = "bidi"
	if err := stream.SendMsg(&request); err != nil {
		return err
	}
	if err := stream.RecvMsg(&answer); err != nil {
		answer = err.Error()
	}
	say("bidi %s", answer)
	stream.CloseSend()
	stream.RecvMsg(&answer)
	return nil
}

// flood sends as many messages as it is told, and says "still N" when Send has not returned for
// half a second, and "done N" when all are sent.
func flood(port string, count int) error {
	connection, err := connect(port)
	if err != nil {
		return err
	}
	defer connection.Close()
	stream, err := connection.NewStream(context.Background(), bidiStream, bidi)
	if err != nil {
		return err
	}
	var sent atomic.Int64
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		before, told := int64(-1), int64(-1)
		for {
			select {
			case <-stop:
				return
			case <-time.After(500 * time.Millisecond):
			}
			now := sent.Load()
			if now == before && now != told {
				say("still %d", now)
				told = now
			}
			before = now
		}
	})
	message := strings.Repeat("x", 1024)
	for range count {
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
		sent.Add(1)
	}
	close(stop)
	watching.Wait()
	stream.CloseSend()
	var answer string
	for stream.RecvMsg(&answer) == nil {
	}
	say("done %d", sent.Load())
	return nil
}

// mix makes the calls that the Java side makes too, and shows its numbers until the input ends.
func mix(port string) error {
	numbers := grpcprom.NewClientMetrics(grpcprom.WithClientHandlingTimeHistogram())
	connection, err := connect(port,
		grpc.WithUnaryInterceptor(numbers.UnaryClientInterceptor()),
		grpc.WithStreamInterceptor(numbers.StreamClientInterceptor()))
	if err != nil {
		return err
	}
	defer connection.Close()
	var answer string
	for _, request := range []string{"a", "b", "c", "fail:NOT_FOUND", "fail:INTERNAL", "fail:UNAVAILABLE"} {
		connection.Invoke(context.Background(), unary, &request, &answer)
	}
	for _, messages := range [][]string{{"a", "b", "c"}, {"a"}, {"fail:ABORTED"}} {
		stream, err := connection.NewStream(context.Background(), bidiStream, bidi)
		if err != nil {
			return err
		}
		for _, message := range messages {
			if err := stream.SendMsg(&message); err != nil {
				return err
			}
			err = stream.RecvMsg(&answer)
			if err != nil {
				break // asking again would count the end of the call again
			}
		}
		stream.CloseSend()
		for err == nil {
			err = stream.RecvMsg(&answer)
		}
	}
	if err := expose(numbers); err != nil {
		return err
	}
	io.Copy(io.Discard, os.Stdin)
	return nil
}

// ---- the program ----------------------------------------------------------------------------

var lines sync.Mutex

func say(format string, values ...any) {
	lines.Lock()
	defer lines.Unlock()
	fmt.Printf(format+"\n", values...)
}

func run(arguments []string) error {
	argument := func(i int) string {
		if i < len(arguments) {
			return arguments[i]
		}
		return ""
	}
	switch argument(0) {
	case "serve":
		return serve()
	case "call":
		return call(argument(1), argument(2))
	case "flood":
		count, err := strconv.Atoi(argument(2))
		if err != nil {
			return err
		}
		return flood(argument(1), count)
	case "mix":
		return mix(argument(1))
	}
	return fmt.Errorf("usage: peer serve | call PORT [TAG] | flood PORT COUNT | mix PORT")
}

func main() {
	provider := sdktrace.NewTracerProvider()
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{}))
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}
