import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import {
  CLOSING_EVENTS,
  MODEL_LIST,
  ROLE_EVENT,
  WHOLE_ANSWER,
  contentWrites,
  type Script,
} from "./completion.ts";
import { announce } from "./announce.ts";

// A process of its own: an OpenAI-compatible provider that plays the script last sent to POST /control.

let script: Script = { chunks: 16, eventsPerWrite: 1, intervalMs: 0 };
let writes = contentWrites(script.eventsPerWrite);

announce(
  createServer((request, response) => {
    void answer(request, response);
  }),
);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  if (request.url === "/control") {
    script = JSON.parse(body) as Script;
    writes = contentWrites(script.eventsPerWrite);
    response.end();
  } else if (request.url === "/v1/models") {
    response.setHeader("content-type", "application/json").end(MODEL_LIST);
  } else if ((JSON.parse(body) as { stream?: boolean }).stream === true) {
    play(response);
  } else {
    response.setHeader("content-type", "application/json").end(WHOLE_ANSWER);
  }
}

/** Each write in a turn of the event loop of its own, and none while the socket is full. */
function play(response: ServerResponse): void {
  const { chunks, eventsPerWrite, intervalMs } = script;
  const total = chunks / eventsPerWrite;
  let written = 0;
  const later = intervalMs === 0 ? setImmediate : setTimeout;
  const scheduleNext = () => later(writeNext, intervalMs);

  function writeNext(): void {
    if (response.destroyed) return;
    if (written === total) {
      response.end(CLOSING_EVENTS);
    } else if (response.write(writes[written++ % writes.length])) {
      scheduleNext();
    } else {
      response.once("drain", scheduleNext);
    }
  }

  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  response.write(ROLE_EVENT);
  scheduleNext();
}
