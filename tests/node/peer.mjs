// The `ws` library as a peer: told what to do by lines of JSON on standard input, it tells what happens on
// standard output. Each command is answered by one line or more; binary data is base64.

import { readFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { createInterface } from "node:readline";
import WebSocket, { WebSocketServer } from "ws";

let socket = null; // the connection that commands are about
let listener = null;

const tell = (event, facts = {}) => process.stdout.write(JSON.stringify({ event, ...facts }) + "\n");

const compression = (wanted) => (wanted ? { threshold: 0 } : false);

function adopt(connection) {
  socket = connection;
  socket.on("message", (data, binary) =>
    tell("message", binary ? { binary: data.toString("base64") } : { text: data.toString() }));
  socket.on("pong", (data) => tell("pong", { payload: data.toString("base64") }));
  socket.on("close", (code, reason) => tell("close", { code, reason: reason.toString() }));
  socket.on("error", (error) => tell("error", { message: String(error) }));
}

const commands = {
  listen({ key, chain, compress, refuse, room }) {
    const http = key ? createHttps({ key: readFileSync(key), cert: readFileSync(chain) }) : createHttp();
    const server = new WebSocketServer({
      server: http,
      perMessageDeflate: compression(compress),
      maxPayload: room,
      verifyClient: (info, decide) => decide(!refuse, refuse),
    });
    server.on("connection", (connection) => {
      adopt(connection);
      tell("connection");
    });
    listener = http;
    http.listen(0, "127.0.0.1", () => tell("listening", { port: http.address().port }));
  },
  connect({ uri, authority, compress, room }) {
    const options = { perMessageDeflate: compression(compress), maxPayload: room };
    if (authority) options.ca = readFileSync(authority);
    const connection = new WebSocket(uri, options);
    connection.on("open", () => tell("open"));
    connection.on("unexpected-response", (request, response) => {
      tell("refused", { status: response.statusCode });
      request.destroy();
    });
    adopt(connection);
  },
  send({ text, binary }) {
    socket.send(binary === undefined ? text : Buffer.from(binary, "base64"));
  },
  fragments({ pieces }) {
    pieces.forEach((piece, index) => socket.send(piece, { fin: index === pieces.length - 1 }));
  },
  ping({ payload }) {
    socket.ping(Buffer.from(payload, "base64"));
  },
  close({ code, reason }) {
    socket.close(code, reason);
  },
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { command, ...facts } = JSON.parse(line);
    commands[command](facts);
  })
  .on("close", () => {
    listener?.close();
    process.exit(0);
  });
