import { join } from "node:path";
import { casesIn, PIECE_SIZES, playCase } from "../support/golden.ts";

const ENDPOINTS = {
  chat: "/api/chat",
  presets: "/api/chat",
  quirks: "/api/chat",
  generate: "/api/generate",
  "v1-chat": "/v1/chat/completions",
  "v1-completions": "/v1/completions",
};

for (const [endpoint, route] of Object.entries(ENDPOINTS)) {
  const folder = join(import.meta.dirname, endpoint);
  describe(`golden ${endpoint}`, () => {
    for (const name of casesIn(folder)) {
      for (const size of PIECE_SIZES) {
        const pieces = size === Infinity ? "whole" : `in pieces of ${size}`;
        it(`${name}, ${pieces}`, () => playCase(join(folder, name), route, size));
      }
    }
  });
}
