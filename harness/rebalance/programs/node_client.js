// node's own keep-alive agent, as an application would use it. The same orders and the same lines as
// pool_client.py; it opens a connection when a request has none, and repeats what node's manual says
// may be repeated: a request that met the end of a reused socket.
'use strict';
const http = require('http');

let begin = null;
const now = () => (begin === null ? -1 : Number(process.hrtime.bigint()) / 1e9 - begin);
const tell = (...words) => process.stdout.write(
  words.map((w) => (typeof w === 'number' && !Number.isInteger(w) ? w.toFixed(4) : w)).join(' ')
  + '\n');

function run(orders) {
  const { address, port, path, connections, due, end } = orders;
  const agent = new http.Agent({
    keepAlive: true, maxSockets: connections, maxFreeSockets: connections, scheduling: 'fifo' });
  const left = new Map();
  let sockets = 0;
  let jobs = 0;
  let warming = connections;

  function known(socket) {
    if (socket.number) return;
    socket.number = sockets += 1;
    socket.served = 0;
    socket.how = 'fin';
    tell('open', now(), socket.number);
    socket.on('error', () => { socket.how = 'reset'; });
    socket.on('close', () => tell('close', now(), socket.number, socket.served, socket.how));
  }

  function finish(job, response, socket, content) {
    const told = response.headers.connection === 'close';
    if (told) socket.how = 'told';
    socket.served += 1;
    left.delete(job.id);
    if (job.warm && !(warming -= 1)) tell('ready');
    if (response.statusCode !== 200) {
      return tell('fail', job.due, now(), socket.number, 'not-the-answer');
    }
    if (!job.warm) {
      tell('done', job.due, job.sent, now(), socket.number, content.trim(), job.tries,
        told ? 1 : 0);
    }
  }

  function ask(job) {
    job.tries += 1;
    let answered = false;
    const request = http.request({ host: address, port, path, agent });
    request.on('socket', (socket) => {
      known(socket);
      job.sent = now();
      request.connection_number = socket.number;
    });
    request.on('response', (response) => {
      answered = true;
      const { socket } = response;
      let content = '';
      response.on('data', (part) => { content += part; });
      response.on('end', () => finish(job, response, socket, content));
      response.on('error', () => tell('fail', job.due, now(), socket.number, 'cut'));
    });
    request.on('error', (error) => {
      const number = request.connection_number || 0;
      if (answered) return;
      if (request.reusedSocket && error.code === 'ECONNRESET' && job.tries < 3) {
        tell('retry', job.due, now(), number, error.code);
        return ask(job);
      }
      left.delete(job.id);
      tell('fail', job.due, now(), number, error.code);
    });
    request.end();
  }

  function start(job) {
    job.id = jobs += 1;
    job.tries = 0;
    left.set(job.id, job);
    ask(job);
  }

  for (let each = 0; each < connections; each += 1) start({ due: now(), warm: true });
  let next = 0;
  setInterval(() => {
    if (begin === null) return;
    while (next < due.length && due[next] <= now()) start({ due: due[next++] });
    if (now() < end) return;
    for (const job of left.values()) if (!job.warm) tell('left', job.due);
    process.stdout.write('', () => process.exit(0));
  }, 2);
}

process.on('SIGINT', () => {});  // the run ends us
process.stdout.on('error', () => process.exit(1));
let told = false;
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  if (told) begin = JSON.parse(line);
  else run(JSON.parse(line));
  told = true;
});
