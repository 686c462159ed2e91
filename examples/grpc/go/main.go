// Command client calls a service by its name, again and again, and prints who
// answered or why nobody did, one line a call. It knows no address: which
// backends the name leads to it learns from Envoyage.
//
//	GRPC_XDS_BOOTSTRAP=grpc.json go run . xds:///web.example.com
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	_ "google.golang.org/grpc/xds" // makes gRPC understand xds:///
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// method answers with the name of the backend, a google.protobuf.StringValue.
const method = "/envoyage.example.Backend/Name"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: client xds:///HOST")
		os.Exit(2)
	}
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer connection.Close()
	for range time.Tick(20 * time.Millisecond) {
		fmt.Println(ask(connection))
	}
}

func ask(connection *grpc.ClientConn) string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	name := &wrapperspb.StringValue{}
	if err := connection.Invoke(ctx, method, &emptypb.Empty{}, name); err != nil {
		return fmt.Sprintf("%s: %s", status.Code(err), status.Convert(err).Message())
	}
	return name.Value
}
