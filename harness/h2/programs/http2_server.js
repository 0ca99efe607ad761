// node's http2 in clear text: files, the length of what is posted, and an echo while it is sent, which
// an extended CONNECT has too.
// One line on standard error for each executed stream, which ends in its client's port.
'use strict';
const fs = require('fs');
const http2 = require('http2');
const path = require('path');

const www = process.env.WWW;
const settings = { enableConnectProtocol: true };
const server = http2.createServer({ settings, maxSendHeaderBlockLength: 1 << 20 });
const longFields = {};
for (let field = 0; field < 40; field++) longFields[`x-long-${field}`] = `${field}-`.repeat(400);

function send(stream, content, status = 200) {
  if (stream.destroyed) return;
  stream.respond({ ':status': status, 'content-type': 'text/plain', 'content-length': content.length });
  stream.end(content);
}

function sendFile(stream, name) {
  fs.readFile(path.join(www, name), (error, content) => {
    if (error) send(stream, Buffer.from('none\n'), 404);
    else send(stream, content);
  });
}

server.on('stream', (stream, headers) => {
  process.stderr.write(`${headers[':method']} ${headers[':path']} ${stream.session.socket.remotePort}\n`);
  stream.on('error', () => {});
  const name = new URL(headers[':path'], 'http://localhost').pathname;
  if (name === '/chat') {
    stream.respond({ ':status': 200 });
    return stream.pipe(stream);
  }
  if (name === '/early') return sendFile(stream, 'small.txt');
  if (name === '/long-heads') {
    stream.respond({ ':status': 200, ...longFields });
    return stream.end();
  }
  if (name === '/push') {
    return stream.pushStream({ ':path': '/pushed' }, (error, pushed) => {
      pushed.respond({ ':status': 200 });
      pushed.end('pushed');
      sendFile(stream, 'small.txt');
    });
  }
  let length = 0;
  stream.on('data', (part) => { length += part.length; });
  stream.on('end', () => {
    if (name === '/length') send(stream, Buffer.from(String(length)));
    else sendFile(stream, name);
  });
});

// A limit of its own, where it is to have one: node's way to let a client go.
const limit = Number(process.env.OWN_LIMIT || Infinity);
server.on('session', (session) => {
  let streams = 0;
  session.on('stream', () => { if (++streams === limit) session.close(); });
});

server.on('sessionError', () => {});
server.listen(Number(process.env.PORT), '127.0.0.1');
