// What the usual sample for ACS media streaming does: parse each message, append the raw PCM to a file per stream.
// `node sample.mjs HOST PORT FOLDER`. A plain GET answers how many streams are not yet written to their end. After SIGTERM
// the last line says how many audio frames came.
import { createServer } from "node:http";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { WebSocketServer } from "ws";

const [host, port, folder] = process.argv.slice(2);
let frames = 0;
let streams = 0;
let unwritten = 0;

const server = createServer((_, response) => response.end(String(unwritten)));

new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  const file = createWriteStream(join(folder, `${streams++}.pcm`));
  unwritten++;
  socket.on("message", (message) => {
    const packet = JSON.parse(message.toString());
    if (packet.kind !== "AudioData") return;
    frames++;
    file.write(Buffer.from(packet.audioData.data, "base64"));
  });
  socket.on("close", () => file.end(() => unwritten--));
});

process.on("SIGTERM", () => {
  process.stdout.write(`${frames}\n`);
  process.exit(0);
});
server.listen(Number(port), host, 1024);
