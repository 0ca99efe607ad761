// A gRPC client by grpc-js: see grpc_service.txt for what it is told and prints.
'use strict';
const grpc = require('@grpc/grpc-js');

const [address, requests, clients] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const stub = new grpc.Client(address, grpc.credentials.createInsecure());
const asItIs = (bytes) => bytes;
const errors = {};
let sent = 0, ok = 0;

function length(size) {
  return new Promise((resolve, reject) => {
    const deadline = { deadline: Date.now() + 60000 };
    stub.makeUnaryRequest('/lastcall.Test/Length', asItIs, asItIs, Buffer.alloc(size), deadline, (error, answer) => {
      if (error) reject(error);
      else if (String(answer) === String(size)) resolve();
      else reject(new Error(`a wrong answer: ${answer}`));
    });
  });
}

async function client() {
  while (sent < requests) {
    const size = sent++ % 100;
    try {
      await length(size);
      ok++;
    } catch (error) {
      errors[error.message] = (errors[error.message] || 0) + 1;
    }
  }
}

function echoed(chat, word) {
  return new Promise((resolve, reject) => {
    chat.once('data', (part) => resolve(String(part) === word));
    chat.once('error', reject);
    chat.write(Buffer.from(word));
  });
}

async function main() {
  const chat = stub.makeBidiStreamRequest('/lastcall.Test/Chat', asItIs, asItIs);
  chat.on('error', () => {});
  const ended = new Promise((resolve) => chat.on('status', resolve));
  const first = await echoed(chat, 'first');
  await Promise.all(Array.from({ length: clients }, client));
  let long = 'no echo';
  if (await echoed(chat, 'last') && first) {
    chat.end();
    const status = await ended;
    long = status.code === 0 ? 'whole' : status.details;
  }
  console.log(JSON.stringify({ ok, failed: sent - ok, errors, long }));
  process.stdin.on('end', () => process.exit(0)).resume();
}

main().catch((error) => { console.log(JSON.stringify({ ok, failed: -1, errors: { [error]: 1 }, long: '' })); });
