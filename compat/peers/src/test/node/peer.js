'use strict';
// A gRPC peer with OpenTelemetry's own instrumentation for Node: a server that answers with what is
// current in its handlers, or a client that prints what the other side answered. src/test/java
// drives it by its arguments, its input and its lines.

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

// Emits 'read' when a line of input says that a stuck handler may read on.
const input = require('readline').createInterface({ input: process.stdin, terminal: false });

// Answers each message with what it sees. At "stick" it stops reading until it is released, and
// from then on it counts what comes and says nothing until the end.
function bidi(call) {
  let stuck = false;
  let read = 0;
  call.on('data', (message) => {
    if (stuck) {
      read += 1;
    } else if (message === 'stick') {
      stuck = true;
      call.pause();
      input.on('line', (line) => line === 'read' && call.resume());
    } else {
      call.write(seen(call.metadata));
    }
  });
  call.on('end', () => {
    if (stuck) {
      call.write(String(read));
    }
    call.end();
  });
}

function serve() {
  const server = new grpc.Server();
  server.addService(service, {
    Unary: (call, done) => done(null, seen(call.metadata)),
    Bidi: bidi,
  });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    console.log(error ? `error ${error}` : `port ${port}`);
  });
  // The process that started this one has closed the input.
  input.on('close', () => process.exit(0));
}

// Sends as many messages as it is told. Says "still N" when the stream has not taken more for half
// a second, and "done N" when all were taken.
function flood(port, count) {
  const Client = grpc.makeGenericClientConstructor(service, 'Echo');
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const stream = client.Bidi(new grpc.Metadata());
  const message = 'x'.repeat(1024);
  let sent = 0;
  let before = -1;
  let told = -1;
  const watch = setInterval(() => {
    if (sent === before && sent !== told) {
      told = sent;
      console.log(`still ${sent}`);
    }
    before = sent;
  }, 500);
  const more = () => {
    while (sent < count) {
      sent += 1;
      if (!stream.write(message)) {
        stream.once('drain', more);
        return;
      }
    }
    stream.end();
  };
  stream.on('data', () => {});
  stream.on('error', (failure) => console.log(`error ${failure}`));
  stream.on('status', () => {
    clearInterval(watch);
    console.log(`done ${sent}`);
    client.close();
    input.close();
  });
  more();
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
} else if (process.argv[2] === 'flood') {
  flood(process.argv[3], Number(process.argv[4]));
} else {
  input.close();
  call(process.argv[3], process.argv[4]);
}
