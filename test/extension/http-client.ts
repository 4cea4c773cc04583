import { request } from "node:http";
import type { RequestOptions } from "node:http";

export interface Reply {
  status: number | undefined;
  contentType: string | undefined;
  text: string;
}

/**
 * One request to 127.0.0.1 on a connection of its own, closed afterwards: `fetch` in an extension host is
 * VS Code's, and keeps connections.
 */
export function ask(
  port: number,
  path: string,
  { body, ...options }: RequestOptions & { body?: unknown } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const sent = request({ host: "127.0.0.1", port, path, method, agent: false, ...options });
    sent.on("error", reject).on("response", (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      reply.on("error", reject).on("end", () => {
        const contentType = reply.headers["content-type"];
        resolve({ status: reply.statusCode, contentType, text });
      });
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
