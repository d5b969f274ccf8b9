'use strict';
// A gRPC peer with OpenTelemetry's own instrumentation for Node: a server that answers with what is
// current in its handlers, or a client that prints what the other side answered.

const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { GrpcInstrumentation } = require('@opentelemetry/instrumentation-grpc');
const { context, propagation, trace } = require('@opentelemetry/api');

new NodeTracerProvider().register();
registerInstrumentations({ instrumentations: [new GrpcInstrumentation()] });

const grpc = require('@grpc/grpc-js');

const text = {
  requestSerialize: (value) => Buffer.from(value),
  requestDeserialize: (bytes) => bytes.toString(),
  responseSerialize: (value) => Buffer.from(value),
  responseDeserialize: (bytes) => bytes.toString(),
};
const service = {
  Unary: { path: '/streamgauge.test.Echo/Unary', requestStream: false, responseStream: false, ...text },
  Bidi: { path: '/streamgauge.test.Echo/Bidi', requestStream: true, responseStream: true, ...text },
};

function entry(key) {
  const baggage = propagation.getActiveBaggage();
  const found = baggage && baggage.getEntry(key);
  return found ? found.value : '';
}

function seen(metadata) {
  const span = trace.getSpan(context.active());
  const tag = metadata ? metadata.get('x-env-tag').join(',') : '';
  return [span ? span.spanContext().traceId : '', entry('tenant'), tag, entry('gray.tag')].join(' ');
}

function serve() {
  const server = new grpc.Server();
  server.addService(service, {
    Unary: (call, done) => done(null, seen(call.metadata)),
    Bidi: (call) => {
      call.on('data', () => call.write(seen(call.metadata)));
      call.on('end', () => call.end());
    },
  });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    console.log(error ? `error ${error}` : `port ${port}`);
  });
  // Ends with the one who started it.
  process.stdin.on('end', () => process.exit(0));
  process.stdin.resume();
}

function call(port, tag) {
  const Client = grpc.makeGenericClientConstructor(service, 'Echo');
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const span = trace.getTracer('peer').startSpan('caller');
  console.log(`trace ${span.spanContext().traceId}`);
  const entries = { tenant: { value: 'acme' } };
  const headers = new grpc.Metadata();
  if (tag) {
    headers.set('x-env-tag', tag);
    entries['gray.tag'] = { value: tag };
  }
  const baggage = propagation.createBaggage(entries);
  const active = propagation.setBaggage(trace.setSpan(context.active(), span), baggage);
  context.with(active, () => {
    client.Unary('unary', headers, (error, answer) => {
      console.log(`unary ${error || answer}`);
      context.with(active, () => {
        const stream = client.Bidi(headers);
        stream.on('data', (message) => {
          console.log(`bidi ${message}`);
          stream.end();
        });
        stream.on('error', (failure) => console.log(`bidi ${failure}`));
        stream.on('status', () => client.close());
        stream.write('bidi');
      });
    });
  });
}

if (process.argv[2] === 'serve') {
  serve();
} else {
  call(process.argv[3], process.argv[4]);
}
