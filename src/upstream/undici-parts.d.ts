// The parts of undici that we load one by one. Its root replaces the dispatcher behind the global fetch
// of the whole process, in VS Code that of every extension (cline/cline #11460), so it is never loaded.

declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  export default Agent;
}

declare module "undici/lib/api/api-request.js" {
  import type { Dispatcher } from "undici";
  /** undici's `request`, with the dispatcher as `this`. */
  export default function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
}
