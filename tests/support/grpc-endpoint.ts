import { Client, credentials, Server, ServerCredentials, type ServiceDefinition, type sendUnaryData } from '@grpc/grpc-js';
import type { Issued } from './certificates.ts';

/** A gRPC endpoint that says its name, and by grpc.health.v1 whether it is well. */
export interface GrpcEndpoint {
  readonly port: number;
  serving: boolean;
  close(): void;
}

const NAME = '/envoyage.example.Backend/Name';
const asIs = (bytes: Buffer): Buffer => bytes;
const method = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

export async function startGrpcEndpoint(name: string, certificate?: Issued): Promise<GrpcEndpoint> {
  const endpoint = { serving: true };
  const server = new Server();
  const definition = { Name: method(NAME), Check: method('/grpc.health.v1.Health/Check') } as unknown as ServiceDefinition;
  server.addService(definition, {
    Name: (_call: unknown, reply: sendUnaryData<Buffer>) => reply(null, Buffer.from(name)),
    // HealthCheckResponse: field 1 is its status, 1 SERVING, 2 NOT_SERVING.
    Check: (_call: unknown, reply: sendUnaryData<Buffer>) => reply(null, Buffer.from([8, endpoint.serving ? 1 : 2])),
  });
  const pair = certificate && { cert_chain: Buffer.from(certificate.cert), private_key: Buffer.from(certificate.key) };
  const creds = pair === undefined ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(null, [pair]);
  const port = await new Promise<number>((resolve, reject) => server.bindAsync('[::]:0', creds, (error, bound) => (error ? reject(error) : resolve(bound))));
  return Object.assign(endpoint, { port, close: () => server.forceShutdown() });
}

/** The name of the endpoint that a call through the Envoy at this port comes to. */
export async function callGrpc(port: number, authority: string): Promise<string> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.default_authority': authority });
  try {
    return await new Promise((resolve, reject) =>
      client.makeUnaryRequest(NAME, asIs, asIs, Buffer.alloc(0), { deadline: Date.now() + 20_000 }, (error, answer) =>
        error ? reject(error) : resolve(String(answer)),
      ),
    );
  } finally {
    client.close();
  }
}
