// node's own http server: so many requests in work at once, each for a fixed time, others wait.
'use strict';
const content = require('fs').readFileSync(process.env.INSTANCE);
const service = Number(process.env.SERVICE) * 1000;
let free = Number(process.env.WORKERS);
const waiting = [];

function work(response) {
  setTimeout(() => {
    response.writeHead(200, { 'Content-Length': content.length });
    response.end(content);
    if (waiting.length) work(waiting.shift());
    else free += 1;
  }, service);
}

const server = require('http').createServer((request, response) => {
  request.resume();
  if (!free) return waiting.push(response);
  free -= 1;
  work(response);
});
server.keepAliveTimeout = 600000;
server.listen(Number(process.env.PORT), process.env.ADDRESS, 512);
