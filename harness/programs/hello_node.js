// node's own http server, with nothing but a fixed answer; LIMIT is its own limit of requests on a
// connection, 0 for none.
'use strict';
const http = require('http');

const content = Buffer.from('sixteen bytes..\n'.repeat(8));
const head = { 'Content-Type': 'text/plain', 'Content-Length': content.length };

const server = http.createServer((request, response) => {
  response.writeHead(200, head);
  response.end(content);
});
server.keepAliveTimeout = 60000;
server.maxRequestsPerSocket = Number(process.env.LIMIT);
server.listen(Number(process.env.PORT), '127.0.0.1');
