// grpc-js: the service of grpc_service.txt.
'use strict';
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');

const [small, big] = ['small.txt', 'big.bin'].map((name) => fs.readFileSync(path.join(process.env.WWW, name)));
const asItIs = (bytes) => bytes;

function method(name, stream) {
  return { path: `/lastcall.Test/${name}`, requestStream: stream, responseStream: stream,
    requestSerialize: asItIs, requestDeserialize: asItIs,
    responseSerialize: asItIs, responseDeserialize: asItIs };
}

function count(name, call) {
  process.stderr.write(`${name} ${call.getPeer().split(':').pop()}\n`);
}

function unary(name, answer) {
  return (call, done) => {
    count(name, call);
    done(null, answer(call.request));
  };
}

const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
server.addService(
  { Small: method('Small', false), Big: method('Big', false), Length: method('Length', false),
    Chat: method('Chat', true) },
  { Small: unary('Small', () => small), Big: unary('Big', () => big),
    Length: unary('Length', (request) => Buffer.from(String(request.length))),
    Chat: (call) => {
      count('Chat', call);
      call.on('data', (message) => call.write(message));
      call.on('end', () => call.end());
      call.on('error', () => {});
    } });
server.bindAsync(`127.0.0.1:${process.env.PORT}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
