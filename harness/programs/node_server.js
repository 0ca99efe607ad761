// node's own http server: alone, or as two cluster workers by the policy that argv names.
// One line on standard error for each executed request; upgrades and tunnels echo.
'use strict';
const cluster = require('cluster');
const fs = require('fs');
const http = require('http');
const path = require('path');

const www = process.env.WWW;
const port = Number(process.env.PORT);
const chunks = ['first\n', 'second '.repeat(5000) + '\n', 'third\n'];
const policies = { rr: cluster.SCHED_RR, none: cluster.SCHED_NONE };

function whole(request, then) {
  let length = 0;
  request.on('data', (part) => { length += part.length; });
  request.on('end', () => then(length));
}

function send(response, content, status = 200) {
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': content.length });
  response.end(content);
}

function sendFile(response, name) {
  fs.readFile(path.join(www, name), (error, content) => {
    if (error) send(response, Buffer.from('none\n'), 404);
    else send(response, content);
  });
}

function sendChunks(response) {
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  for (const chunk of chunks) response.write(chunk);
  response.end();
}

function answer(request, response) {
  process.stderr.write(`${request.method} ${request.url}\n`);
  const name = new URL(request.url, 'http://localhost').pathname;
  if (name === '/early') return sendFile(response, 'small.txt');
  whole(request, (length) => {
    if (name === '/length') send(response, Buffer.from(String(length)));
    else if (name === '/chunks') sendChunks(response);
    else sendFile(response, name);
  });
}

function echo(line) {
  return (request, socket, first) => {
    socket.on('error', () => {});
    socket.write(line);
    if (first.length) socket.write(first);
    socket.pipe(socket);
  };
}

function serve() {
  const server = http.createServer(answer);
  server.keepAliveTimeout = 60000;
  server.on('upgrade', echo(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'));
  server.on('connect', echo('HTTP/1.1 200 Connected\r\n\r\n'));
  server.listen(port, '127.0.0.1');
}

const policy = policies[process.argv[2]];
if (policy !== undefined && cluster.isPrimary) {
  cluster.schedulingPolicy = policy;
  cluster.fork();
  cluster.fork();
} else {
  serve();
}
