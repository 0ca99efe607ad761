// A client by node's http2: one session, a new one after GOAWAY. POSTs to /length, one /chat across.
'use strict';
const http2 = require('http2');

const [address, requests, clients] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const errors = {};
let session, sent = 0, ok = 0;

function connected() {
  if (!session || session.closed || session.destroyed) {
    const opened = session = http2.connect(`http://${address}`);
    opened.on('goaway', () => { if (session === opened) session = null; opened.close(); });
    opened.on('error', () => { if (session === opened) session = null; });
  }
  return session;
}

function post(content) {
  return new Promise((resolve, reject) => {
    const stream = connected().request({ ':method': 'POST', ':path': '/length' });
    let text = '', status;
    stream.on('response', (headers) => { status = headers[':status']; });
    stream.on('data', (part) => { text += part; });
    stream.on('error', reject);
    stream.on('close', () => {
      if (status === 200 && text === String(content.length)) resolve();
      else reject(new Error(`status ${status}, ${JSON.stringify(text)}, code ${stream.rstCode}`));
    });
    stream.end(content);
  });
}

async function client() {
  while (sent < requests) {
    const size = sent++ % 100;
    try {
      await post('x'.repeat(size));
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
    chat.write(word);
  });
}

async function main() {
  const chat = connected().request({ ':method': 'POST', ':path': '/chat' });
  chat.on('error', () => {});
  let long = 'no echo';
  if (await echoed(chat, 'first')) {
    await Promise.all(Array.from({ length: clients }, client));
    const closed = new Promise((resolve) => chat.once('close', resolve));
    if (await echoed(chat, 'last')) {
      chat.end();
      await closed;
      long = chat.rstCode === 0 ? 'whole' : `code ${chat.rstCode}`;
    }
  }
  console.log(JSON.stringify({ ok, failed: sent - ok, errors, long }));
  process.stdin.on('end', () => process.exit(0)).resume();
}

main().catch((error) => { console.log(JSON.stringify({ ok, failed: -1, errors: { [error]: 1 } })); process.exit(1); });
