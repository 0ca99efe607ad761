// Echoes websocket messages, on Debian's node-ws; other requests get a small page.
'use strict';
const http = require('http');
const { WebSocketServer } = require('ws');

const server = http.createServer((request, response) => response.end('not a websocket\n'));
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', (message, binary) => socket.send(message, { binary }));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
